// Writes down that a peer follows a log of this node, so that new entries are pushed to it.
import type { Did } from '../protocol/did.ts';
import { readLog, selectLog } from '../store/logs.ts';
import { selectPeer } from '../store/peers.ts';
import { deleteFollower, insertFollower } from '../store/write-peers.ts';
import { admit, type Replayed } from './admit.ts';
import type { Caller, CommandContext } from './context.ts';
import type { Sequencer } from './sequencer.ts';

export type FollowerOutcome =
  /** `size`: entries of the log. */
  | { readonly ok: true; readonly size: number }
  | {
      readonly ok: false;
      readonly reason: 'peer_unknown' | 'log_unknown';
      readonly detail: string;
    }
  | Replayed;

export interface FollowerRequest {
  readonly origin: string;
  readonly peer: Did;
  readonly caller: Caller | null;
}

/** Adding a follower again changes nothing, its cursor included. */
export function addFollower(
  context: CommandContext,
  sequencer: Sequencer,
  request: FollowerRequest,
): Promise<FollowerOutcome> {
  return changeFollower(context, sequencer, request, 'add');
}

/** Removing one that is not there is no mistake. */
export function removeFollower(
  context: CommandContext,
  sequencer: Sequencer,
  request: FollowerRequest,
): Promise<FollowerOutcome> {
  return changeFollower(context, sequencer, request, 'remove');
}

function changeFollower(
  context: CommandContext,
  sequencer: Sequencer,
  { caller, origin, peer }: FollowerRequest,
  change: 'add' | 'remove',
): Promise<FollowerOutcome> {
  const reads = [selectPeer(peer), selectLog(origin)];
  return admit<FollowerOutcome>(context, sequencer, caller, reads, ([peers, logs]) => {
    const log = logs?.[0] === undefined ? null : readLog(logs[0]);
    if (log === null || !log.isHome) {
      const detail = `this node is not the home of ${origin}`;
      return { result: { ok: false, reason: 'log_unknown', detail } };
    }
    if (peers?.[0] === undefined) {
      const detail = `${peer} is no peer of this node`;
      return { result: { ok: false, reason: 'peer_unknown', detail } };
    }
    const write =
      change === 'add' ? insertFollower(origin, peer, context.now()) : deleteFollower(origin, peer);
    return { result: { ok: true, size: log.size }, write: [write] };
  });
}
