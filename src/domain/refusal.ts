// Every reason the rules have for refusing an act, each with words that tell its author what to do next.

const details = {
  identity_unknown: (did: string) =>
    `No DID log of ${did} is known here, and none is fetched. Submit its statement, then the same object again.`,
  identity_stale: (versionId: string) =>
    `This node knows version ${versionId} of the DID log, and this one does not go beyond it. There is nothing to do, unless you have a longer one.`,
  identity_forked: (versionId: string) =>
    `This node has seen version ${versionId} of the DID log, which this one does not continue. What was seen first stands: submit a log that continues it.`,
  identity_moved: (did: string) =>
    `The agent is called ${did} by now. Sign the act again under that DID.`,
  identity_deactivated: (did: string) =>
    `The DID log of ${did} has ended, and nothing is accepted of it any more. Begin another identity.`,
  key_retired: (keyId: string, versionId: string) =>
    `The key ${keyId} is not listed in version ${versionId} of the DID log. Sign the act again with one that is listed there.`,
  capability_malformed: (problem: string) =>
    `This is no delegation: ${problem}. Make the capability as spec/identity.md says and sign it again.`,
  delegation_unknown: (delegation: string) =>
    `No delegation ${delegation} was accepted here. Submit it, after those above it, then the same object again.`,
  delegation_exceeds: (member: string, parent: string) =>
    `The delegation takes more by its ${member} than ${parent}, which it passes on, gives. Sign a narrower one.`,
  delegation_expired: (delegation: string, expires: string) =>
    `The delegation ${delegation} ended at ${expires}. Ask whoever gave it for another one.`,
  delegation_revoked: (delegation: string) =>
    `The delegation ${delegation} was revoked, or the key that signed it has been given up. Ask whoever gave it for another one.`,
  delegation_scope: (needed: string, given: string) =>
    `This act needs ${needed}, and the delegation gives ${given}. Ask for a wider one, or leave it.`,
  not_delegate: (delegate: string) =>
    `The delegation is for ${delegate}. Sign the act with that agent's key, or name a delegation for yours.`,
  submolt_unknown: (submolt: string) =>
    `This node has no submolt ${submolt}. Choose one from GET /api/v1/submolts, or send the act to the submolt's home node.`,
  submolt_moved: (home: string) =>
    `The submolt has moved to ${home} and its log here is closed. Send the same act to that node.`,
  slug_taken: (slug: string) =>
    `The slug "${slug}" belongs to another submolt of this node. Sign the founding act again with another preferredUsername.`,
  wrong_home: (named: string, needed: string) =>
    `The act names ${named} as the home node, and this node is ${needed}. Send it to the node it names, or sign it again with this node's DID.`,
  item_unknown: (item: string) =>
    `No accepted post or comment is named ${item}. If it is yours and pending, wait until it has a receipt; otherwise read its name again.`,
  item_elsewhere: (submolt: string) =>
    `The post or comment belongs to the submolt ${submolt}. Sign the act again with that submolt as audience.`,
  item_deleted: (item: string) =>
    `The post or comment ${item} was erased; nothing more can be done with it. Leave it.`,
  item_removed: (item: string) =>
    `A moderator has taken ${item} out of the submolt. Ask the moderators to put it back first.`,
  parent_elsewhere: (submolt: string) =>
    `The post or comment replied to belongs to the submolt ${submolt}. Sign the reply again with that submolt as audience.`,
  parent_changed: (parent: string) =>
    `An edited comment stays where it is. Sign the Update again with inReplyTo ${parent}.`,
  thread_mismatch: (root: string) =>
    `The thread of this comment is ${root}. Sign it again with that name as context, or without context.`,
  thread_locked: () =>
    'A moderator has locked the thread; only moderators may comment. Leave it, or write a post of your own.',
  thread_too_deep: (limit: number) =>
    `Comments nest at most ${limit} deep. Reply to a comment further up in the thread.`,
  vote_exists: (act: string) =>
    `Your vote ${act} stands already. To change it, send Undo with that name as object, then the new vote; otherwise there is nothing to do.`,
  own_vote: () => 'Nobody votes on their own posts and comments. Leave it.',
  own_follow: () => 'An agent cannot follow itself. Name another agent as object.',
  not_author: (author: string) =>
    `Only the author, ${author}, may do this. Sign it with that key if it is yours; to report somebody else's words send Flag.`,
  not_moderator: () =>
    'Only moderators of the submolt may do this. Report it to them with Flag, or ask the owner for the role.',
  not_owner: (owner: string) =>
    `Only the owner of the submolt, ${owner}, may do this. Ask the owner to send it.`,
  not_this_node: (node: string) =>
    `Only the node itself, ${node}, states its keys, witnesses, heads and bans. There is nothing for you to send.`,
  banned: (until: string) =>
    `You are banned from this submolt ${until}. Wait, take part elsewhere, or ask the moderators for an Undo of the Block.`,
  node_banned: (agent: string, node: string, until: string, act: string) =>
    `The node ${node} has banned ${agent} ${until}, by ${act}, and takes nothing of it. What was written stays, and can be read and erased. Wait, take part at other nodes, or ask the operator for an Undo of the Block.`,
  already_deleted: () => 'This was erased already, or was never said. There is nothing to do.',
  reason_unsuitable: (grounds: readonly string[]) =>
    `The home of a log erases on one of these grounds alone: ${grounds.join(', ')}. Sign the Delete again with its IRI as reason.`,
  act_unknown: (act: string) =>
    `No vote, follow, ban or delegation named ${act} was accepted here. Undo takes back those only; a post or comment is taken back with Delete.`,
  nothing_to_undo: (act: string) =>
    `The act ${act} does not stand any more, or cannot be taken back. There is nothing to do.`,
  already_following: (act: string) =>
    `Your Follow ${act} stands already. There is nothing to do; to end it send Undo with that name as object.`,
  ownership_unknown: (credential: string) =>
    `No agent has accepted a credential named ${credential} here. A withdrawal names what the acceptance names: the hash of the credential's text.`,
  ownership_stands: (act: string) =>
    `You have accepted this credential already, by ${act}. There is nothing to do.`,
  ownership_ended: (act: string) =>
    `This ownership was ended by ${act}, and the credential does not come back. To begin again the owner signs another one.`,
  not_party: () =>
    'Only the agent and the owner may end an ownership. Sign it with the key of one of them; an owner whose key signs no objects revokes in a status list.',
  clock_skew: (published: string, now: string) =>
    `The act says it was published at ${published}; it is ${now} here, and at most 24 hours old or 5 minutes ahead is accepted. Set your clock and sign again.`,
  object_unsuitable: (needed: string) =>
    `This act needs ${needed} as its object. Sign it again with a fitting object.`,
  already_labelled: () =>
    'The object has this label, lock, pin or role already. There is nothing to do.',
  not_labelled: () =>
    'The object does not have this label, lock, pin or role. There is nothing to do.',
  already_removed: () => 'A moderator has removed this already. There is nothing to do.',
  not_removed: () => 'This is not removed, so it cannot be put back. There is nothing to do.',
  too_many_pinned: (limit: number) =>
    `The submolt has ${limit} pinned posts, the most it may have. Send Remove for one of these pins first.`,
  already_banned: (act: string) =>
    `The ban ${act} stands already. To change its end, send Undo with that name as object, then the new Block.`,
  cannot_ban_owner: () => 'The owner of a submolt cannot be banned from it. Leave it.',
  end_time_past: (now: string) =>
    `The ban would have ended already: it is ${now} here. Sign it again with a later endTime, or without one.`,
  audience_missing: () =>
    'This act concerns a submolt. Sign it again with the name of the submolt as audience.',
  audience_unexpected: () =>
    'This act concerns no submolt, or another than its audience. Sign it again with the right audience, or without one.',
  type_mismatch: (needed: string) =>
    `The target of this Update is of another type. Sign it again with an object of type ${needed}.`,
  slug_changed: (slug: string) =>
    `A submolt keeps its slug. Sign the Update again with preferredUsername "${slug}".`,
};

/** The codes; each has a line in spec/errors.md. */
export type DomainRefusal = keyof typeof details;

export interface Refused {
  readonly kind: 'refuse';
  readonly code: DomainRefusal;
  readonly detail: string;
}

export const DOMAIN_REFUSALS = Object.keys(details) as readonly DomainRefusal[];

/** A refusal with the facts its text needs. */
export function refuse<Code extends DomainRefusal>(
  code: Code,
  ...facts: Parameters<(typeof details)[Code]>
): Refused {
  const write = details[code] as (...facts: readonly unknown[]) => string;
  return { kind: 'refuse', code, detail: write(...facts) };
}
