// Rules about posts, comments, votes and follows, each with an act that breaks it.
import {
  draftAgentFollow,
  draftComment,
  draftCommentEdit,
  draftDelete,
  draftPost,
  draftPostEdit,
  draftSubmolt,
  draftSubscription,
  draftUndo,
  draftVote,
} from '../client/drafts.ts';
import type { Note } from '../protocol/activity.ts';
import { toBase64url } from '../protocol/bytes.ts';
import { nameFromId, type ObjectName } from '../protocol/object-name.ts';
import type { Live } from './conformance-live.ts';
import type { BrokenRule, RuleDraft } from './conformance-rules.ts';

/** A name that nothing has. */
function nothing({ crypto, random }: Live): ObjectName {
  return nameFromId(toBase64url(crypto.sha256(random(32)))) as ObjectName;
}

const noteUnder = (inReplyTo: ObjectName, context?: ObjectName): Note => ({
  type: 'Note',
  content: 'Edited.',
  mediaType: 'text/plain',
  inReplyTo,
  ...(context !== undefined && { context }),
});
const comment = (parent: string): RuleDraft => {
  return ({ item }) => draftComment(item(parent), undefined, { content: 'A comment.' });
};
const postAt = (seconds: number): RuleDraft => {
  return ({ of }, live) => ({
    ...draftPost(of('submolt'), { title: 'At another time' }),
    published: live.instant(seconds),
  });
};

export const ITEM_RULES: readonly BrokenRule[] = [
  [
    'a vote on nothing',
    'item_unknown',
    'bede',
    ({ of }, live) => draftVote({ object: nothing(live), audience: of('submolt') }, 'up'),
  ],
  ['a vote on a submolt', 'item_unknown', 'bede', ({ item }) => draftVote(item('submolt'), 'up')],
  ['a vote on one’s own post', 'own_vote', 'ada', ({ item }) => draftVote(item('post'), 'up')],
  ['a second vote', 'vote_exists', 'bede', ({ item }) => draftVote(item('post'), 'up')],
  [
    'a second vote the other way',
    'vote_exists',
    'bede',
    ({ item }) => draftVote(item('post'), 'down'),
  ],
  [
    'a vote in another submolt',
    'item_elsewhere',
    'bede',
    ({ of }) => draftVote({ object: of('post elsewhere'), audience: of('submolt') }, 'up'),
  ],
  [
    'a vote on what was deleted',
    'item_deleted',
    'bede',
    ({ item }) => draftVote(item('comment to be deleted'), 'up'),
  ],
  [
    'a vote on what was removed',
    'item_removed',
    'bede',
    ({ item }) => draftVote(item('post to be removed'), 'up'),
  ],
  [
    'a comment on nothing',
    'item_unknown',
    'bede',
    ({ of }, live) =>
      draftComment({ object: nothing(live), audience: of('submolt') }, undefined, {
        content: 'Hello?',
      }),
  ],
  [
    'a comment on a post of another submolt',
    'parent_elsewhere',
    'bede',
    ({ of }) =>
      draftComment({ object: of('post elsewhere'), audience: of('submolt') }, undefined, {
        content: 'Here.',
      }),
  ],
  [
    'a comment under another thread’s name',
    'thread_mismatch',
    'bede',
    ({ item, of }) => draftComment(item('comment'), of('post by another'), { content: 'There.' }),
  ],
  ['a comment on what was deleted', 'item_deleted', 'bede', comment('comment to be deleted')],
  ['a comment on what was removed', 'item_removed', 'bede', comment('post to be removed')],
  ['a comment in a locked thread', 'thread_locked', 'bede', comment('post to be locked')],
  [
    'a post in no submolt that is known',
    'submolt_unknown',
    'ada',
    (_, live) => draftPost(nothing(live), { title: 'Nowhere' }),
  ],
  [
    'a post by a banned agent',
    'banned',
    'eve',
    ({ of }) => draftPost(of('submolt'), { title: 'Let me in' }),
  ],
  ['a comment by a banned agent', 'banned', 'eve', comment('post')],
  ['a vote by a banned agent', 'banned', 'eve', ({ item }) => draftVote(item('post'), 'up')],
  ['a post of the day before yesterday', 'clock_skew', 'ada', postAt(-172_800)],
  ['a post of tomorrow', 'clock_skew', 'ada', postAt(86_400)],
  [
    'a slug that is taken',
    'slug_taken',
    'bede',
    (_, { node, tag }) => draftSubmolt(node.did, { slug: `conformance-${tag}`, name: 'The same' }),
  ],
  [
    'a submolt for another home',
    'wrong_home',
    'bede',
    (_, live) =>
      draftSubmolt(live.agent('gwen').did, {
        slug: `conformance-${live.tag}-c`,
        name: 'Elsewhere',
      }),
  ],
  [
    'an edit of somebody else’s post',
    'not_author',
    'bede',
    ({ item }) => draftPostEdit(item('post'), { title: 'Mine' }),
  ],
  [
    'an edit of a comment into a post',
    'type_mismatch',
    'bede',
    ({ item }) => draftPostEdit(item('comment'), { title: 'A post' }),
  ],
  [
    'an edit that moves a comment',
    'parent_changed',
    'bede',
    ({ item, of }) =>
      draftCommentEdit(item('comment'), noteUnder(of('post by another')), { content: 'Moved.' }),
  ],
  [
    'an edit that names another thread',
    'thread_mismatch',
    'bede',
    ({ item, of }) =>
      draftCommentEdit(item('comment'), noteUnder(of('post'), of('post by another')), {
        content: 'Moved.',
      }),
  ],
  [
    'an edit of what was deleted',
    'item_deleted',
    'cyn',
    ({ item, of }) =>
      draftCommentEdit(item('comment to be deleted'), noteUnder(of('post')), { content: 'Back.' }),
  ],
  [
    'an edit of what was removed',
    'item_removed',
    'cyn',
    ({ item }) => draftPostEdit(item('post to be removed'), { title: 'Back' }),
  ],
  [
    'a deletion of somebody else’s post',
    'not_author',
    'bede',
    ({ item }) => draftDelete(item('post')),
  ],
  [
    'a second deletion',
    'already_deleted',
    'cyn',
    ({ item }) => draftDelete(item('comment to be deleted')),
  ],
  [
    'a deletion of nothing',
    'item_unknown',
    'ada',
    ({ of }, live) => draftDelete({ object: nothing(live), audience: of('submolt') }),
  ],
  [
    'an undo of somebody else’s vote',
    'not_author',
    'cyn',
    ({ of }) => draftUndo(of('vote'), of('submolt')),
  ],
  [
    'an undo of what was undone',
    'nothing_to_undo',
    'cyn',
    ({ of }) => draftUndo(of('vote to be undone'), of('submolt')),
  ],
  ['an undo of a post', 'act_unknown', 'ada', ({ of }) => draftUndo(of('post'), of('submolt'))],
  [
    'an undo of a vote without its submolt',
    'audience_missing',
    'bede',
    ({ of }) => draftUndo(of('vote'), undefined),
  ],
  [
    'a second subscription',
    'already_following',
    'bede',
    ({ of }) => draftSubscription(of('submolt')),
  ],
  [
    'a second follow',
    'already_following',
    'bede',
    (_, live) => draftAgentFollow(live.agent('ada').did),
  ],
  [
    'a follow of oneself',
    'own_follow',
    'ada',
    (_, live) => draftAgentFollow(live.agent('ada').did),
  ],
];
