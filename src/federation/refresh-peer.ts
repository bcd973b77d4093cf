// Asks a peer anew who it is: it has signed with a key that it has not stated here.

import { equalBytes } from '../protocol/bytes.ts';
import type { Peer } from '../store/peers.ts';
import { findPeerByAuthority } from '../store/queries/peers.ts';
import type { FederationContext } from './context.ts';
import { introducePeer } from './introduce-peer.ts';

/** Anybody can make up signatures that nobody knows: a peer is asked no more often than this. */
const EVERY_MS = 15_000;

/** Whoever comes while the peer is being asked waits for the answer too. What it says is written down, if it is believed. */
export async function refreshPeer(context: FederationContext, authority: string): Promise<void> {
  const { db, now, refreshed } = context;
  const peer = await findPeerByAuthority(db, authority);
  if (peer === null || peer.droppedAt !== null) return;
  const last = refreshed.get(peer.url);
  if (last !== undefined && now() - last.at < EVERY_MS) return last.done;
  const done = ask(context, peer, authority);
  refreshed.set(peer.url, { at: now(), done });
  return done;
}

async function ask(context: FederationContext, before: Peer, authority: string): Promise<void> {
  const introduced = await introducePeer(context, before.url, before.did);
  const after = introduced.ok ? await findPeerByAuthority(context.db, authority) : null;
  if (after !== null && !sameKeys(before, after)) context.peersChanged();
}

function sameKeys(a: Peer, b: Peer): boolean {
  const [one, other] = [a.witnessKey ?? new Uint8Array(), b.witnessKey ?? new Uint8Array()];
  return equalBytes(a.logKey, b.logKey) && equalBytes(one, other);
}
