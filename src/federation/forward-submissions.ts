// Sends a home what agents of this node have submitted to its submolts, and writes down what it refuses.
import { type ForwardRefusal, settleForward } from '../commands/settle-forward.ts';
import { isObject, type JsonValue, parseIJson } from '../protocol/json.ts';
import type { Peer } from '../store/peers.ts';
import { listWaiting } from '../store/queries/peers.ts';
import type { FederationContext } from './context.ts';
import { MAX_SUBMISSIONS, packSubmissions } from './pack-submissions.ts';
import { failure, type PeerFailure } from './peer-client.ts';

const SEND = { timeMs: 30_000, maxBytes: 1024 * 1024 } as const;
/** As long as a home takes objects: later it would refuse them for their age. */
const DEFERRED_AT_MOST_MS = 24 * 3_600_000;

export type Forward =
  /**
   * Everything up to the waiting object with the id `through` has its answer. What was accepted or deferred goes on
   * waiting; `logs` are the origins that accepted entries will come through.
   */
  | {
      readonly kind: 'answered';
      readonly through: number;
      readonly refused: number;
      readonly logs: ReadonlySet<string>;
    }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unreachable'; readonly failure: PeerFailure };

/** One request, with the oldest objects that wait for this home and whose ids are above `after`. */
export async function forwardSubmissions(
  context: FederationContext,
  home: Peer,
  after: number,
): Promise<Forward> {
  const waiting = await listWaiting(context.db, home.did, MAX_SUBMISSIONS, after);
  if (waiting.length === 0) return { kind: 'nothing' };
  const { batch, body } = await packSubmissions(context, waiting);
  const url = `${home.url}/federation/submissions`;
  const reply = await context.client.send('POST', url, body, SEND);
  if (!reply.ok) return { kind: 'unreachable', failure: reply };
  const results = parseResults(reply.body);
  if (results === null) {
    return unreachable(`${url} answers with something else than results`);
  }
  const refusals: ForwardRefusal[] = [];
  const logs = new Set<string>();
  let through = after;
  for (const { createdAt, id, name } of batch) {
    const result = results.get(name);
    if (result === undefined) break;
    if (result.status === 'accepted') logs.add(result.log);
    else if (result.status === 'refused') refusals.push({ name, ...result });
    // One author whose host is down must not hold up all others: what is deferred has its turn again later.
    else if (context.now() - createdAt > DEFERRED_AT_MOST_MS) {
      refusals.push({ name, code: 'key_unresolvable', detail: result.detail });
    }
    through = id;
  }
  if (refusals.length > 0) await settleForward(context, context.sequencer, refusals);
  if (through === after) return unreachable(`${url} answers for other objects`);
  return { kind: 'answered', through, refused: refusals.length, logs };
}

type Result =
  | { readonly status: 'accepted'; readonly log: string }
  | { readonly status: 'refused'; readonly code: string; readonly detail: string }
  | { readonly status: 'deferred'; readonly detail: string };

function parseResults(body: Uint8Array): ReadonlyMap<string, Result> | null {
  const parsed = parseIJson(body, { maxBytes: SEND.maxBytes });
  const list = parsed.ok && isObject(parsed.value) ? parsed.value.results : null;
  if (!Array.isArray(list)) return null;
  const results = new Map<string, Result>();
  for (const value of list) {
    const result = parseResult(value);
    if (result !== null) results.set(...result);
  }
  return results;
}

function parseResult(value: JsonValue): [string, Result] | null {
  if (!isObject(value) || typeof value.id !== 'string') return null;
  const { id, status, code, detail, receipt } = value;
  const said = typeof detail === 'string' ? detail.slice(0, 1000) : '';
  if (status === 'deferred') return [id, { status, detail: said }];
  if (status === 'accepted' && isObject(receipt) && typeof receipt.log === 'string') {
    return [id, { status, log: receipt.log }];
  }
  if (status !== 'refused' || typeof code !== 'string') return null;
  return /^[a-z_]{1,40}$/.test(code) ? [id, { status, code, detail: said }] : null;
}

function unreachable(detail: string): Forward {
  return { kind: 'unreachable', failure: failure({ again: true, detail }) };
}
