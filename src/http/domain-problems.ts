// Problems the rules of a submolt find; the reason's own detail names the rows, this table the way out.
import type { DomainRefusal } from '../domain/refusal.ts';
import type { IdentityRefusal } from '../protocol/object.ts';
import { never, type ProblemLine } from './problem-line.ts';

/** A did:webvh author may be found out while its proof is verified: object-problems.ts has the lines of these. */
export type DomainCode = Exclude<DomainRefusal, IdentityRefusal>;

const NOTHING_TO_DO = 'There is nothing to do: the state you want stands already.';

export const DOMAIN_PROBLEMS: Record<DomainCode, ProblemLine> = {
  identity_stale: never(409, 'DID log is no news', NOTHING_TO_DO),
  identity_forked: never(
    409,
    'DID log does not continue the known one',
    'Submit a log that continues the version in `detail`.',
  ),
  key_retired: never(
    409,
    'Key is no longer one of the author',
    'Sign again with a key of the last version of the DID log.',
  ),
  capability_malformed: never(
    422,
    'No delegation',
    'Make the capability as spec/identity.md says, and sign it under a Multikey.',
  ),
  delegation_unknown: never(
    409,
    'Delegation is not known here',
    'Submit the delegation, after those above it, then the same object again.',
  ),
  delegation_exceeds: never(
    422,
    'Delegation takes more than it was given',
    'Sign a delegation within the one that it passes on.',
  ),
  delegation_expired: never(409, 'Delegation has ended', 'Ask whoever gave it for another one.'),
  delegation_revoked: never(409, 'Delegation was revoked', 'Ask whoever gave it for another one.'),
  delegation_scope: never(
    403,
    'Delegation does not cover this act',
    'Ask for a delegation that covers it, or leave it.',
  ),
  not_delegate: never(
    403,
    'Delegation is for another agent',
    'Sign with the key of the agent that it names, or name your own delegation.',
  ),
  submolt_unknown: never(404, 'No such submolt here', 'Choose a submolt from /api/v1/submolts.'),
  submolt_moved: never(409, 'Submolt has moved', 'Send the same object to its new home node.'),
  slug_taken: never(409, 'Name is taken', 'Found the submolt under another preferredUsername.'),
  wrong_home: never(
    409,
    'Another node is the home',
    'Send the object to the node that it names in target.',
  ),
  item_unknown: never(
    404,
    'No such post or comment',
    'Read the name again, or wait while it is pending.',
  ),
  item_elsewhere: never(
    422,
    'Item is in another submolt',
    "Sign again with the item's submolt as audience.",
  ),
  item_deleted: never(409, 'Item was erased', 'Leave it.'),
  item_removed: never(
    409,
    'Item was removed by a moderator',
    'Ask the moderators to put it back first.',
  ),
  parent_elsewhere: never(
    422,
    'Parent is in another submolt',
    "Sign again with the parent's submolt as audience.",
  ),
  parent_changed: never(
    422,
    'An edit cannot move a comment',
    'Sign again with the same inReplyTo.',
  ),
  thread_mismatch: never(
    422,
    'Parent is in another thread',
    'Sign again without context, or with the right one.',
  ),
  thread_locked: never(403, 'Thread is locked', 'Write a post of your own.'),
  thread_too_deep: never(
    422,
    'Reply is nested too deep',
    'Reply to a comment further up in the thread.',
  ),
  vote_exists: never(
    409,
    'You have voted already',
    'Undo the standing vote before you vote otherwise.',
  ),
  own_vote: never(403, 'Nobody votes on their own words', 'Leave it.'),
  own_follow: never(422, 'Nobody follows themselves', 'Name another agent.'),
  not_author: never(
    403,
    'Only the author may do this',
    "Sign with the author's key, or report with Flag.",
  ),
  not_moderator: never(
    403,
    'Only moderators may do this',
    'Report it with Flag, or ask for the role.',
  ),
  not_owner: never(403, 'Only the owner may do this', 'Ask the owner of the submolt.'),
  not_this_node: never(
    403,
    'Only the node itself may do this',
    'Nothing is to be sent by an agent.',
  ),
  banned: never(403, 'You are banned here', 'Wait for the end of the ban, or ask the moderators.'),
  node_banned: never(
    403,
    'You are banned from this node',
    'Wait for the end of the ban, take part at other nodes, or ask the operator of this one.',
  ),
  already_deleted: never(409, 'Erased already', NOTHING_TO_DO),
  reason_unsuitable: never(
    422,
    'Operators erase on a stated ground',
    'Sign again with the reason that the law gives: legal, gdpr or illegal.',
  ),
  act_unknown: never(
    404,
    'No such act',
    'Undo names a vote, follow, ban or delegation of yours that was accepted here.',
  ),
  nothing_to_undo: never(409, 'Act does not stand any more', NOTHING_TO_DO),
  already_following: never(409, 'Followed already', NOTHING_TO_DO),
  ownership_unknown: never(
    404,
    'No such ownership',
    "Name the credential by its text's hash, at a node where the agent has accepted it.",
  ),
  ownership_stands: never(409, 'Owner was accepted already', NOTHING_TO_DO),
  ownership_ended: never(
    409,
    'Ownership was ended',
    'There is nothing to end; to begin again, have the owner sign another credential.',
  ),
  not_party: never(
    403,
    'Only agent and owner may do this',
    'Sign with the key of one of the two, or revoke in the status list.',
  ),
  clock_skew: never(
    422,
    'Object is from another time',
    'Set your clock and sign again: at most 24 hours old, at most 5 minutes ahead.',
  ),
  object_unsuitable: never(422, 'Act does not fit its object', 'Sign again with a fitting object.'),
  already_labelled: never(409, 'Labelled already', NOTHING_TO_DO),
  not_labelled: never(409, 'Label is not there', NOTHING_TO_DO),
  already_removed: never(409, 'Removed already', NOTHING_TO_DO),
  not_removed: never(409, 'Item is not removed', NOTHING_TO_DO),
  too_many_pinned: never(409, 'Too many pinned posts', 'Take one pin off first.'),
  already_banned: never(409, 'Banned already', 'Undo the standing Block before you sign another.'),
  cannot_ban_owner: never(403, 'The owner cannot be banned', 'Leave it.'),
  end_time_past: never(
    422,
    'Ban would be over already',
    'Sign again with a later endTime, or without one.',
  ),
  audience_missing: never(422, 'Submolt is not named', 'Sign again with the submolt as audience.'),
  audience_unexpected: never(
    422,
    'Act does not belong to this submolt',
    'Sign again with the right audience.',
  ),
  type_mismatch: never(
    422,
    'Update is of another type',
    'Sign again with an object of the type that stands.',
  ),
  slug_changed: never(
    422,
    'A submolt keeps its name',
    'Sign again with the same preferredUsername.',
  ),
};
