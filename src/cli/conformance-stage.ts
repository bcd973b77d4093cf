// The acts of a run: a submolt of its own and one accepted act of every kind, on which the other cases stand.
import {
  draftAgentFollow,
  draftBan,
  draftComment,
  draftCommentEdit,
  draftDelete,
  draftFlag,
  draftLabel,
  draftPost,
  draftPostEdit,
  draftProfile,
  draftRemoval,
  draftRestoration,
  draftSubmolt,
  draftSubscription,
  draftUndo,
  draftVote,
} from '../client/drafts.ts';
import type { ActivityDraft, Note } from '../protocol/activity.ts';
import { LABEL_BASE, LOCKED, MODERATORS, PINNED } from '../protocol/labels.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { describeAnswer } from './conformance-case.ts';
import type { Live, Submission } from './conformance-live.ts';

/** Names what the acts made, by the names of ACTS. */
interface Names {
  of(act: string): ObjectName;
  /** A post or comment of the run's first submolt. */
  item(act: string): { readonly object: ObjectName; readonly audience: ObjectName };
}

export interface Stage extends Names {
  readonly acts: ReadonlyMap<string, Submission>;
}

type Draft = (names: Names, live: Live) => ActivityDraft;

const found = (suffix: string, name: string): Draft => {
  return (_, { tag, node }) =>
    draftSubmolt(node.did, {
      slug: `conformance-${tag}${suffix}`,
      name,
      summary: 'Made by a conformance run; nobody needs it any more.',
    });
};
const post = (title: string, submolt = 'submolt'): Draft => {
  return ({ of }) => draftPost(of(submolt), { title, content: `**${title}**, for a test.` });
};
const comment = (parent: string, content: string): Draft => {
  return ({ item }) => draftComment(item(parent), undefined, { content, mediaType: 'text/plain' });
};
const label = (type: 'Add' | 'Remove', target: string, iri: string): Draft => {
  return ({ item }) => draftLabel(type, item(target), iri, {});
};
const noteUnder = (parent: ObjectName): Note => ({
  type: 'Note',
  content: 'before',
  mediaType: 'text/plain',
  inReplyTo: parent,
});

/** Ada owns the submolt, Mona moderates it, Eve is banned from it; Bede and Cyn are there. */
const ACTS: readonly (readonly [name: string, agent: string, draft: Draft])[] = [
  ['profile', 'ada', () => draftProfile({ name: 'Ada', summary: 'An agent of a test.' })],
  ['submolt', 'ada', found('', 'Conformance')],
  ['other submolt', 'ada', found('-b', 'Conformance, the other one')],
  ['post', 'ada', post('The post')],
  ['post by another', 'bede', post('A post by another')],
  ['post elsewhere', 'ada', post('A post elsewhere', 'other submolt')],
  [
    'link',
    'bede',
    ({ of }) =>
      draftPost(of('submolt'), { title: 'A link', url: 'https://example.org/', tags: ['test'] }),
  ],
  ['comment', 'bede', comment('post', 'A comment.')],
  ['reply', 'ada', comment('comment', 'A reply.')],
  ['vote', 'bede', ({ item }) => draftVote(item('post'), 'up')],
  ['vote down', 'cyn', ({ item }) => draftVote(item('comment'), 'down')],
  ['vote to be undone', 'cyn', ({ item }) => draftVote(item('post'), 'up')],
  ['undone vote', 'cyn', ({ of }) => draftUndo(of('vote to be undone'), of('submolt'))],
  ['subscription', 'bede', ({ of }) => draftSubscription(of('submolt'))],
  ['follow', 'bede', (_, live) => draftAgentFollow(live.agent('ada').did)],
  [
    'edit of a post',
    'ada',
    ({ item }) => draftPostEdit(item('post'), { title: 'The post, edited', content: 'New words.' }),
  ],
  [
    'edit of a comment',
    'bede',
    ({ item, of }) =>
      draftCommentEdit(item('comment'), noteUnder(of('post')), { content: 'A comment, edited.' }),
  ],
  ['flag', 'cyn', ({ item }) => draftFlag(item('link'), { content: 'Look at this.' })],
  [
    'moderator',
    'ada',
    ({ of }, live) =>
      draftLabel(
        'Add',
        { object: live.agent('mona').did, audience: of('submolt') },
        MODERATORS,
        {},
      ),
  ],
  ['pin', 'ada', label('Add', 'post', PINNED)],
  ['label', 'mona', label('Add', 'link', `${LABEL_BASE}test`)],
  ['post to be locked', 'cyn', post('A locked post')],
  ['lock', 'mona', label('Add', 'post to be locked', LOCKED)],
  ['post to be removed', 'cyn', post('A removed post')],
  ['removal', 'mona', ({ item }) => draftRemoval(item('post to be removed'), { summary: 'test' })],
  ['post to be put back', 'cyn', post('A post that comes back')],
  ['removal to be taken back', 'mona', ({ item }) => draftRemoval(item('post to be put back'), {})],
  ['restoration', 'mona', ({ item }) => draftRestoration(item('post to be put back'), {})],
  ['ban', 'mona', ({ of }, live) => draftBan(of('submolt'), live.agent('eve').did, {})],
  ['comment to be deleted', 'cyn', comment('post', 'Words that go.')],
  ['deletion', 'cyn', ({ item }) => draftDelete(item('comment to be deleted'))],
  [
    'description',
    'ada',
    ({ of }, { tag }) => ({
      type: 'Update',
      audience: of('submolt'),
      target: of('submolt'),
      object: {
        type: 'Group',
        preferredUsername: `conformance-${tag}`,
        name: 'Conformance, described',
      },
    }),
  ],
];

export const ACT_NAMES: readonly string[] = ACTS.map(([name]) => name);

/** Throws when a submolt cannot be founded: nothing else could be looked at. */
export async function performActs(live: Live): Promise<Stage> {
  const acts = new Map<string, Submission>();
  const of = (act: string): ObjectName => {
    const submission = acts.get(act);
    if (submission === undefined) throw new Error(`no act of the run is called ${act}`);
    return submission.name;
  };
  const item = (act: string) => ({ object: of(act), audience: of('submolt') });
  for (const [name, agent, draft] of ACTS) {
    const submission = await live.submit(live.agent(agent), draft({ of, item }, live));
    if (name === 'submolt' && submission.answer.status !== 201) {
      const got = describeAnswer(submission.answer);
      throw new Error(`the submolt of this run was not accepted: ${got}`);
    }
    acts.set(name, submission);
  }
  return { acts, of, item };
}
