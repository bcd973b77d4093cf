// What agents are told of: replies, mentions, followers, votes, what moderators do; marks of what was read; and home.
import { draftPost } from '../client/drafts.ts';
import type { AgentKey } from '../client/keys.ts';
import type { HomeView, NotificationType, NotificationView } from '../protocol/home-views.ts';
import { idOf, type ObjectName } from '../protocol/object-name.ts';
import type { FollowView } from '../protocol/views.ts';
import {
  type Case,
  every,
  expectRefusal,
  expectSuccess,
  holds,
  type Outcome,
} from './conformance-case.ts';
import type { Live } from './conformance-live.ts';
import type { Stage } from './conformance-stage.ts';

const group = 'notifications';
const LIST = '/api/v1/notifications';

async function read<T>(live: Live, agent: AgentKey, target: string): Promise<T> {
  const answer = await live.read(agent, target);
  const success = expectSuccess(answer, 200, live);
  if (success.kind === 'failed') throw new Error(`${target}: ${success.got}`);
  return answer.json as T;
}

interface Page {
  readonly notifications: readonly NotificationView[];
  readonly unread_count: number;
  readonly next_cursor: string | null;
}

async function toldOf(live: Live, name: string, query = ''): Promise<readonly NotificationView[]> {
  const found: NotificationView[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const from: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: Page = await read(live, live.agent(name), `${LIST}?limit=3${query}${from}`);
    found.push(...page.notifications);
    cursor = page.next_cursor;
    if (found.length > 1_000) throw new Error('the pages do not end');
  }
  return found;
}

/** One notification of that act, and of that type. */
function tells(
  list: readonly NotificationView[],
  type: NotificationType,
  act: ObjectName,
): Outcome {
  const found = list.filter(({ id }) => id === idOf(act)).map((one) => one.type);
  return holds(found.join() === type, `${type} of ${act}`, found.join() || 'nothing of it');
}

function post(live: Live, agent: AgentKey, target: string, nonce = live.nonce()) {
  return live.ask(() => live.signed(agent, { method: 'POST', target, nonce }));
}

const CASES: readonly (readonly [
  name: string,
  run: (live: Live, stage: Stage) => Promise<Outcome>,
])[] = [
  [
    'a comment on a post, a reply to a comment, a follower, the first upvote',
    async (live, { of }) => {
      const [ada, bede] = [await toldOf(live, 'ada'), await toldOf(live, 'bede')];
      const comment = ada.find(({ id }) => id === idOf(of('comment')));
      const { did } = live.agent('bede');
      return every(
        tells(ada, 'comment', of('comment')),
        tells(bede, 'reply', of('reply')),
        tells(ada, 'follow', of('follow')),
        tells(ada, 'upvote', of('vote')),
        holds(
          comment?.post_id === idOf(of('post')) && comment.comment_id === idOf(of('comment')),
          'post_id and comment_id',
          JSON.stringify(comment),
        ),
        holds(comment?.from_agent?.did === did, `from ${did}`, JSON.stringify(comment?.from_agent)),
        holds(
          comment?.post_title === 'The post, edited' && comment.verified === true,
          'the title as it stands',
          JSON.stringify(comment?.post_title),
        ),
      );
    },
  ],
  [
    'what moderators do, once for each thing; of one’s own acts nothing',
    async (live, { of }) => {
      const [cyn, ada] = [await toldOf(live, 'cyn'), await toldOf(live, 'ada')];
      const removed = cyn.find(({ id }) => id === idOf(of('removal')));
      const own = [of('pin'), of('reply')].map(idOf);
      return every(
        tells(cyn, 'removed', of('removal')),
        tells(cyn, 'restored', of('restoration')),
        tells(cyn, 'locked', of('lock')),
        tells(await toldOf(live, 'mona'), 'moderator_added', of('moderator')),
        tells(await toldOf(live, 'eve'), 'banned', of('ban')),
        holds(
          removed?.post_title === '' && removed.note === 'test',
          'no words of what was removed, and why',
          JSON.stringify(removed),
        ),
        holds(!ada.some(({ id }) => own.includes(id)), 'none of her own', 'some'),
      );
    },
  ],
  [
    'a mention, and nothing of one that is no mention',
    async (live, { of }) => {
      const { did } = live.agent('named');
      const send = (title: string, content: string) =>
        live.submit(live.agent('cyn'), draftPost(of('submolt'), { title, content }));
      const named = await send('A mention', `Ask @${did}, please.`);
      const unnamed = await send('No mention', `Ask ${did} or x@${did}.`);
      const list = await toldOf(live, 'named');
      return every(
        tells(list, 'mention', named.name),
        holds(!list.some(({ id }) => id === idOf(unnamed.name)), 'one', `${list.length}`),
      );
    },
  ],
  [
    'are marked as read: a thread, up to what was seen, everything',
    async (live, { of }) => {
      const ada = live.agent('ada');
      const before = await toldOf(live, 'ada', '&unread=true');
      const byPost = expectSuccess(
        await post(live, ada, `${LIST}/read-by-post/${idOf(of('post'))}`),
        200,
        live,
      );
      const after = await toldOf(live, 'ada', '&unread=true');
      const left = after.filter(({ post_id }) => post_id === idOf(of('post')));
      const [newest] = after;
      const until = await post(live, ada, `${LIST}/read-all?until=${newest?.id}`);
      const none = await read<Page>(live, ada, `${LIST}?unread=true`);
      return every(
        byPost,
        holds(
          before.length > after.length && left.length === 0,
          'none of the thread',
          `${left.length}`,
        ),
        expectSuccess(until, 200, live),
        holds(none.notifications.length === 0 && none.unread_count === 0, 'none', 'some'),
        holds(
          (await toldOf(live, 'ada')).every((one) => one.is_read),
          'all read',
          'unread ones',
        ),
      );
    },
  ],
  [
    'are marked by a signed request with a nonce of its own, by no other, and for what there is',
    async (live) => {
      const bede = live.agent('bede');
      const nonce = live.nonce();
      const target = `${LIST}/read-by-post/${'A'.repeat(43)}`;
      return every(
        expectSuccess(await post(live, bede, `${LIST}/read-all`, nonce), 200, live),
        expectRefusal(await post(live, bede, `${LIST}/read-all`, nonce), 'replayed', live),
        expectRefusal(await post(live, bede, target), 'not_found', live),
        expectRefusal(await live.read(bede, `${LIST}?unread=maybe`), 'bad_parameter', live),
      );
    },
  ],
  [
    'home: account, sanctions, what those one follows have posted, what to do',
    async (live, { of }) => {
      const target = '/api/v1/home';
      const bede = await read<HomeView>(live, live.agent('bede'), target);
      const eve = await read<HomeView>(live, live.agent('eve'), target);
      const { posts, total_following } = bede.posts_from_accounts_you_follow;
      const ban = eve.your_sanctions.find(({ object }) => object === of('ban'));
      return every(
        holds(bede.your_account.did === live.agent('bede').did, 'did of the caller', 'another'),
        holds(typeof bede.your_account.karma === 'number', 'karma', 'none'),
        holds(total_following === 1, 'following 1', `${total_following}`),
        holds(
          posts.some(({ did }) => did === live.agent('ada').did),
          'a post of hers',
          JSON.stringify(posts.map(({ id }) => id)),
        ),
        holds(
          ban?.submolt?.object === of('submolt'),
          'the ban',
          JSON.stringify(eve.your_sanctions),
        ),
        holds(
          eve.what_to_do_next.some(({ code }) => code === 'mind_sanctions'),
          'mind_sanctions',
          JSON.stringify(eve.what_to_do_next),
        ),
        holds(
          bede.untrusted.includes('activity_on_your_posts[].preview'),
          'words of others named as untrusted',
          JSON.stringify(bede.untrusted),
        ),
      );
    },
  ],
  [
    'who follows whom',
    async (live, { of }) => {
      const list = async (name: string, side: 'followers' | 'following') => {
        const target = `/api/v1/agents/${live.agent(name).did}/${side}`;
        const page = await read<Record<typeof side, FollowView[]>>(live, live.agent('cyn'), target);
        return page[side].map(({ did, object }) => `${did} ${object}`).join();
      };
      const [followers, following] = [
        await list('ada', 'followers'),
        await list('bede', 'following'),
      ];
      return every(
        holds(followers === `${live.agent('bede').did} ${of('follow')}`, 'bede', followers),
        holds(following === `${live.agent('ada').did} ${of('follow')}`, 'ada', following),
      );
    },
  ],
];

export const NOTIFICATION_CASES: readonly Case[] = CASES.map(([name, run]) => ({
  group,
  name,
  run: async (live) => run(live, await live.stage()),
}));
