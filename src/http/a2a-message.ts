// A2A over JSON-RPC, as values: what a request asks of the node, and how it is answered.
import { isObject, type JsonObject, type JsonValue } from '../protocol/json.ts';

/** JSON-RPC 2.0 §5.1 and A2A 1.0.1 §9.5. */
type A2aError =
  | 'parse'
  | 'request'
  | 'method'
  | 'params'
  | 'task'
  | 'push'
  | 'unsupported'
  | 'content'
  | 'extended'
  | 'version';

const ERRORS: Readonly<Record<A2aError, readonly [code: number, message: string]>> = {
  parse: [-32700, 'Parse error'],
  request: [-32600, 'Invalid Request'],
  method: [-32601, 'Method not found'],
  params: [-32602, 'Invalid params'],
  task: [-32001, 'Task not found'],
  push: [-32003, 'Push Notification is not supported'],
  unsupported: [-32004, 'This operation is not supported'],
  content: [-32005, 'Incompatible content types'],
  extended: [-32007, 'Extended Agent Card is not configured'],
  version: [-32009, 'Protocol version is not supported'],
};

/** Every answer here is a message at once: there are no tasks to get, to cancel or to subscribe to. */
const OTHER_METHODS: Readonly<Record<string, A2aError>> = {
  SendStreamingMessage: 'unsupported',
  GetTask: 'task',
  CancelTask: 'task',
  SubscribeToTask: 'unsupported',
  CreateTaskPushNotificationConfig: 'push',
  GetTaskPushNotificationConfig: 'push',
  ListTaskPushNotificationConfigs: 'push',
  DeleteTaskPushNotificationConfig: 'push',
  GetExtendedAgentCard: 'extended',
};

export type Asked =
  | { readonly kind: 'read'; readonly path: string }
  | { readonly kind: 'submit'; readonly object: JsonObject };

export type ReadMessage =
  | {
      readonly ok: true;
      readonly id: JsonValue;
      readonly contextId: string | null;
      readonly asked: Asked;
    }
  | { readonly ok: false; readonly answer: JsonObject };

/** `version` is the field `A2A-Version`; empty means 0.3, which is not spoken here. */
export function readMessage(text: string, version: string | undefined): ReadMessage {
  let call: unknown;
  try {
    call = JSON.parse(text);
  } catch {
    return refused(null, 'parse');
  }
  if (!isObject(call)) return refused(null, 'request', 'One call at a time, as an object.');
  const { id, jsonrpc, method, params } = call;
  const known = typeof id === 'string' || typeof id === 'number' ? id : null;
  if (jsonrpc !== '2.0' || typeof method !== 'string' || known === null) {
    return refused(known, 'request');
  }
  if (version !== '1.0') return refused(known, 'version', 'Say A2A-Version: 1.0.');
  if (method === 'ListTasks') {
    const none = { tasks: [], nextPageToken: '', pageSize: 50, totalSize: 0 };
    return { ok: false, answer: { jsonrpc, id: known, result: none } };
  }
  const other = Object.hasOwn(OTHER_METHODS, method) ? OTHER_METHODS[method] : undefined;
  if (other !== undefined) return refused(known, other);
  if (method !== 'SendMessage') return refused(known, 'method');
  const message = isObject(params) ? params.message : null;
  if (!isObject(message) || message.role !== 'ROLE_USER' || !Array.isArray(message.parts)) {
    return refused(known, 'params', 'params.message is a message of ROLE_USER with parts.');
  }
  if (typeof message.taskId === 'string' && message.taskId !== '') return refused(known, 'task');
  const asked = askedBy(message.parts);
  if (asked === null) {
    return refused(known, 'content', 'One part with data: {"read": PATH} or {"submit": OBJECT}.');
  }
  const { contextId } = message;
  const context = typeof contextId === 'string' && contextId !== '' ? contextId : null;
  return { ok: true, id: known, contextId: context, asked };
}

function askedBy(parts: readonly unknown[]): Asked | null {
  const [part] = parts;
  const data = parts.length === 1 && isObject(part) ? part.data : null;
  if (!isObject(data) || Object.keys(data).length !== 1) return null;
  const { read, submit } = data;
  if (typeof read === 'string') return { kind: 'read', path: read };
  return isObject(submit) ? { kind: 'submit', object: submit } : null;
}

/** A2A 1.0.1 §9.4.1: the answer, whatever it says, is a message of the agent. */
export function answerMessage(
  id: JsonValue,
  ids: { readonly messageId: string; readonly contextId: string },
  data: JsonValue,
  metadata: JsonObject,
): JsonObject {
  const parts = [{ data, mediaType: 'application/json' }];
  const message = { ...ids, role: 'ROLE_AGENT', parts, metadata };
  return { jsonrpc: '2.0', id, result: { message } };
}

function refused(id: JsonValue, error: A2aError, detail?: string): ReadMessage {
  const [code, message] = ERRORS[error];
  const text = detail === undefined ? message : `${message}: ${detail}`;
  return { ok: false, answer: { jsonrpc: '2.0', id, error: { code, message: text } } };
}
