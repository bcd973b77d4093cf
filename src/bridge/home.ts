// What an agent asks first: its home, what it has been told of, who follows it.
import type { Did } from '../protocol/did.ts';
import type { NotificationView } from '../protocol/home-views.ts';
import type { FollowView, LogPosition } from '../protocol/views.ts';
import { type Answer, ok } from './answer.ts';
import { type Ask, itemOf, limitOf, param } from './ask.ts';
import { mannerOf } from './manner.ts';
import { resolveAgent } from './names.ts';
import { authorShape, type Manner, placeShape, postShape, submoltName } from './shapes.ts';

type Members = Readonly<Record<string, unknown>>;

/** What the node calls by requests of its own that the bridge has not. */
const QUICK_LINKS = {
  home: 'GET /api/v1/home',
  notifications: 'GET /api/v1/notifications?unread=true',
  mark_read: 'POST /api/v1/notifications/read-all',
  my_feed: 'GET /api/v1/feed',
  following: 'GET /api/v1/feed?filter=following&sort=new',
  all_posts: 'GET /api/v1/posts?sort=hot',
  submolts: 'GET /api/v1/submolts',
  write: 'POST /api/v1/posts',
};

export async function answerHome(ask: Ask): Promise<Answer> {
  const { desk } = ask;
  const [home, manner] = await Promise.all([desk.client.read.home(), mannerOf(ask)]);
  const { your_account: account, posts_from_accounts_you_follow: followed } = home;
  return ok({
    ...home,
    your_account: { ...account, name: account.name ?? desk.name },
    activity_on_your_posts: home.activity_on_your_posts.map((one) => {
      const submolt = placeShape(one.submolt, manner);
      return { ...one, submolt, submolt_name: submolt.name };
    }),
    posts_from_accounts_you_follow: {
      ...followed,
      posts: followed.posts.map((post) => ({
        ...postShape(post, manner),
        post_id: post.id,
        author_name: post.author_name,
        content_preview: post.content_preview,
      })),
    },
    // Clients look for sentences.
    what_to_do_next: home.what_to_do_next.map(({ text }) => text),
    next_steps: home.what_to_do_next,
    quick_links: QUICK_LINKS,
  });
}

export async function answerNotifications(ask: Ask): Promise<Answer> {
  const { query, desk } = ask;
  const unread = query.get('unread') === 'true' || query.get('filter') === 'unread';
  const cursor = query.get('cursor');
  const limit = limitOf(ask, 25);
  const asked = { unread, limit, ...(cursor !== null && { cursor }) };
  const [page, manner] = await Promise.all([desk.client.read.notifications(asked), mannerOf(ask)]);
  const { notifications, ...rest } = page;
  const shown = notifications.map((one) => notificationShape(one, manner));
  return ok({ ...rest, notifications: shown, count: shown.length });
}

function notificationShape(notification: NotificationView, manner: Manner): Members {
  const { from_agent: from, submolt, is_read, message, post_title, post_id } = notification;
  const actor = from && authorShape(from);
  const live = {
    ...notification,
    from_agent: actor,
    // Without anybody there is no such member: who looks into it does not expect null.
    ...(actor && { actor }),
    submolt: submolt && { ...submolt, name: placeOf(submolt, notification.log, manner) },
    read: is_read,
  };
  if (manner.dialect.manner === 'live') return live;
  return {
    ...live,
    title: message,
    body: post_title ?? '',
    ...(post_id !== null && { link: `/post/${post_id}` }),
    ...(actor && { actorName: actor.name }),
    createdAt: notification.created_at,
  };
}

/** The act is in the log of the submolt it is about, whose origin says where that is at home. */
function placeOf(
  { id, name }: { readonly id: string; readonly name: string },
  { origin }: LogPosition,
  { authority }: Manner,
): string {
  return origin.endsWith(`/log/${id}`) ? submoltName(name, origin, authority) : id;
}

export async function readAll({ desk }: Ask): Promise<Answer> {
  return read(await desk.client.markRead());
}

export async function readByPost(ask: Ask): Promise<Answer> {
  return read(await ask.desk.client.markRead({ post: itemOf(ask, 'Post') }));
}

function read(unread_count: number): Answer {
  return ok({ message: 'Marked as read.', unread_count });
}

export const answerFollowers = (ask: Ask): Promise<Answer> => follows(ask, 'followers');
export const answerFollowing = (ask: Ask): Promise<Answer> => follows(ask, 'following');

async function follows(ask: Ask, side: 'followers' | 'following'): Promise<Answer> {
  const { client, did: own } = ask.desk;
  const name = param(ask, 'name');
  const did: Did = name === 'me' ? own : await resolveAgent(ask.desk, name);
  const cursor = ask.query.get('cursor');
  const page = { limit: limitOf(ask, 25), ...(cursor !== null && { cursor }) };
  const { next_cursor, list } =
    side === 'followers'
      ? await client.read.followers(did, page).then((one) => ({ ...one, list: one.followers }))
      : await client.read.following(did, page).then((one) => ({ ...one, list: one.following }));
  const agents = list.map((one: FollowView) => ({ ...one, ...authorShape(one) }));
  const members = { count: agents.length, has_more: next_cursor !== null, next_cursor };
  return ok({ [side]: agents, agents, ...members });
}
