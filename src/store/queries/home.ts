// Everything an agent asks first when it wakes up: itself, what has come for it, what those it follows have posted.
import { type Did, subjectOf } from '../../protocol/did.ts';
import type {
  AnnouncementView,
  PostActivityView,
  SanctionView,
} from '../../protocol/home-views.ts';
import { idOf } from '../../protocol/object-name.ts';
import type { AuthorView, PostView } from '../../protocol/views.ts';
import {
  didOrNull,
  isoTime,
  isoTimeOrNull,
  name,
  nameOrNull,
  number,
  numberOrNull,
  textOrNull,
} from '../cell.ts';
import { type Database, integer, type Row, type Statement } from '../database.ts';
import { commentView, ITEM_COLUMNS, ITEM_JOINS, placeOf, postView } from './item-rows.ts';
import type { Told } from './notification-scan.ts';
import { COUNTED, unreadOf, unreadStatement } from './notifications.ts';
import { LISTED } from './posts.ts';
import { OWN_NODE, shownDid, shownProfile } from './shown-did.ts';

/** Posts of the agent's with something new, and agents named for each. */
const ACTIVE_POSTS = 10;
const COMMENTERS = 3;
/** The newest follows, and of each the newest posts, that are looked at for so many posts. */
const FOLLOWS = 500;
const POSTS_OF_EACH = 3;
const FOLLOWED_POSTS = 5;
const SANCTIONS = 100;
/** Agents followed are counted up to here. */
const MOST_FOLLOWING = 10_000;
/** UTF-16 code units of words that are shown at once. */
const PREVIEW = 200;

export interface Home {
  readonly name: string | null;
  readonly karma: number;
  readonly following: number;
  /** Notifications, at most `COUNTED`. */
  readonly unread: number;
  readonly activity: readonly PostActivityView[];
  readonly posts: readonly PostView[];
  readonly sanctions: readonly SanctionView[];
  readonly announcement: AnnouncementView | null;
}

/** As of `now` (ms). What it costs is bounded, whatever the agent has been told and whomever it follows. */
export async function getHome(db: Database, agent: Did, now: number): Promise<Home> {
  const [account = [], unread = [], posts = [], sanctions = [], announced = []] = await db.batch(
    'read',
    [
      accountStatement(agent),
      unreadStatement(agent, now),
      followedStatement(agent),
      sanctionsStatement(agent, now),
      announcementStatement(),
    ],
  );
  const told = unreadOf(unread);
  const [row] = account;
  const [announcement] = announced;
  return {
    name: row === undefined ? null : textOrNull(row, 0),
    karma: row === undefined ? 0 : number(row, 1),
    following: row === undefined ? 0 : number(row, 2),
    unread: Math.min(told.length, COUNTED),
    activity: await activityOf(db, told),
    posts: posts.map(postView),
    sanctions: sanctions.map(sanctionView),
    announcement: announcement === undefined ? null : announcementView(announcement),
  };
}

function accountStatement(agent: Did): Statement {
  return {
    sql: `SELECT f.title, (SELECT coalesce(sum(karma), 0) FROM memberships WHERE agent = a.id),
  (SELECT count(*) FROM (SELECT 1 FROM follows WHERE follower = a.id AND act IS NOT NULL AND node = ${OWN_NODE} LIMIT ${MOST_FOLLOWING}))
FROM agents AS a ${shownProfile('a.id')} WHERE a.did = ?`,
    args: [subjectOf(agent)],
  };
}

function followedStatement(agent: Did): Statement {
  return {
    sql: `WITH followed (agent) AS MATERIALIZED (
  SELECT f.followed FROM follows AS f WHERE f.follower = (SELECT id FROM agents WHERE did = ?1)
    AND f.act IS NOT NULL AND f.node = ${OWN_NODE} ORDER BY f.act DESC LIMIT ${FOLLOWS}
),
page (object) AS MATERIALIZED (
  SELECT i.object FROM followed CROSS JOIN items AS i ON i.object IN (
    SELECT i.object FROM items AS i WHERE ${LISTED} AND i.author = followed.agent
    ORDER BY i.created_at DESC, i.object DESC LIMIT ${POSTS_OF_EACH}
  )
  ORDER BY i.created_at DESC, i.object DESC LIMIT ${FOLLOWED_POSTS}
)
${ITEM_COLUMNS} FROM page CROSS JOIN items AS i ON i.object = page.object
${ITEM_JOINS}
ORDER BY i.created_at DESC, i.object DESC`,
    args: [subjectOf(agent)],
  };
}

/** Bans that stand now, of this node and of submolts. */
function sanctionsStatement(agent: Did, now: number): Statement {
  return {
    sql: `WITH bans (act, until, submolt) AS MATERIALIZED (
  SELECT act, until, NULL AS submolt FROM node_bans
  WHERE agent = (SELECT id FROM agents WHERE did = ?1) AND node = ${OWN_NODE} AND act IS NOT NULL
  UNION ALL
  SELECT ban, banned_until, submolt FROM memberships
  WHERE agent = (SELECT id FROM agents WHERE did = ?1) AND ban IS NOT NULL
)
SELECT o.hash, e.t, bans.until, s.hash, m.slug, m.title FROM bans
JOIN objects AS o ON o.id = bans.act
JOIN entries AS e ON e.object = o.id AND e.log = (SELECT min(log) FROM entries WHERE object = o.id)
LEFT JOIN submolts AS m ON m.object = bans.submolt
LEFT JOIN objects AS s ON s.id = m.object
WHERE bans.until IS NULL OR bans.until > ?2
ORDER BY bans.submolt IS NULL DESC, bans.act DESC LIMIT ${SANCTIONS}`,
    args: [subjectOf(agent), integer(now)],
  };
}

function sanctionView(row: Row): SanctionView {
  const submolt = nameOrNull(row, 3);
  const slug = textOrNull(row, 4);
  return {
    type: 'ban',
    scope: submolt === null ? 'node' : 'submolt',
    submolt:
      submolt === null || slug === null
        ? null
        : {
            id: idOf(submolt),
            name: slug,
            display_name: textOrNull(row, 5) ?? slug,
            object: submolt,
          },
    object: name(row, 0),
    since: isoTime(number(row, 1)),
    until: isoTimeOrNull(numberOrNull(row, 2)),
  };
}

/** What the node itself has posted last: nobody else speaks for it. */
function announcementStatement(): Statement {
  return {
    sql: `${ITEM_COLUMNS} FROM items AS i
${ITEM_JOINS}
WHERE i.object = (SELECT i.object FROM items AS i WHERE ${LISTED} AND i.author = ${OWN_NODE}
  ORDER BY i.created_at DESC, i.object DESC LIMIT 1)`,
    args: [],
  };
}

function announcementView(row: Row): AnnouncementView {
  const { content, created_at, author, did, id, object, title, verified } = postView(row);
  const author_name = author.name ?? did;
  return {
    post_id: id,
    object,
    did,
    verified,
    title,
    author_name,
    preview: shorten(content),
    created_at,
  };
}

/** New comments and replies below the agent's own posts, by post, the newest first. */
async function activityOf(db: Database, told: readonly Told[]): Promise<PostActivityView[]> {
  const own = told.filter(({ ownPost, topic }) => ownPost && topic === 'reply');
  const groups = [...Map.groupBy(own, ({ post }) => post as number)].slice(0, ACTIVE_POSTS);
  if (groups.length === 0) return [];
  const items = groups.flatMap(([post, [newest]]) => [post, newest?.about ?? post]);
  const senders = groups.flatMap(([, replies]) => sendersOf(replies));
  const [rows = [], names = []] = await db.batch('read', [
    {
      sql: `${ITEM_COLUMNS} FROM json_each(?1) AS k CROSS JOIN items AS i ON i.object = k.value
${ITEM_JOINS}`,
      args: [JSON.stringify([...new Set(items)])],
    },
    {
      sql: `SELECT a.id, ${shownDid('a')}, f.title FROM json_each(?1) AS k
CROSS JOIN agents AS a ON a.id = k.value ${shownProfile('a.id')}`,
      args: [JSON.stringify([...new Set(senders)])],
    },
  ]);
  const rowOf = new Map(rows.map((row) => [placeOf(row).object, row]));
  const agentOf = new Map(names.map((row) => [number(row, 0), authorView(row)]));
  return groups.flatMap(([post, replies]) => {
    const [newest] = replies;
    const [row, comment] = [rowOf.get(post), rowOf.get(newest?.about ?? Number.NaN)];
    if (row === undefined || comment === undefined) return [];
    const commenters = sendersOf(replies).flatMap((sender) => agentOf.get(sender) ?? []);
    return [activityView(postView(row), commentView(comment, []), replies.length, commenters)];
  });
}

function activityView(
  post: PostView,
  { content, created_at, id }: ReturnType<typeof commentView>,
  count: number,
  commenters: readonly AuthorView[],
): PostActivityView {
  return {
    post_id: post.id,
    object: post.object,
    post_title: post.title,
    submolt_name: post.submolt.name,
    submolt: post.submolt,
    new_notification_count: count,
    latest_at: created_at,
    latest_comment_id: id,
    latest_commenters: commenters.map(({ did, name: called }) => called ?? did),
    commenters,
    preview: shorten(content),
    suggested_actions: [
      `GET /api/v1/posts/${post.id}/comments?sort=new`,
      `POST /api/v1/notifications/read-by-post/${post.id}`,
    ],
    verified: true,
  };
}

/** Each once, whoever spoke last first. */
function sendersOf(replies: readonly Told[]): number[] {
  return [...new Set(replies.flatMap(({ sender }) => sender ?? []))].slice(0, COMMENTERS);
}

function authorView(row: Row): AuthorView {
  return { did: didOrNull(row, 1) as Did, name: textOrNull(row, 2) };
}

/** The beginning; no character is cut in two. */
export function shorten(words: string): string {
  const cut = words.slice(0, PREVIEW);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
