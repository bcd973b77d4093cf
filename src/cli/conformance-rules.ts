// What the rules of spec/rules.md refuse, each act well signed: who may do what, where, and how often.
import {
  draftAgentFollow,
  draftBan,
  draftComment,
  draftCommentEdit,
  draftDelete,
  draftLabel,
  draftPost,
  draftPostEdit,
  draftRemoval,
  draftRestoration,
  draftSubmolt,
  draftSubscription,
  draftUndo,
  draftVote,
} from '../client/drafts.ts';
import type { Code } from '../http/problem.ts';
import type { ActivityDraft, Note } from '../protocol/activity.ts';
import { toBase64url } from '../protocol/bytes.ts';
import type { JsonObject } from '../protocol/json.ts';
import { LABEL_BASE, LOG_KEYS, MODERATORS, PINNED } from '../protocol/labels.ts';
import { nameFromId, type ObjectName } from '../protocol/object-name.ts';
import { type Case, expectRefusal } from './conformance-case.ts';
import type { Live } from './conformance-live.ts';
import type { Stage } from './conformance-stage.ts';

type Draft = (stage: Stage, live: Live) => ActivityDraft | JsonObject;

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
const comment = (parent: string): Draft => {
  return ({ item }) => draftComment(item(parent), undefined, { content: 'A comment.' });
};
const postAt = (seconds: number): Draft => {
  return ({ of }, live) => ({
    ...draftPost(of('submolt'), { title: 'At another time' }),
    published: live.instant(seconds),
  });
};

const RULES: readonly (readonly [name: string, code: Code, agent: string, draft: Draft])[] = [
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
  [
    'a removal by no moderator',
    'not_moderator',
    'bede',
    ({ item }) => draftRemoval(item('post'), {}),
  ],
  [
    'a second removal',
    'already_removed',
    'mona',
    ({ item }) => draftRemoval(item('post to be removed'), {}),
  ],
  [
    'putting back what stands',
    'not_removed',
    'mona',
    ({ item }) => draftRestoration(item('post'), {}),
  ],
  [
    'a label by no moderator',
    'not_moderator',
    'bede',
    ({ item }) => draftLabel('Add', item('post'), `${LABEL_BASE}test`, {}),
  ],
  [
    'a label that is there',
    'already_labelled',
    'mona',
    ({ item }) => draftLabel('Add', item('link'), `${LABEL_BASE}test`, {}),
  ],
  [
    'taking off a label that is not there',
    'not_labelled',
    'mona',
    ({ item }) => draftLabel('Remove', item('post'), `${LABEL_BASE}test`, {}),
  ],
  [
    'a pin on a comment',
    'object_unsuitable',
    'ada',
    ({ item }) => draftLabel('Add', item('comment'), PINNED, {}),
  ],
  [
    'a moderator appointed by no owner',
    'not_owner',
    'mona',
    ({ of }, live) =>
      draftLabel(
        'Add',
        { object: live.agent('bede').did, audience: of('submolt') },
        MODERATORS,
        {},
      ),
  ],
  [
    'a ban by no moderator',
    'not_moderator',
    'bede',
    ({ of }, live) => draftBan(of('submolt'), live.agent('cyn').did, {}),
  ],
  [
    'a ban of the owner',
    'cannot_ban_owner',
    'mona',
    ({ of }, live) => draftBan(of('submolt'), live.agent('ada').did, {}),
  ],
  [
    'a second ban',
    'already_banned',
    'mona',
    ({ of }, live) => draftBan(of('submolt'), live.agent('eve').did, {}),
  ],
  [
    'a ban that is over',
    'end_time_past',
    'mona',
    ({ of }, live) => draftBan(of('submolt'), live.agent('cyn').did, { until: live.instant(-60) }),
  ],
  [
    'the lifting of a ban by the banned',
    'not_moderator',
    'eve',
    ({ of }) => draftUndo(of('ban'), of('submolt')),
  ],
  [
    'a description by no owner',
    'not_owner',
    'mona',
    ({ of }, { tag }) => ({
      type: 'Update',
      audience: of('submolt'),
      target: of('submolt'),
      object: { type: 'Group', preferredUsername: `conformance-${tag}`, name: 'Mine' },
    }),
  ],
  [
    'a description with another slug',
    'slug_changed',
    'ada',
    ({ of }, { tag }) => ({
      type: 'Update',
      audience: of('submolt'),
      target: of('submolt'),
      object: { type: 'Group', preferredUsername: `conformance-${tag}-d`, name: 'Renamed' },
    }),
  ],
  [
    'a log key stated by an agent',
    'not_this_node',
    'ada',
    (_, live) => ({ type: 'Add', object: live.agent('gwen').did, target: LOG_KEYS }),
  ],
];

export const RULE_CASES: readonly Case[] = [
  ...RULES.map(
    ([name, code, agent, draft]): Case => ({
      group: 'rules',
      name,
      async run(live) {
        const stage = await live.stage();
        // Another instant than that of the act it repeats: the same bytes would be the same object, sent again.
        const act = { published: live.instant(-60), ...draft(stage, live) };
        const { answer } = await live.submit(live.agent(agent), act);
        return expectRefusal(answer, code, live);
      },
    }),
  ),
  {
    group: 'rules',
    name: 'a refused object leaves nothing behind',
    async run(live) {
      const stage = await live.stage();
      const { answer, name } = await live.submit(
        live.agent('ada'),
        draftVote(stage.item('post'), 'up'),
      );
      const refused = expectRefusal(answer, 'own_vote', live);
      if (refused.kind !== 'passed') return refused;
      const id = name.slice('ni:///sha-256;'.length);
      return expectRefusal(await live.open(`/.well-known/ni/sha-256/${id}`), 'not_found', live);
    },
  },
];
