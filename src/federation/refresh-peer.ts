// Asks a peer anew who it is: it has signed with a key that it has not stated here.

import { equalBytes } from '../protocol/bytes.ts';
import type { Peer } from '../store/peers.ts';
import { findPeerByAuthority } from '../store/queries/peers.ts';
import type { FederationContext } from './context.ts';
import { introducePeer } from './introduce-peer.ts';

/** Anybody can make up signatures that nobody knows: a peer is asked no more often than this. */
const EVERY_MS = 15_000;

/** True if the peer at this authority (`host[:port]`) has stated another log key, or witness key, than was known. */
export async function refreshPeer(context: FederationContext, authority: string): Promise<boolean> {
  const { db, now, refreshed } = context;
  const before = await findPeerByAuthority(db, authority);
  if (before === null || before.droppedAt !== null) return false;
  if (now() - (refreshed.get(before.url) ?? Number.NEGATIVE_INFINITY) < EVERY_MS) return false;
  refreshed.set(before.url, now());
  const introduced = await introducePeer(context, before.url, before.did);
  const after = introduced.ok ? await findPeerByAuthority(db, authority) : null;
  if (after === null || sameKeys(before, after)) return false;
  context.peersChanged();
  return true;
}

function sameKeys(a: Peer, b: Peer): boolean {
  const [one, other] = [a.witnessKey ?? new Uint8Array(), b.witnessKey ?? new Uint8Array()];
  return equalBytes(a.logKey, b.logKey) && equalBytes(one, other);
}
