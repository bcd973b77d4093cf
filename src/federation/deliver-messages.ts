// Sends another node what waits for its agents, and writes down what it says to each.
import { record } from '../commands/admit.ts';
import { utf8 } from '../protocol/bytes.ts';
import { isObject, type JsonValue, parseIJson } from '../protocol/json.ts';
import type { Statement } from '../store/database.ts';
import { settleDelivery } from '../store/messages.ts';
import { listWaitingMessages, type WaitingMessage } from '../store/queries/messages.ts';
import { findPeerByAuthority } from '../store/queries/peers.ts';
import type { FederationContext } from './context.ts';
import type { PeerFailure } from './peer-client.ts';
import { MAX_MESSAGES } from './receive-messages.ts';

const SEND = { timeMs: 10_000, maxBytes: 262_144 } as const;
/** Below what one request may have, whatever stands around the envelopes. */
const MAX_BYTES = 900_000;

export type Delivered =
  /** `left`: some have to be sent again later. */
  | { readonly kind: 'answered'; readonly refused: number; readonly left: boolean }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unreachable'; readonly detail: string; readonly waitMs: number | null };

interface Refused {
  readonly code: string;
  readonly detail: string;
}

/** One request, with the oldest messages that wait for the node at this URL origin. */
export async function deliverMessages(
  context: FederationContext,
  target: string,
): Promise<Delivered> {
  const batch = fitting(await listWaitingMessages(context.db, target, MAX_MESSAGES));
  if (batch.length === 0) return { kind: 'nothing' };
  const peer = await findPeerByAuthority(context.db, new URL(target).host);
  if (peer !== null && peer.droppedAt !== null) {
    const detail = 'The operators of this node have ended the exchange with that one.';
    return settleAll(context, batch, { code: 'peer_dropped', detail });
  }
  const body = bodyOf(context.node.origin, batch);
  const reply = await context.client.send('POST', `${target}/federation/messages`, body, SEND);
  if (!reply.ok) {
    const refused = refusalOf(reply, target);
    if (refused !== null) return settleAll(context, batch, refused);
    return { kind: 'unreachable', detail: reply.detail, waitMs: reply.retryAfterMs };
  }
  const results = parseResults(reply.body);
  if (results === null) {
    const detail = `${target} answers with something else than results`;
    return { kind: 'unreachable', detail, waitMs: null };
  }
  const settled: Statement[] = [];
  let refused = 0;
  for (const { id, name } of batch) {
    const result = results.get(name);
    if (result === undefined || result === 'deferred') continue;
    settled.push(settleDelivery(id, result === 'taken' ? null : result));
    if (result !== 'taken') refused += 1;
  }
  if (settled.length > 0) await record(context, context.sequencer, settled);
  return { kind: 'answered', refused, left: settled.length < batch.length };
}

function fitting(waiting: readonly WaitingMessage[]): readonly WaitingMessage[] {
  let bytes = 0;
  const fit = waiting.findIndex((one) => {
    bytes += one.bytes.length + one.chain.length + 100;
    return bytes > MAX_BYTES;
  });
  return fit <= 0 ? waiting.slice(0, fit === 0 ? 1 : undefined) : waiting.slice(0, fit);
}

/** Spelled from what is stored, so that no envelope is parsed and written again. */
function bodyOf(node: string, batch: readonly WaitingMessage[]): Uint8Array {
  const messages = batch.map(
    ({ bytes, chain }) => `{"chain":${chain},"envelope":${Buffer.from(bytes).toString()}}`,
  );
  return utf8(`{"messages":[${messages.join()}],"node":${JSON.stringify(node)}}`);
}

/** What is final about a failure: no node there, or one that takes nothing from this one. Everything else may pass. */
function refusalOf({ problem, status }: PeerFailure, target: string): Refused | null {
  if (problem.code === 'peer_dropped') {
    return { code: 'peer_dropped', detail: `${target} takes nothing more from this node.` };
  }
  if (status !== 404 && status !== 405 && status !== 410) return null;
  return { code: 'recipient_unknown', detail: `${target} is no node that takes messages.` };
}

async function settleAll(
  context: FederationContext,
  batch: readonly WaitingMessage[],
  refused: Refused,
): Promise<Delivered> {
  const settled = batch.map(({ id }) => settleDelivery(id, refused));
  await record(context, context.sequencer, settled);
  return { kind: 'answered', refused: batch.length, left: false };
}

function parseResults(
  body: Uint8Array,
): ReadonlyMap<string, 'taken' | 'deferred' | Refused> | null {
  const parsed = parseIJson(body, { maxBytes: SEND.maxBytes });
  const list = parsed.ok && isObject(parsed.value) ? parsed.value.results : null;
  if (!Array.isArray(list)) return null;
  return new Map(list.flatMap((value) => parseResult(value) ?? []));
}

function parseResult(value: JsonValue): [[string, 'taken' | 'deferred' | Refused]] | null {
  if (!isObject(value) || typeof value.id !== 'string') return null;
  const { code, detail, id, status } = value;
  if (status === 'taken' || status === 'deferred') return [[id, status]];
  if (status !== 'refused' || typeof code !== 'string' || !/^[a-z_]{1,40}$/.test(code)) return null;
  return [[id, { code, detail: typeof detail === 'string' ? detail.slice(0, 500) : '' }]];
}
