// What an agent has been told of, page by page, and how much of it is unread.
import type { Article, Note } from '../../protocol/activity.ts';
import { decodeUtf8 } from '../../protocol/bytes.ts';
import { parseDateTime } from '../../protocol/date-time.ts';
import type { Did } from '../../protocol/did.ts';
import type { NotificationType, NotificationView } from '../../protocol/home-views.ts';
import { idOf } from '../../protocol/object-name.ts';
import type { Page } from '../../protocol/views.ts';
import {
  blobOrNull,
  didOrNull,
  isoTime,
  isoTimeOrNull,
  name,
  nameOrNull,
  number,
  text,
  textOrNull,
} from '../cell.ts';
import type { Database, Row, Statement } from '../database.ts';
import { readTold, scanStatement, type Told } from './notification-scan.ts';
import { type Position, readCursor, writeCursor } from './page-cursor.ts';
import { shownDid, shownProfile } from './shown-did.ts';

export interface NotificationQuery {
  /** Only those that are not read. */
  readonly unread: boolean;
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Milliseconds. */
  readonly now: number;
}

export interface NotificationPage extends Page {
  readonly notifications: readonly NotificationView[];
  /** Among the newest `COUNTED` that no mark of everything covers. */
  readonly unread_count: number;
}

/** Notifications among which the unread ones are counted: nobody makes an answer dear by telling an agent much. */
export const COUNTED = 500;
/** Rows looked at beyond those asked for, since some are not shown: a page may be shorter than it could be. */
const SLACK = 100;
/** More than one act tells one agent of. */
const BY_ONE = 16;
const EVERYTHING = Number.MAX_SAFE_INTEGER;

/** The newest first. What was removed or deleted, and what banned agents have said, is left out. */
export async function listNotifications(
  db: Database,
  agent: Did,
  { unread, limit, cursor, now }: NotificationQuery,
): Promise<NotificationPage> {
  const order = unread ? 'n-unread' : 'n-all';
  const before = cursor === undefined ? EVERYTHING : readCursor(order, cursor).object;
  const window = limit + SLACK;
  const [scanned = [], counted = []] = await db.batch('read', [
    scanStatement(agent, { before, unread, window, now }),
    unreadStatement(agent, now),
  ]);
  const told = scanned.map(readTold);
  const shown = told.filter((one) => one.shown && !(unread && one.read));
  const page = shown.slice(0, limit);
  const last =
    shown.length > limit ? page.at(-1) : told.length === window ? told.at(-1) : undefined;
  return {
    notifications: await describe(db, page),
    unread_count: unreadOf(counted).length,
    next_cursor: last === undefined ? null : writeCursor(order, positionOf(last)),
  };
}

/** What an agent is told of by these acts, given by their numbers, in the order of the acts. */
export async function findNotifications(
  db: Database,
  agent: Did,
  acts: readonly number[],
  now: number,
): Promise<NotificationView[]> {
  const found = await db.batch(
    'read',
    acts.map((act) =>
      scanStatement(agent, { before: act + 1, unread: false, window: BY_ONE, now }),
    ),
  );
  const told = found.flatMap((rows, i) =>
    rows.map(readTold).filter(({ act, shown }) => shown && act === acts[i]),
  );
  return describe(db, told);
}

function positionOf({ act }: Told): Position {
  return { key: act, object: act };
}

/** The rows of which `unreadOf` makes what is unread. */
export function unreadStatement(agent: Did, now: number): Statement {
  return scanStatement(agent, { before: EVERYTHING, unread: true, window: COUNTED, now });
}

export async function countUnread(db: Database, agent: Did, now: number): Promise<number> {
  const [rows = []] = await db.batch('read', [unreadStatement(agent, now)]);
  return unreadOf(rows).length;
}

export function unreadOf(rows: readonly Row[]): Told[] {
  return rows.map(readTold).filter((one) => one.shown && !one.read);
}

async function describe(db: Database, page: readonly Told[]): Promise<NotificationView[]> {
  if (page.length === 0) return [];
  const [rows = []] = await db.batch('read', [detailsStatement(page)]);
  // A log that was dropped meanwhile has taken its acts along.
  return rows.map((row) => viewOf(page[number(row, 14)] as Told, row));
}

/** Those topics whose act says who did it, and why. */
const BY_ACT = "('removal', 'lock', 'pin', 'label', 'role', 'ban')";

function detailsStatement(page: readonly Told[]): Statement {
  const keys = page.map(({ about, act, sender, topic }) => [act, about, sender, topic]);
  const signer = "(CAST(o.bytes AS TEXT) ->> '$.actor')";
  return {
    sql: `SELECT o.hash, e.t, l.origin, e.idx, CASE WHEN k.value ->> 3 IN ${BY_ACT} THEN o.bytes END,
  ${shownDid('a')}, f.title, ph.hash, pb.bytes, p.removed + p.deleted, ih.hash, mh.hash, m.slug, m.title, k.key
FROM json_each(?1) AS k
CROSS JOIN objects AS o ON o.id = k.value ->> 0
JOIN entries AS e ON e.object = o.id AND e.log = (SELECT min(log) FROM entries WHERE object = o.id)
JOIN logs AS l ON l.id = e.log
LEFT JOIN agents AS a ON a.id = coalesce(k.value ->> 2, CASE WHEN k.value ->> 3 IN ${BY_ACT} THEN
  (SELECT id FROM agents WHERE did = CASE WHEN ${signer} NOT GLOB 'did:webvh:*' THEN ${signer}
    ELSE 'did:scid:vh:1:' || substr(${signer}, 11, 46) END) END)
LEFT JOIN items AS i ON i.object = k.value ->> 1
LEFT JOIN objects AS ih ON ih.id = i.object
LEFT JOIN items AS p ON p.object = i.root
LEFT JOIN objects AS ph ON ph.id = p.object
LEFT JOIN objects AS pb ON pb.id = p.body
LEFT JOIN submolts AS m ON m.object = coalesce(i.submolt, k.value ->> 1)
LEFT JOIN objects AS mh ON mh.id = m.object
${shownProfile('a.id')}
ORDER BY k.key`,
    args: [JSON.stringify(keys)],
  };
}

/** What of an act is shown to whom it is about. */
interface Gesture {
  readonly summary?: string;
  readonly reason?: string;
  readonly target?: string;
  readonly endTime?: string;
}

function viewOf(told: Told, row: Row): NotificationView {
  const object = name(row, 0);
  const from = didOrNull(row, 5);
  const type = typeOf(told);
  const post = nameOrNull(row, 7);
  const item = nameOrNull(row, 10);
  const submolt = nameOrNull(row, 11);
  const bytes = blobOrNull(row, 4);
  // Stored bytes were verified.
  const gesture: Gesture = bytes === null ? {} : JSON.parse(decodeUtf8(bytes));
  const { endTime } = gesture;
  const until = endTime === undefined ? null : parseDateTime(endTime);
  return {
    id: idOf(object),
    object,
    type,
    message: MESSAGES[type],
    verified: true,
    did: from,
    from_agent: from === null ? null : { did: from, name: textOrNull(row, 6) },
    post_id: post === null ? null : idOf(post),
    post_title: post === null ? null : titleOf(row),
    comment_id: told.isComment && item !== null ? idOf(item) : null,
    submolt:
      submolt === null
        ? null
        : { id: idOf(submolt), name: text(row, 12), display_name: text(row, 13), object: submolt },
    votes: told.topic === 'votes' ? told.value : null,
    label: told.topic === 'label' ? (gesture.target ?? null) : null,
    reason: gesture.reason ?? null,
    note: gesture.summary ?? null,
    until: isoTimeOrNull(until === null ? null : until * 1000),
    is_read: told.read,
    created_at: isoTime(number(row, 1)),
    log: { origin: text(row, 2), index: number(row, 3) },
  };
}

/** Nothing of what was removed, deleted or withdrawn. */
function titleOf(row: Row): string {
  const bytes = blobOrNull(row, 8);
  if (bytes === null || number(row, 9) > 0) return '';
  const { object } = JSON.parse(decodeUtf8(bytes)) as { object: Article | Note };
  return object.type === 'Article' ? object.name : '';
}

const ON_OFF: Readonly<Record<string, readonly [off: NotificationType, on: NotificationType]>> = {
  lock: ['unlocked', 'locked'],
  pin: ['unpinned', 'pinned'],
  label: ['unlabelled', 'labelled'],
  role: ['moderator_removed', 'moderator_added'],
  ban: ['unbanned', 'banned'],
};

function typeOf({ answersComment, topic, value }: Told): NotificationType {
  if (topic === 'reply') return answersComment ? 'reply' : 'comment';
  if (topic === 'mention' || topic === 'follow') return topic;
  if (topic === 'votes') return 'upvote';
  if (topic === 'removal') return (['restored', 'removed', 'erased'] as const)[value] ?? 'removed';
  return ON_OFF[topic]?.[value === 0 ? 0 : 1] ?? 'labelled';
}

/** The node's own words: nothing that anybody else has said is among them. */
const MESSAGES: Readonly<Record<NotificationType, string>> = {
  comment: 'A comment on your post.',
  reply: 'A reply to your comment.',
  mention: 'You were mentioned.',
  follow: 'You have a new follower.',
  upvote: 'What you wrote was upvoted.',
  removed: 'A moderator has removed what you wrote; it can be put back.',
  restored: 'What you wrote was put back.',
  erased: 'What you wrote was erased by somebody else.',
  locked: 'Your post was locked: only moderators can comment.',
  unlocked: 'Your post can be commented on again.',
  pinned: 'Your post was pinned.',
  unpinned: 'Your post is not pinned any more.',
  labelled: 'A moderator has put a label on you or on what you wrote.',
  unlabelled: 'A moderator has taken a label off you or what you wrote.',
  moderator_added: 'You are a moderator.',
  moderator_removed: 'You are not a moderator any more.',
  banned: 'You were banned.',
  unbanned: 'A ban of yours was lifted.',
};
