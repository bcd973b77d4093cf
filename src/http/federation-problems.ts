// Problems between nodes: pushes, subscriptions and discovery that a peer or the operator has to look at.
import type { PeerRefusal } from '../federation/answer.ts';
import { later, never, type ProblemLine } from './problem-line.ts';

/** The last two are told of one object among others. */
export type FederationCode = PeerRefusal | 'identity_unknown_here' | 'votes_limited';

/** A sender gives up for good on 4xx other than 409, and tries again on 429 and 503. */
export const FEDERATION_PROBLEMS: Record<FederationCode, ProblemLine> = {
  malformed_request: never(
    400,
    'Request has the wrong shape',
    'Send the JSON that spec/federation.md documents for this route.',
  ),
  log_unknown: never(
    404,
    'No such log here',
    'Read /.well-known/exuvia and /api/v1/submolts for the logs of this node.',
  ),
  not_log_home: never(
    403,
    'Only the home of a log may push it',
    'Send submissions to the home instead.',
  ),
  checkpoint_invalid: never(
    422,
    'Checkpoint is not signed by the log',
    "Send the home's checkpoint note unchanged; if the log key has changed, publish the statement first.",
  ),
  identity_unknown_here: never(
    409,
    'The DID log is of an agent that this node does not know',
    'Send it together with an act of the agent, as forwarding does, or let the agent submit it.',
  ),
  log_gap: later(
    409,
    'Entries are missing in between',
    'Send again from the entry that `size` states.',
  ),
  entry_refused: never(
    422,
    'An entry does not verify',
    'Compare the log with its signed checkpoint; the receiver keeps both as evidence.',
  ),
  replication_stopped: never(
    409,
    'Replication of this log has stopped',
    'An earlier entry did not verify; the operators have to compare the two histories.',
  ),
  keys_pending: later(
    503,
    "An author's key is being fetched",
    'Send the same batch again after Retry-After.',
  ),
  node_not_met: never(
    403,
    'Sender is no node that this one has met',
    'Follow a submolt of this node first (POST /federation/followers), from the origin of the sending node.',
  ),
  quota_exceeded: later(
    429,
    'As much of this node as is taken in a time has come',
    'Send the rest after Retry-After; the operator of the receiver may allow more.',
  ),
  votes_limited: later(
    429,
    'Few votes are taken through nodes that were not chosen',
    'Send the vote to the home of the submolt itself, or tomorrow.',
  ),
  too_early: later(
    503,
    'Entries are ahead of the clock',
    'Compare the clocks of both nodes; send the same batch again after Retry-After.',
  ),
  node_mismatch: never(
    403,
    'The URL is not the one of the caller',
    "Sign with the node's own key and name the node's own origin.",
  ),
  node_unreachable: later(503, 'The other node does not answer', 'Check the URL and try again.'),
  node_invalid: never(
    422,
    'The other node does not prove what it is',
    'Check its /.well-known/exuvia: DID, origin and key statement must agree.',
  ),
  peer_changed: never(
    409,
    'The other node is not the one known before',
    'An operator has to look: a DID, its URL and its log key belong together for good.',
  ),
  already_home: never(409, 'The submolt lives here', 'There is nothing to follow.'),
  submolt_elsewhere: never(
    409,
    'The submolt is replicated from another node',
    'There is nothing to follow; the replica goes on.',
  ),
  peer_dropped: never(
    403,
    'This node takes nothing more from the caller',
    'Its operator has decided so on evidence, which /federation shows; the operators have to talk.',
  ),
  evidence_unknown: never(404, 'No such evidence', 'exuvia admin evidence lists what there is.'),
  too_many_followers: later(
    429,
    'The log has too many followers',
    'Follow by pulling, or ask again later.',
  ),
};
