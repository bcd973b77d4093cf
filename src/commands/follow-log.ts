// Starts a replica of a log that another node is home of.
import { emptyRoot } from '../log/merkle.ts';
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { readLog, selectLog, selectLogOfSubmolt } from '../store/logs.ts';
import { selectPeer } from '../store/peers.ts';
import { insertReplica } from '../store/write-peers.ts';
import { admit, type Replayed } from './admit.ts';
import type { Caller, CommandContext } from './context.ts';
import type { Sequencer } from './sequencer.ts';

export interface FollowRequest {
  /** Home of the log; a peer already. */
  readonly peer: Did;
  readonly origin: string;
  /** Null for the peer's system log. */
  readonly submolt: ObjectName | null;
  readonly caller: Caller | null;
}

export type FollowOutcome =
  /** `size` is what this node has of the log: 0 for a new replica. */
  | { readonly ok: true; readonly size: number; readonly first: boolean }
  | {
      readonly ok: false;
      readonly reason: 'peer_unknown' | 'own_log' | 'submolt_elsewhere';
      readonly detail: string;
    }
  | Replayed;

/** Makes an empty replica; entries come by `applyEntries`. Following again changes nothing. */
export function followLog(
  context: CommandContext,
  sequencer: Sequencer,
  { caller, origin, peer, submolt }: FollowRequest,
): Promise<FollowOutcome> {
  const reads = [
    selectPeer(peer),
    selectLog(origin),
    ...(submolt === null ? [] : [selectLogOfSubmolt(submolt)]),
  ];
  return admit<FollowOutcome>(context, sequencer, caller, reads, ([peers, logs, others]) => {
    const known = [...(logs ?? []), ...(others ?? [])].map((row) => readLog(row))[0];
    if (known?.isHome) return refuse('own_log', `this node is the home of ${known.origin}`);
    if (known !== undefined && known.origin !== origin) {
      return refuse('submolt_elsewhere', `the submolt is replicated from ${known.origin} already`);
    }
    if (known !== undefined) return { result: { ok: true, size: known.size, first: false } };
    if (peers?.[0] === undefined) return refuse('peer_unknown', `${peer} is no peer of this node`);
    const replica = { origin, peer, submolt, emptyRoot: emptyRoot(context.crypto) };
    return {
      result: { ok: true, size: 0, first: true },
      write: insertReplica(replica, context.now()),
    };
  });
}

function refuse(reason: 'peer_unknown' | 'own_log' | 'submolt_elsewhere', detail: string) {
  return { result: { ok: false, reason, detail } } as const;
}
