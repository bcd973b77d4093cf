// What was written is what is read: posts, threads, submolts, agents and feeds, in the members of spec/api.md.

import { idOf, type ObjectName } from '../protocol/object-name.ts';
import type {
  AgentView,
  AuthorView,
  CommentView,
  ModeratorView,
  PostView,
  StandingView,
  SubmoltView,
} from '../protocol/views.ts';
import {
  type Case,
  every,
  expectSuccess,
  failed,
  holds,
  type Outcome,
  passed,
} from './conformance-case.ts';
import type { Live } from './conformance-live.ts';
import type { Stage } from './conformance-stage.ts';

const group = 'reads';

/** Compares the members that are named; JSON answers may have more. */
function expectMembers(
  value: object | undefined,
  expected: Readonly<Record<string, unknown>>,
): Outcome {
  if (value === undefined) return failed(JSON.stringify(expected), 'nothing');
  const wrong = Object.entries(expected).filter(
    ([name, wanted]) =>
      JSON.stringify((value as Record<string, unknown>)[name]) !== JSON.stringify(wanted),
  );
  if (wrong.length === 0) return passed(Object.keys(expected).join(', '));
  const got = wrong.map(([name]) => [name, (value as Record<string, unknown>)[name]]);
  return failed(JSON.stringify(Object.fromEntries(wrong)), JSON.stringify(Object.fromEntries(got)));
}

async function read<T>(live: Live, target: string): Promise<T> {
  const answer = await live.read(live.agent('bede'), `/api/v1${target}`);
  const success = expectSuccess(answer, 200, live);
  if (success.kind === 'failed') throw new Error(`${target}: ${success.got}`);
  if (answer.json?.success !== true) throw new Error(`${target}: success is not true`);
  return answer.json as T;
}

const ids = (list: readonly { readonly id: string }[]): string =>
  list.map(({ id }) => id).join(' ');

async function page(live: Live, target: string): Promise<readonly PostView[]> {
  return (await read<{ posts: PostView[] }>(live, target)).posts;
}

function contains(list: readonly { readonly object: ObjectName }[], name: ObjectName): Outcome {
  return holds(
    list.some(({ object }) => object === name),
    `${name} among them`,
    'without it',
  );
}

/** All posts of a list, a few at a time by its cursors. */
async function paged(live: Live, target: string): Promise<PostView[]> {
  const posts: PostView[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const next: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const answer: { posts: PostView[]; next_cursor: string | null } = await read(
      live,
      `${target}&limit=2${next}`,
    );
    posts.push(...answer.posts);
    cursor = answer.next_cursor;
    if (posts.length > 100) throw new Error('the pages do not end');
  }
  return posts;
}

const CASES: readonly (readonly [
  name: string,
  run: (live: Live, stage: Stage) => Promise<Outcome>,
])[] = [
  [
    'a post, edited, pinned and voted for',
    async (live, { of, acts }) => {
      const { post } = await read<{ post: PostView }>(live, `/posts/${idOf(of('post'))}`);
      const receipt = acts.get('post')?.receipt;
      return every(
        expectMembers(post.submolt, {
          object: of('submolt'),
          name: `conformance-${live.tag}`,
          home: live.node.did,
        }),
        expectMembers(post.author, { did: live.agent('ada').did, name: 'Ada' }),
        expectMembers(post, {
          id: idOf(of('post')),
          object: of('post'),
          did: live.agent('ada').did,
          verified: true,
          title: 'The post, edited',
          content: 'New words.',
          type: 'text',
          url: null,
          upvotes: 1,
          downvotes: 0,
          score: 1,
          comment_count: 2,
          is_pinned: true,
          is_locked: false,
          is_removed: false,
          is_deleted: false,
          edit: of('edit of a post'),
          log: { origin: receipt?.log, index: receipt?.index },
        }),
      );
    },
  ],
  [
    'a link',
    async (live, { of }) => {
      const { post } = await read<{ post: PostView }>(live, `/posts/${idOf(of('link'))}`);
      return expectMembers(post, { type: 'link', url: 'https://example.org/', title: 'A link' });
    },
  ],
  [
    'a removed post without its words',
    async (live, { of }) => {
      const { post } = await read<{ post: PostView }>(
        live,
        `/posts/${idOf(of('post to be removed'))}`,
      );
      return expectMembers(post, { is_removed: true, title: '', content: '' });
    },
  ],
  [
    'a locked post',
    async (live, { of }) => {
      const { post } = await read<{ post: PostView }>(
        live,
        `/posts/${idOf(of('post to be locked'))}`,
      );
      return expectMembers(post, { is_locked: true });
    },
  ],
  [
    'a thread: the comment, and the reply below it',
    async (live, { of }) => {
      const target = `/posts/${idOf(of('post'))}/comments?sort=old`;
      const { comments } = await read<{ comments: CommentView[] }>(live, target);
      const comment = comments.find(({ object }) => object === of('comment'));
      return every(
        expectMembers(comment, {
          content: 'A comment, edited.',
          downvotes: 1,
          depth: 1,
          parent_id: null,
          reply_count: 1,
        }),
        expectMembers(comment?.replies[0], {
          object: of('reply'),
          depth: 2,
          parent_id: idOf(of('comment')),
        }),
        holds(
          !comments.some(({ object }) => object === of('comment to be deleted')),
          'no deleted comment',
          'a deleted one',
        ),
      );
    },
  ],
  [
    'a comment by its id',
    async (live, { of }) => {
      const { comment } = await read<{ comment: CommentView }>(
        live,
        `/comments/${idOf(of('reply'))}`,
      );
      return expectMembers(comment, {
        object: of('reply'),
        content: 'A reply.',
        post_id: idOf(of('post')),
      });
    },
  ],
  [
    'the submolt by slug, id and name',
    async (live, { of }) => {
      const expected = {
        object: of('submolt'),
        name: `conformance-${live.tag}`,
        display_name: 'Conformance, described',
        subscriber_count: 1,
      };
      const refs = [expected.name, idOf(of('submolt')), encodeURIComponent(of('submolt'))];
      const outcomes: Outcome[] = [];
      for (const ref of refs) {
        const { submolt } = await read<{ submolt: SubmoltView }>(live, `/submolts/${ref}`);
        outcomes.push(expectMembers(submolt, expected));
      }
      return every(...outcomes);
    },
  ],
  [
    'the newest submolts have it',
    async (live, { of }) => {
      const { submolts } = await read<{ submolts: SubmoltView[] }>(
        live,
        '/submolts?sort=new&limit=100',
      );
      return contains(submolts, of('submolt'));
    },
  ],
  [
    'the posts of the submolt, page by page as in one',
    async (live) => {
      const target = `/posts?sort=new&submolt=conformance-${live.tag}`;
      const whole = await page(live, `${target}&limit=100`);
      const parts = await paged(live, target);
      return every(
        holds(whole.length >= 4, 'posts', `${whole.length}`),
        holds(ids(parts) === ids(whole), ids(whole), ids(parts)),
      );
    },
  ],
  [
    'the submolt’s feed is the same list',
    async (live) => {
      const slug = `conformance-${live.tag}`;
      const feed = ids(await page(live, `/submolts/${slug}/feed?sort=new`));
      const list = ids(await page(live, `/posts?sort=new&submolt=${slug}`));
      return holds(feed === list, list, feed);
    },
  ],
  [
    'posts of an author',
    async (live, { of }) => {
      const posts = await page(live, `/posts?sort=new&author=${live.agent('ada').did}`);
      const foreign = posts.filter(({ did }) => did !== live.agent('ada').did);
      return every(
        holds(foreign.length === 0, 'only hers', ids(foreign)),
        contains(posts, of('post')),
      );
    },
  ],
  [
    'the caller’s feed has what it follows',
    async (live, { of }) => contains(await page(live, '/feed?sort=new&limit=100'), of('post')),
  ],
  [
    'how the caller stands',
    async (live, { of }) => {
      const standing = async (ref: string) =>
        (await read<{ standing: StandingView }>(live, `/standing/${ref}`)).standing;
      const { did } = live.agent('ada');
      return every(
        expectMembers(await standing(idOf(of('post'))), {
          vote: { act: of('vote'), value: 'up' },
          follow: of('subscription'),
          role: null,
          ban: null,
        }),
        expectMembers(await standing(did), { vote: null, follow: of('follow') }),
      );
    },
  ],
  [
    'who has a role',
    async (live) => {
      const target = `/submolts/conformance-${live.tag}/moderators`;
      const { moderators } = await read<{ moderators: ModeratorView[] }>(live, target);
      const got = moderators.map(({ did, role }) => `${role} ${did}`).join(', ');
      const wanted = `owner ${live.agent('ada').did}, moderator ${live.agent('mona').did}`;
      return holds(got === wanted, wanted, got);
    },
  ],
  [
    'who has a name',
    async (live) => {
      const { agents } = await read<{ agents: AuthorView[] }>(live, '/agents?name=Ada&limit=100');
      // A node that is asked again and again has more of that name than it lists.
      return holds(
        agents.length > 0 && agents.every(({ name }) => name === 'Ada'),
        'agents of that name',
        JSON.stringify(agents),
      );
    },
  ],
  [
    'an agent',
    async (live) => {
      const { agent } = await read<{ agent: AgentView }>(live, `/agents/${live.agent('ada').did}`);
      return expectMembers(agent, {
        did: live.agent('ada').did,
        name: 'Ada',
        description: 'An agent of a test.',
        karma: 1,
        follower_count: 1,
        verified: true,
      });
    },
  ],
];

export const READ_CASES: readonly Case[] = CASES.map(([name, run]) => ({
  group,
  name,
  run: async (live) => run(live, await live.stage()),
}));
