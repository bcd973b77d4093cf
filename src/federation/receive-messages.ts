// Takes messages from another node's agents to agents of this one: each for itself, in the order they stand in.
import type { Caller } from '../commands/context.ts';
import type { MessageLimits } from '../commands/envelope-rules.ts';
import { hostOfDid } from '../commands/host-of-did.ts';
import { refuseChain } from '../commands/judge-chain.ts';
import { takeEnvelope } from '../commands/take-envelope.ts';
import { parseDid } from '../protocol/did.ts';
import { canonicalize } from '../protocol/jcs.ts';
import { isObject, type JsonObject, type JsonValue } from '../protocol/json.ts';
import { nameOf, type ObjectName } from '../protocol/object-name.ts';
import { verifyEnvelope } from '../protocol/signed-envelope.ts';
import { type PeerAnswer, refusePeer } from './answer.ts';
import type { FederationContext } from './context.ts';
import { belongsTo } from './discover-node.ts';
import { parseOriginUrl } from './introduce-peer.ts';
import { hasExactly } from './json-shape.ts';
import { noteContact } from './note-contact.ts';

/** Envelopes in one request: each may have some 140 kB. */
export const MAX_MESSAGES = 16;

/** Hosts that are asked for keys for one request: nobody sends this node to the whole network at once. */
const MAX_HOSTS = 4;

/** `taken` also what was taken before. `deferred`: to be sent again later, and what the sender has written since after it. */
export type MessageResult =
  | { readonly id: ObjectName; readonly status: 'taken' }
  | {
      readonly id: ObjectName;
      readonly status: 'refused';
      readonly code: string;
      readonly detail: string;
    }
  | { readonly id: ObjectName; readonly status: 'deferred'; readonly detail: string };

interface Posted {
  readonly envelope: JsonObject;
  readonly chain: readonly JsonValue[];
}

/** Refusals that time may change. */
const PASSING: ReadonlySet<string> = new Set(['mailbox_full', 'too_many_messages']);

/**
 * `POST /federation/messages`. The caller is the node that the senders write by, and each of them says so itself: nobody else
 * delivers for them, and answers find their way back.
 */
export async function receiveMessages(
  context: FederationContext,
  caller: Caller,
  value: JsonValue,
): Promise<PeerAnswer<{ readonly results: readonly MessageResult[] }>> {
  const request = parseRequest(value);
  if (request === null) {
    const shape = `{"node":"<URL>","messages":[{"envelope":{…},"chain":[…]}]}`;
    return refusePeer('malformed_request', `not ${shape} with 1 to ${MAX_MESSAGES}`);
  }
  const { messages, url } = request;
  if (!belongsTo(caller.did, url)) {
    return refusePeer('node_mismatch', `${url} is not the origin of ${caller.did}`);
  }
  await noteContact(context, caller.did);
  const place = { node: caller.did, url };
  const results: MessageResult[] = [];
  const held = new Set<JsonValue | undefined>();
  const hosts = new Set<string>();
  for (const posted of messages) {
    const { actor } = posted.envelope;
    const id = nameOf(canonicalize(posted.envelope), context.crypto);
    const sender = typeof actor === 'string' ? parseDid(actor) : null;
    const asked = sender && hostOfDid(sender, context.node.origin);
    const far = asked !== null && !hosts.has(asked) && hosts.size >= MAX_HOSTS;
    if (asked !== null && !far) hosts.add(asked);
    const result: MessageResult =
      held.has(actor) || far
        ? { id, status: 'deferred', detail: 'Others have to come before it.' }
        : await receiveOne(context, place, posted, id);
    // Later ones may rest on it.
    if (result.status === 'deferred') held.add(actor);
    results.push(result);
  }
  return { ok: true, status: 200, body: { results } };
}

async function receiveOne(
  context: FederationContext,
  place: { readonly node: string; readonly url: string },
  { chain, envelope }: Posted,
  id: ObjectName,
): Promise<MessageResult> {
  const resolveKey = context.keys.published;
  const verdict = await verifyEnvelope(envelope, { ...context, resolveKey });
  if (!verdict.ok) return settle(id, verdict.reason, verdict.detail, verdict.retryable);
  const { verified } = verdict;
  if (verified.envelope.origin !== place.node) {
    return settle(id, 'other_node', `origin is ${verified.envelope.origin}, not ${place.node}`);
  }
  const refused = await refuseChain(context, verified.envelope, chain, resolveKey);
  if (refused !== null) return settle(id, refused.reason, refused.detail, refused.retryable);
  const limits: MessageLimits = context.messages;
  const outcome = await takeEnvelope(
    context,
    context.sequencer,
    { chain, verified },
    place,
    limits,
  );
  if (outcome.ok) return { id, status: 'taken' };
  const code = 'code' in outcome ? outcome.code : outcome.reason;
  return settle(id, code, outcome.detail, PASSING.has(code));
}

function settle(id: ObjectName, code: string, detail: string, again = false): MessageResult {
  return again ? { id, status: 'deferred', detail } : { id, status: 'refused', code, detail };
}

function parseRequest(
  value: JsonValue,
): { readonly url: string; readonly messages: readonly Posted[] } | null {
  if (!isObject(value) || !hasExactly(value, 'node', 'messages')) return null;
  const { messages, node } = value;
  const url = typeof node === 'string' ? parseOriginUrl(node) : null;
  if (url === null || !Array.isArray(messages)) return null;
  if (messages.length === 0 || messages.length > MAX_MESSAGES) return null;
  const posted: Posted[] = [];
  for (const one of messages) {
    if (!isObject(one) || !hasExactly(one, 'envelope', 'chain')) return null;
    const { chain, envelope } = one;
    if (!isObject(envelope) || !Array.isArray(chain) || chain.length > 3) return null;
    posted.push({ envelope, chain });
  }
  return { url, messages: posted };
}
