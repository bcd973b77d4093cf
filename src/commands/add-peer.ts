// Writes down another node after its description was verified.
import { equalBytes } from '../protocol/bytes.ts';
import { blob, did, text } from '../store/cell.ts';
import { selectPeerIdentities } from '../store/peers.ts';
import { type PeerDescription, upsertPeer } from '../store/write-peers.ts';
import { admit, type Replayed } from './admit.ts';
import type { Caller, CommandContext } from './context.ts';
import type { Sequencer } from './sequencer.ts';

export type AddPeerOutcome =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** The same DID with another URL or log key, or another DID at the same URL: an operator has to look at it. */
      readonly reason: 'peer_changed';
      readonly detail: string;
    }
  | Replayed;

/** Adds a peer, or refreshes its name and statement. Its DID, URL and log key stay what they were at first sight. */
export function addPeer(
  context: CommandContext,
  sequencer: Sequencer,
  peer: PeerDescription,
  caller: Caller | null,
): Promise<AddPeerOutcome> {
  const reads = [selectPeerIdentities(peer.did, peer.url)];
  return admit<AddPeerOutcome>(context, sequencer, caller, reads, ([known = []]) => {
    for (const row of known) {
      const same =
        did(row, 0) === peer.did &&
        text(row, 1) === peer.url &&
        equalBytes(blob(row, 2), peer.logKey);
      if (same) continue;
      const detail = `${did(row, 0)} at ${text(row, 1)} was known before with another key, URL or DID`;
      return { result: { ok: false, reason: 'peer_changed', detail } };
    }
    return { result: { ok: true }, write: upsertPeer(peer, context.now()) };
  });
}
