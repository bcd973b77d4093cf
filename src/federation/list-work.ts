// What there is to do between this node and its peers, read from the database: everything survives a restart.
import { type Hold, isHeld } from '../store/holds.ts';
import type { Follower, Peer, Source } from '../store/peers.ts';
import {
  findPeerByAuthority,
  findPeers,
  listLaggingFollowers,
  listSources,
  listUncompared,
  listWaitedFor,
} from '../store/queries/peers.ts';
import type { FederationContext } from './context.ts';
import type { UnaskedPeers } from './unasked-peers.ts';
import type { UntoldPeer, UntoldPeers } from './untold-peers.ts';

export type Task =
  | { readonly kind: 'push'; readonly peer: Peer; readonly follower: Follower }
  | { readonly kind: 'pull'; readonly peer: Peer; readonly source: Source }
  /** `newest`: id of the last of the objects that wait for it. */
  | { readonly kind: 'forward'; readonly peer: Peer; readonly newest: number }
  /** Agents have changed their keys, and the peer has not been told. */
  | ({ readonly kind: 'announce' } & UntoldPeer)
  /** Heads of a log of this peer have to be held against each other. */
  | { readonly kind: 'compare'; readonly peer: Peer; readonly origin: string }
  /** The peer has not been asked which heads of this node's logs it holds. */
  | { readonly kind: 'ask'; readonly peer: Peer };

/** What is not in the rows of peers and logs. */
export interface Standing {
  readonly untold: UntoldPeers;
  readonly unasked: UnaskedPeers;
  /** Logs of this node that must not grow: what they have come to is not what was signed. */
  readonly holds: readonly Hold[];
}

/** Pushes first: they carry what is newest. A halted replica is left alone. */
export async function listWork(
  context: FederationContext,
  { holds, unasked, untold }: Standing,
): Promise<Task[]> {
  const { db } = context;
  const [followers, sources, homes, announcements, silent] = await Promise.all([
    listLaggingFollowers(db),
    listSources(db),
    listWaitedFor(db),
    untold.list(context),
    unasked.list(context),
  ]);
  // Anybody can become a peer, so there may be far more of them than there is work with.
  const named = [...followers, ...sources].map(({ peerDid }) => peerDid);
  const peers = await findPeers(
    db,
    new Set([...named, ...homes.map(({ home }) => home), ...silent]),
  );
  const byDid = new Map(peers.map((peer) => [peer.did, peer]));
  const tasks: Task[] = [];
  for (const follower of followers) {
    const peer = byDid.get(follower.peerDid);
    if (peer === undefined || isHeld(holds, follower.origin)) continue;
    tasks.push({ kind: 'push', peer, follower });
  }
  for (const { home, newest } of homes) {
    const peer = byDid.get(home);
    if (peer !== undefined) tasks.push({ kind: 'forward', peer, newest });
  }
  for (const source of sources) {
    const peer = byDid.get(source.peerDid);
    if (peer !== undefined && source.halted === null) tasks.push({ kind: 'pull', peer, source });
  }
  for (const one of announcements) tasks.push({ kind: 'announce', ...one });
  for (const origin of await listUncompared(db)) {
    const peer = await findPeerByAuthority(db, origin.slice(0, origin.indexOf('/log/')));
    if (peer !== null) tasks.push({ kind: 'compare', peer, origin });
  }
  for (const did of silent) {
    const peer = byDid.get(did);
    if (peer !== undefined) tasks.push({ kind: 'ask', peer });
  }
  return tasks.filter(({ peer }) => peer.droppedAt === null);
}

/** Two tasks with one key are never under way at the same time. */
export function keyOf(task: Task): string {
  switch (task.kind) {
    case 'push':
      return `push ${task.follower.origin} ${task.peer.did}`;
    case 'pull':
      return pullKey(task.source.origin);
    case 'forward':
      return `forward ${task.peer.did}`;
    case 'announce':
      return `announce ${task.peer.did}`;
    case 'compare':
      return `compare ${task.origin}`;
    case 'ask':
      return `ask ${task.peer.did}`;
  }
}

export function pullKey(origin: string): string {
  return `pull ${origin}`;
}
