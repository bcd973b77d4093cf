// The state of federation as an operator sees it: each peer, what goes to it, what comes from it, what went wrong.
import type { JsonObject } from '../protocol/json.ts';
import { listHolds } from '../store/holds.ts';
import {
  listDeadLetters,
  listFollowers,
  listPeers,
  listSources,
  listWaiting,
} from '../store/queries/peers.ts';
import { listStandings } from '../store/standings.ts';
import type { FederationContext } from './context.ts';
import { BREAKER_FAILURES } from './retry.ts';

const MAX_DEAD_LETTERS = 100;
/** More waiting objects than this are not counted. */
const MAX_COUNTED = 1_000;

const isoOrNull = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

/** `GET /federation/peers`, for the node's own key. */
export async function describePeers({ db, quarantine }: FederationContext): Promise<JsonObject> {
  const [peers, followers, sources, letters, holds, standings] = await Promise.all([
    listPeers(db),
    listFollowers(db),
    listSources(db),
    listDeadLetters(db, MAX_DEAD_LETTERS),
    listHolds(db),
    listStandings(db),
  ]);
  const known = await Promise.all(peers.map(({ did }) => quarantine.standingOf(did)));
  const waiting = await Promise.all(peers.map(({ did }) => listWaiting(db, did, MAX_COUNTED)));
  return {
    peers: peers.map((peer, i) => ({
      did: peer.did,
      url: peer.url,
      name: peer.name,
      state: peer.failures >= BREAKER_FAILURES ? 'down' : 'up',
      standing: known[i] ?? 'stranger',
      failures: peer.failures,
      error: peer.error,
      retry_at: peer.retryAt > 0 ? isoOrNull(peer.retryAt) : null,
      contacted_at: isoOrNull(peer.contactedAt),
      added_at: isoOrNull(peer.addedAt),
      waiting: waiting[i]?.length ?? 0,
      follows: followers
        .filter(({ peerDid }) => peerDid === peer.did)
        .map(({ origin, signedSize, size }) => ({
          log: origin,
          acknowledged: size,
          size: signedSize,
        })),
      followed: sources
        .filter(({ peerDid }) => peerDid === peer.did)
        .map((source) => ({
          log: source.origin,
          size: source.size,
          known_size: Math.max(source.knownSize, source.size),
          checked_at: isoOrNull(source.checkedAt),
          halted: source.halted,
        })),
    })),
    dead_letters: letters.map((letter) => ({
      peer: letter.peerUrl,
      log: letter.origin,
      index: letter.index,
      code: letter.code,
      detail: letter.detail,
      evidence: letter.bytes === null ? null : new TextDecoder().decode(letter.bytes),
      created_at: isoOrNull(letter.createdAt),
    })),
    standings: standings.map(({ decidedAt, node, objects, standing }) => ({
      node,
      standing,
      objects,
      decided_at: isoOrNull(decidedAt),
    })),
    held: holds.map(({ heldAt, note, origin, size, source }) => ({
      log: origin,
      size: note === null ? null : size,
      source,
      held_at: isoOrNull(heldAt),
    })),
  };
}
