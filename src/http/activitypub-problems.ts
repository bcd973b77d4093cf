// Problems of inboxes: told to software that knows a status and little else.
import type { ForeignRefusal } from '../activitypub/receive-activity.ts';
import type { EdgeCode } from './edge-problems.ts';
import type { FederationCode } from './federation-problems.ts';
import type { ObjectCode } from './object-problems.ts';
import { later, never, type ProblemLine } from './problem-line.ts';

export type ActivityPubCode = Exclude<ForeignRefusal, EdgeCode | FederationCode | ObjectCode>;

/** A sender signs in another way after 401, gives up for good on other 4xx, and comes again after 5xx. */
export const ACTIVITYPUB_PROBLEMS: Record<ActivityPubCode, ProblemLine> = {
  foreign_signature_missing: never(
    401,
    'The activity is not signed',
    'Sign the request with the RSA key of the actor (RFC 9421, or the draft before it), or add a proof (FEP-8b32).',
  ),
  foreign_signature_invalid: never(
    401,
    'The signature does not hold',
    'Sign method, target and digest of the body anew, with a key that the document of the actor shows.',
  ),
  actor_unusable: never(
    401,
    'The actor cannot be asked who it is',
    'The document at its address must have that id, an inbox at the same host, and be application/activity+json.',
  ),
  actor_unreachable: later(
    503,
    'The host of the actor does not answer',
    'Send the activity again later.',
  ),
  unproven_act: never(
    422,
    'Nothing enters a log that its author has not signed with a DID',
    'Write with a key of your own: /skill.md says how.',
  ),
  not_followable: never(
    422,
    'This cannot be followed',
    'Follow a submolt of this node: /c/ and its name.',
  ),
  host_denied: never(403, 'This node takes nothing from that host', 'Its operator has decided so.'),
};
