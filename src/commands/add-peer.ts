// Writes down another node after its description was verified.
import { continuesKeys, peekKeys } from '../log/key-chain.ts';
import { blob, did, text } from '../store/cell.ts';
import { replaceLogKeyOf } from '../store/logs.ts';
import { selectPeerIdentities } from '../store/peers.ts';
import { type PeerDescription, upsertPeer } from '../store/write-peers.ts';
import { admit, type Replayed } from './admit.ts';
import type { Caller, CommandContext } from './context.ts';
import type { Sequencer } from './sequencer.ts';

export type AddPeerOutcome =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** The same DID with another URL or other log keys, or another DID at the same URL: an operator has to look at it. */
      readonly reason: 'peer_changed';
      readonly detail: string;
    }
  | Replayed;

/**
 * Adds a peer, or refreshes what it says of itself. Its DID and URL stay what they were at first sight; log keys are added to
 * those that are known, each by a statement of the node itself, and the newest signs its logs from then on.
 */
export function addPeer(
  context: CommandContext,
  sequencer: Sequencer,
  peer: PeerDescription,
  caller: Caller | null,
): Promise<AddPeerOutcome> {
  const reads = [selectPeerIdentities(peer.did, peer.url)];
  return admit<AddPeerOutcome>(context, sequencer, caller, reads, ([known = []]) => {
    const keys = peekKeys(peer.keyStatement);
    let written = peer;
    let isNewKey = false;
    for (const row of known) {
      const statement = blob(row, 2);
      const before = peekKeys(statement);
      const same = did(row, 0) === peer.did && text(row, 1) === peer.url;
      if (same && continuesKeys(keys, before)) {
        isNewKey = keys.length > before.length;
        continue;
      }
      if (same && continuesKeys(before, keys)) {
        // What it says is older than what is known: it does not take back a key that it has given up.
        const logKey = before.at(-1) as Uint8Array;
        written = { ...peer, keyStatement: statement, logKey };
        continue;
      }
      const detail = `${did(row, 0)} at ${text(row, 1)} was known before with another key, URL or DID`;
      return { result: { ok: false, reason: 'peer_changed', detail } };
    }
    const write = [
      ...upsertPeer(written, context.now()),
      ...(isNewKey ? [replaceLogKeyOf(peer.did, written.logKey)] : []),
    ];
    return { result: { ok: true }, write };
  });
}
