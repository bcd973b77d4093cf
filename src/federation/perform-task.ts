// Does one piece of work with a peer, and says when it may come again.
import type { Peer, Source } from '../store/peers.ts';
import { findSource, listWaiting } from '../store/queries/peers.ts';
import { announceChanges } from './announce-changes.ts';
import { askOwnHeads } from './ask-own-heads.ts';
import { compareHeads } from './compare-heads.ts';
import type { FederationContext } from './context.ts';
import { followSystemLog } from './follow-system-log.ts';
import { forwardSubmissions } from './forward-submissions.ts';
import type { Task } from './list-work.ts';
import type { PeerFailure } from './peer-client.ts';
import { pushEntries } from './push-entries.ts';
import { replicateLog } from './replicate-log.ts';
import { settleSeen } from './settle-heads.ts';
import { subscribe } from './subscribe.ts';

/** What the worker remembers between two pieces of work of one kind. */
export interface Memory {
  /** Milliseconds between pulls of a log that is in step. */
  readonly pullEveryMs: number;
  /** When the home of a log was last asked to push, by origin. */
  readonly subscribedAt: Map<string, number>;
  /** How far the objects that wait for a home have been sent, and when they are sent again, by its DID. */
  readonly forwarded: Map<string, { readonly through: number; readonly againAt: number }>;
  /** When heads of a log were compared last, by origin. */
  readonly comparedAt: Map<string, number>;
  /** URL origins of nodes that have said which heads of this node's logs they hold. */
  readonly asked: Set<string>;
  /** Tells the operator. */
  readonly report: Report;
}

export type Report = (event: FederationEvent) => void;

/** What an operator should hear of. */
export interface FederationEvent {
  readonly event: 'forked' | 'held' | 'halted' | 'dropped' | 'refused' | 'unreachable' | 'failed';
  readonly peer: string;
  readonly log?: string;
  readonly detail: string;
}

export interface Performed {
  /** Trouble with the peer itself; null if it answered. */
  readonly failure: PeerFailure | null;
  /** Milliseconds from now before which the same work need not come again, unless it is wished for. */
  readonly restMs: number;
}

/** A follower that pulls by itself is not asked at once how far it has got. */
const SHORT_REST_MS = 5_000;
const MOVED_REST_MS = 1_000;
const SUBSCRIBE_EVERY_MS = 600_000;
const COMPARE_EVERY_MS = 600_000;
/** What a home has accepted comes back by its log; if it has not by then, the home is asked once more. */
const FORWARD_AGAIN_MS = 60_000;
const ANNOUNCE_AGAIN_MS = 600_000;

export function performTask(
  context: FederationContext,
  memory: Memory,
  task: Task,
): Promise<Performed> {
  switch (task.kind) {
    case 'push':
      return push(context, memory, task);
    case 'pull':
      return pull(context, memory, task.source);
    case 'forward':
      return forward(context, memory, task.peer);
    case 'announce':
      return announce(context, memory, task);
    case 'compare':
      return compare(context, memory, task);
    case 'ask':
      return ask(context, memory, task.peer);
  }
}

async function push(
  context: FederationContext,
  { report }: Memory,
  { follower }: Extract<Task, { kind: 'push' }>,
): Promise<Performed> {
  const { origin: log, peerDid: peer } = follower;
  const pushed = await pushEntries(context, follower);
  if (pushed.kind === 'unreachable') return { failure: pushed.failure, restMs: 0 };
  if (pushed.kind === 'dropped') {
    report({ event: 'dropped', peer, log, detail: pushed.code });
  }
  // It says itself where it is, and may say so again and again: only who has everything is served at once.
  const inStep = pushed.kind === 'acknowledged' && !pushed.behind;
  const moved = pushed.kind === 'acknowledged' && pushed.size > follower.size;
  return { failure: null, restMs: inStep ? 0 : moved ? MOVED_REST_MS : SHORT_REST_MS };
}

async function pull(
  context: FederationContext,
  { pullEveryMs, report, subscribedAt }: Memory,
  source: Source,
): Promise<Performed> {
  const { origin: log, peerDid: peer } = source;
  const pulled = await replicateLog(context, log);
  switch (pulled.kind) {
    case 'unreachable':
      return { failure: pulled.failure, restMs: pullEveryMs };
    case 'halted':
      report({ event: 'halted', peer, log, detail: pulled.reason });
      return { failure: null, restMs: pullEveryMs };
    case 'gone':
      return { failure: null, restMs: pullEveryMs };
    case 'busy':
      return { failure: null, restMs: SHORT_REST_MS };
    case 'later':
      report({ event: 'failed', peer, log, detail: pulled.detail });
      return { failure: null, restMs: pullEveryMs };
    case 'advanced':
    case 'current':
      break;
  }
  await settleSeen(context, log);
  // What was pulled was not pushed: the home may have forgotten that this node follows.
  const asked = subscribedAt.get(log);
  const missed = pulled.kind === 'advanced' && context.now() - (asked ?? 0) >= SUBSCRIBE_EVERY_MS;
  if (asked !== undefined && !missed) return { failure: null, restMs: pullEveryMs };
  const failure = await subscribe(context, source);
  if (failure === null) subscribedAt.set(log, context.now());
  // The home knows this node by now, or a second request would meet it while it still asks who that is.
  const introduced = failure === null || failure.problem.code === 'too_many_followers';
  if (source.submolt !== null && introduced) await followSystemLog(context, source);
  return { failure, restMs: pullEveryMs };
}

/** Tiles are fetched for it, so it does not come often. */
async function compare(
  context: FederationContext,
  { comparedAt }: Memory,
  { origin, peer }: Extract<Task, { kind: 'compare' }>,
): Promise<Performed> {
  const before = comparedAt.get(origin) ?? Number.NEGATIVE_INFINITY;
  const wait = before + COMPARE_EVERY_MS - context.now();
  if (wait > 0) return { failure: null, restMs: wait };
  comparedAt.set(origin, context.now());
  await compareHeads(context, origin, peer.url);
  return { failure: null, restMs: COMPARE_EVERY_MS };
}

async function forward(
  context: FederationContext,
  { forwarded, report, subscribedAt }: Memory,
  home: Peer,
): Promise<Performed> {
  const now = context.now();
  const before = forwarded.get(home.did);
  const again = before === undefined || now >= before.againAt;
  const sent = await forwardSubmissions(context, home, again ? 0 : before.through);
  if (sent.kind === 'unreachable') return { failure: sent.failure, restMs: 0 };
  if (sent.kind === 'nothing') {
    if (again) forwarded.delete(home.did);
    return { failure: null, restMs: again ? 0 : before.againAt - now };
  }
  const { logs, refused, through } = sent;
  const againAt = again ? now + FORWARD_AGAIN_MS : before.againAt;
  forwarded.set(home.did, { through, againAt });
  if (refused > 0) report({ event: 'refused', peer: home.did, detail: `${refused} objects` });
  for (const log of logs) {
    // A home that pushes sends the entry by itself. It names the log: only one replicated from it is worth a pull.
    const pushed = subscribedAt.has(log);
    const source = pushed ? null : await findSource(context.db, log);
    if (source?.peerDid === home.did) context.wantPull(log);
  }
  const [more] = await listWaiting(context.db, home.did, 1, through);
  return { failure: null, restMs: more === undefined ? againAt - now : 0 };
}

async function announce(
  context: FederationContext,
  { report }: Memory,
  task: Extract<Task, { kind: 'announce' }>,
): Promise<Performed> {
  const done = await announceChanges(context, task);
  if (done.kind === 'unreachable') return { failure: done.failure, restMs: 0 };
  if (done.kind === 'refused') {
    report({ event: 'refused', peer: task.peer.did, detail: done.detail });
  }
  return { failure: null, restMs: done.kind === 'later' ? ANNOUNCE_AGAIN_MS : 0 };
}

/** Once: later heads ride on messages. */
async function ask(
  { client, gossip, node }: FederationContext,
  { asked }: Memory,
  { url }: Peer,
): Promise<Performed> {
  const heads = await askOwnHeads(client, node, url);
  if (!heads.ok) {
    if (!heads.again) asked.add(url);
    return { failure: heads.again ? heads : null, restMs: 0 };
  }
  for (const note of heads.value) await gossip.takeOwn(note, url);
  asked.add(url);
  return { failure: null, restMs: 0 };
}
