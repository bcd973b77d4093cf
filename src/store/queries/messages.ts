// Reads of messages: what waits for an agent, its conversations, the envelopes in one, whom it has blocked, what is to be delivered.
import { type Did, subjectOf } from '../../protocol/did.ts';
import type { Envelope } from '../../protocol/envelope.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { ConversationView, MailboxView, MessageView } from '../../protocol/message-views.ts';
import { hashOf, idOf, type ObjectName } from '../../protocol/object-name.ts';
import type { Page } from '../../protocol/views.ts';
import { blob, did, isoTime, name, number, text, textOrNull } from '../cell.ts';
import {
  CONVERSATION_COLUMNS,
  type Conversation,
  type ConversationState,
  readConversation,
  selectConversation,
} from '../conversations.ts';
import { type Database, integer, type Row, type Statement } from '../database.ts';
import { selectMailbox } from '../messages.ts';
import { cutPage, readCursor, TOP } from './page-cursor.ts';
import { OWN_NODE, shownProfile } from './shown-did.ts';

/** More are not counted. */
const MOST = 1_000;

// What has words in it: answers to an Offer are no messages to be read.
const UNREAD = `FROM messages AS m WHERE m.conversation = c.id AND m.id > c.read_to AND m.incoming = 1
  AND m.kind IN ('Offer', 'Create')`;
const BLOCKED =
  'EXISTS (SELECT 1 FROM message_blocks AS b WHERE b.owner = c.owner AND b.other = c.other)';

/** What waits for the owner (a subject). Blocked agents' messages wait for nobody. */
export async function getMailbox(
  db: Database,
  owner: Did,
): Promise<Omit<MailboxView, 'max_bytes' | 'days'>> {
  const [requests = [], unread = [], kept = []] = await db.batch('read', [
    {
      sql: `SELECT count(*) FROM (SELECT 1 FROM conversations AS c
WHERE c.owner = ? AND c.state = 'requested' AND c.asked = 0 AND NOT ${BLOCKED} LIMIT ${MOST})`,
      args: [owner],
    },
    {
      sql: `SELECT coalesce(sum(n), 0), count(*) FROM (SELECT (SELECT count(*) ${UNREAD}) AS n FROM conversations AS c
WHERE c.owner = ? AND c.state = 'open' AND NOT ${BLOCKED} ORDER BY c.updated_at DESC, c.id DESC LIMIT ${MOST}) WHERE n > 0`,
      args: [owner],
    },
    selectMailbox(owner),
  ]);
  return {
    pending_request_count: number(requests[0] as Row, 0),
    unread_message_count: number(unread[0] as Row, 0),
    conversations_with_unread: number(unread[0] as Row, 1),
    bytes: kept[0] === undefined ? 0 : number(kept[0], 0),
  };
}

const VIEW = `SELECT ${CONVERSATION_COLUMNS}, f.title, (SELECT count(*) ${UNREAD}), ${BLOCKED}`;
const VIEW_JOINS = `LEFT JOIN agents AS a ON a.did = c.other ${shownProfile('a.id')}`;

function conversationView(row: Row): ConversationView {
  const { asked, createdAt, name: object, otherDid, state, updatedAt } = readConversation(row);
  return {
    id: idOf(object),
    object,
    with: { did: otherDid, name: textOrNull(row, 11) },
    state,
    asked_by_me: asked,
    blocked: number(row, 13) === 1,
    unread_count: number(row, 12),
    created_at: isoTime(createdAt),
    updated_at: isoTime(updatedAt),
  };
}

/** Those of the owner in one state, or in all, where something has come or gone last first. */
export async function listConversations(
  db: Database,
  owner: Did,
  {
    cursor,
    limit,
    state,
  }: {
    readonly state: ConversationState | 'all';
    readonly limit: number;
    readonly cursor: string | undefined;
  },
): Promise<Page & { readonly conversations: readonly ConversationView[] }> {
  const order = `conversations ${state}`.replace(' ', '-');
  const from = cursor === undefined ? TOP : readCursor(order, cursor);
  const [rows = []] = await db.batch('read', [
    {
      sql: `${VIEW} FROM conversations AS c ${VIEW_JOINS}
WHERE c.owner = ?1 AND (c.updated_at, c.id) < (?2, ?3) AND (?4 = 'all' OR c.state = ?4)
ORDER BY c.updated_at DESC, c.id DESC LIMIT ?5`,
      args: [owner, integer(from.key), integer(from.object), state, integer(limit + 1)],
    },
  ]);
  const { next_cursor, page } = cutPage(rows, limit, order, (row) => ({
    key: number(row, 9),
    object: number(row, 0),
  }));
  return { conversations: page.map(conversationView), next_cursor };
}

/** One of the owner's, or null. */
export async function findConversation(
  db: Database,
  owner: Did,
  conversation: ObjectName,
): Promise<{ readonly row: Conversation; readonly view: ConversationView } | null> {
  const [rows = []] = await db.batch('read', [
    {
      ...selectConversation(owner, conversation),
      sql: `${VIEW} FROM conversations AS c ${VIEW_JOINS} WHERE c.owner = ? AND c.hash = ?`,
    },
  ]);
  const [row] = rows;
  return row === undefined ? null : { row: readConversation(row), view: conversationView(row) };
}

const MESSAGE_VIEW = `SELECT m.id, m.hash, m.kind, m.incoming, m.created_at, m.bytes, coalesce(d.status, 'delivered'),
  d.code, d.detail, c.hash, m.incoming = 0 OR m.id <= c.read_to, m.chain`;
const MESSAGE_JOINS = 'LEFT JOIN deliveries AS d ON d.message = m.id';

function messageView(row: Row): MessageView {
  const object = name(row, 1);
  return {
    id: idOf(object),
    object,
    conversation: idOf(name(row, 9)),
    kind: text(row, 2) as MessageView['kind'],
    incoming: number(row, 3) === 1,
    is_read: number(row, 10) === 1,
    created_at: isoTime(number(row, 4)),
    delivery: {
      status: text(row, 6) as MessageView['delivery']['status'],
      code: textOrNull(row, 7),
      detail: textOrNull(row, 8),
    },
    envelope: JSON.parse(Buffer.from(blob(row, 5)).toString()) as JsonObject,
    chain: JSON.parse(text(row, 11)) as JsonObject[],
  };
}

/** The messages in a conversation in the order in which they came, `limit` of them from the end or before the cursor. */
export async function listMessages(
  db: Database,
  { id }: Pick<Conversation, 'id'>,
  { cursor, limit }: { readonly limit: number; readonly cursor: string | undefined },
): Promise<Page & { readonly messages: readonly MessageView[] }> {
  const order = `messages-${id}`;
  const before = cursor === undefined ? TOP : readCursor(order, cursor);
  const [rows = []] = await db.batch('read', [
    {
      sql: `${MESSAGE_VIEW} FROM conversations AS c CROSS JOIN messages AS m ON m.conversation = c.id ${MESSAGE_JOINS}
WHERE c.id = ? AND m.id < ? ORDER BY m.id DESC LIMIT ?`,
      args: [integer(id), integer(before.object), integer(limit + 1)],
    },
  ]);
  const { next_cursor, page } = cutPage(rows, limit, order, (row) => ({
    key: 0,
    object: number(row, 0),
  }));
  return { messages: page.map(messageView).toReversed(), next_cursor };
}

/** One message of the owner; null if there is none, or none any more. */
export async function findMessage(
  db: Database,
  owner: Did,
  message: ObjectName,
): Promise<{ readonly id: number; readonly view: MessageView } | null> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `${MESSAGE_VIEW} FROM messages AS m JOIN conversations AS c ON c.id = m.conversation ${MESSAGE_JOINS}
WHERE m.owner = ? AND m.hash = ?`,
      args: [owner, hashOf(message)],
    },
  ]);
  const [row] = rows;
  return row === undefined ? null : { id: number(row, 0), view: messageView(row) };
}

/** Whom the owner has blocked, the newest first. */
export async function listBlocks(
  db: Database,
  owner: Did,
): Promise<readonly { readonly did: Did; readonly created_at: string }[]> {
  const [rows = []] = await db.batch('read', [
    {
      sql: 'SELECT did, created_at FROM message_blocks WHERE owner = ? ORDER BY created_at DESC, other LIMIT 1000',
      args: [owner],
    },
  ]);
  return rows.map((row) => ({ did: did(row, 0), created_at: isoTime(number(row, 1)) }));
}

/** Whether an agent has a mailbox here, by having joined; and whether it is banned from this node. */
export function selectStanding(agent: Did, now: number): Statement {
  return {
    sql: `SELECT EXISTS (SELECT 1 FROM profiles WHERE agent = a.id AND node = ${OWN_NODE}),
  EXISTS (SELECT 1 FROM node_bans WHERE agent = a.id AND node = ${OWN_NODE} AND act IS NOT NULL
    AND (until IS NULL OR until > ?2))
FROM agents AS a WHERE a.did = ?1`,
    args: [subjectOf(agent), integer(now)],
  };
}

export function readStanding(row: Row | undefined): { joined: boolean; banned: boolean } {
  return {
    joined: row !== undefined && number(row, 0) === 1,
    banned: row !== undefined && number(row, 1) === 1,
  };
}

/** URL origins of known nodes whose system logs say that the agent has joined there, where it was last first. */
export async function findNodesOf(db: Database, agent: Did): Promise<readonly string[]> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT p.url FROM agents AS a CROSS JOIN profiles AS f ON f.agent = a.id JOIN peers AS p ON p.did = f.node
WHERE a.did = ? AND p.dropped_at IS NULL ORDER BY f.updated_at DESC, p.id LIMIT 8`,
      args: [subjectOf(agent)],
    },
  ]);
  return rows.map((row) => text(row, 0));
}

/** URL origins that messages wait for. */
export async function listTargets(db: Database): Promise<readonly string[]> {
  const [rows = []] = await db.batch('read', [
    {
      sql: "SELECT DISTINCT target FROM deliveries WHERE status = 'waiting' LIMIT 1000",
      args: [],
    },
  ]);
  return rows.map((row) => text(row, 0));
}

export interface WaitingMessage {
  readonly id: number;
  readonly name: ObjectName;
  readonly kind: Envelope['type'];
  readonly bytes: Uint8Array;
  /** JSON of delegations. */
  readonly chain: string;
}

/** Those that wait for one node, in the order they were sent. */
export async function listWaitingMessages(
  db: Database,
  target: string,
  limit: number,
): Promise<readonly WaitingMessage[]> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT m.id, m.hash, m.kind, m.bytes, m.chain FROM deliveries AS d
CROSS JOIN messages AS m ON m.id = d.message
WHERE d.target = ? AND d.status = 'waiting' ORDER BY d.message LIMIT ?`,
      args: [target, integer(limit)],
    },
  ]);
  return rows.map((row) => ({
    id: number(row, 0),
    name: name(row, 1),
    kind: text(row, 2) as Envelope['type'],
    bytes: blob(row, 3),
    chain: text(row, 4),
  }));
}
