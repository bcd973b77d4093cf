// What a request from a peer is answered with; http/ gives refusals their status and their problem+json.

/**
 * `malformed_request`: not the documented shape. `log_unknown`: not a log of this node, or not one it follows.
 * `not_log_home`: only the home of a log may push to it. `checkpoint_invalid`: not signed by the log's key.
 * `log_gap`: the batch begins beyond what is here, or its checkpoint covers more than it brings; `size` tells
 * where to go on. `entry_refused`: an entry, a body or the root does not verify; kept as evidence.
 * `replication_stopped`: the same, found earlier; an operator has to look. `keys_pending`: an author's key is
 * being fetched. `too_early`: the entries are of a time to come. `node_mismatch`: the URL is not the caller's. `node_unreachable`, `node_invalid`: discovery failed.
 * `peer_changed`: the node was known with another key, URL or DID. `already_home`: the submolt lives here, there is
 * nothing to follow. `submolt_elsewhere`: it is replicated from another node. `too_many_followers`: later, perhaps.
 * `peer_dropped`: the operator has ended the exchange with the caller.
 * `node_not_met`: objects are taken only of nodes that have followed something here, or are followed.
 * `quota_exceeded`: as much of the caller's as is taken in a time has come.
 * `evidence_unknown`: the operator names evidence that is not there.
 */
export type PeerRefusal =
  | 'malformed_request'
  | 'log_unknown'
  | 'not_log_home'
  | 'checkpoint_invalid'
  | 'log_gap'
  | 'entry_refused'
  | 'replication_stopped'
  | 'keys_pending'
  | 'too_early'
  | 'node_mismatch'
  | 'node_unreachable'
  | 'node_invalid'
  | 'peer_changed'
  | 'already_home'
  | 'submolt_elsewhere'
  | 'too_many_followers'
  | 'peer_dropped'
  | 'quota_exceeded'
  | 'node_not_met'
  | 'evidence_unknown';

export interface RefusedPeer {
  readonly ok: false;
  readonly code: PeerRefusal | 'replayed';
  readonly detail: string;
  /** Entries of the log that are here; a member of the answer's body, whatever its status. */
  readonly size?: number;
  /** Seconds, for the Retry-After field. */
  readonly retryAfter?: number;
}

export type PeerAnswer<Body> =
  | { readonly ok: true; readonly status: 200 | 202; readonly body: Body }
  | RefusedPeer;

export function refusePeer(
  code: RefusedPeer['code'],
  detail: string,
  more: { readonly size?: number; readonly retryAfter?: number } = {},
): RefusedPeer {
  return { ok: false, code, detail, ...more };
}
