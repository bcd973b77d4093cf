// Rows of conversations between two agents, one for each side that lives here, and of whom an agent has blocked.
import type { Did } from '../protocol/did.ts';
import { hashOf, type ObjectName } from '../protocol/object-name.ts';
import { did, name, number, text } from './cell.ts';
import { flag, integer, type Row, type Statement } from './database.ts';

export type ConversationState = 'requested' | 'open' | 'rejected';

export interface Conversation {
  readonly id: number;
  /** Name of the `Offer` that began it. */
  readonly name: ObjectName;
  /** Subject of the other side. */
  readonly other: Did;
  /** What it was called when it wrote last, or was written to first. */
  readonly otherDid: Did;
  /** The node where the other side is written to, by its DID, empty where only its URL is known yet; and its URL origin. */
  readonly node: string;
  readonly url: string;
  /** The owner sent the `Offer`. */
  readonly asked: boolean;
  readonly state: ConversationState;
  /** Milliseconds, here and below. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Id of the newest message that the owner has marked as read. */
  readonly readTo: number;
}

export const CONVERSATION_COLUMNS =
  'c.id, c.hash, c.other, c.other_did, c.node, c.url, c.asked, c.state, c.created_at, c.updated_at, c.read_to';

export function readConversation(row: Row): Conversation {
  return {
    id: number(row, 0),
    name: name(row, 1),
    other: did(row, 2),
    otherDid: did(row, 3),
    node: text(row, 4),
    url: text(row, 5),
    asked: number(row, 6) === 1,
    state: text(row, 7) as ConversationState,
    createdAt: number(row, 8),
    updatedAt: number(row, 9),
    readTo: number(row, 10),
  };
}

export function selectConversation(owner: Did, conversation: ObjectName): Statement {
  return {
    sql: `SELECT ${CONVERSATION_COLUMNS} FROM conversations AS c WHERE c.owner = ? AND c.hash = ?`,
    args: [owner, hashOf(conversation)],
  };
}

/** All that the owner has with one other agent. */
export function selectConversationsWith(owner: Did, other: Did): Statement {
  return {
    sql: `SELECT ${CONVERSATION_COLUMNS} FROM conversations AS c WHERE c.owner = ? AND c.other = ?`,
    args: [owner, other],
  };
}

/** How many conversations the owner has or has asked for; at most `limit` are counted. */
export function countConversations(owner: Did, limit: number): Statement {
  return {
    sql: `SELECT count(*) FROM (SELECT 1 FROM conversations WHERE owner = ?1 AND state = 'open'
UNION ALL SELECT 1 FROM conversations WHERE owner = ?1 AND state = 'requested' AND asked = 1 LIMIT ?2)`,
    args: [owner, integer(limit)],
  };
}

/** How many requests wait for the owner, and how many of them came by one node; at most `limit` are counted. */
export function countRequests(owner: Did, node: string, limit: number): Statement {
  return {
    sql: `SELECT count(*), coalesce(sum(node = ?), 0) FROM (SELECT node FROM conversations
WHERE owner = ? AND state = 'requested' AND asked = 0 LIMIT ?)`,
    args: [node, owner, integer(limit)],
  };
}

export function insertConversation(
  owner: Did,
  {
    asked,
    at,
    name: conversation,
    node,
    other,
    otherDid,
    url,
  }: Pick<Conversation, 'asked' | 'name' | 'node' | 'other' | 'otherDid' | 'url'> & {
    readonly at: number;
  },
): Statement {
  return {
    sql: `INSERT INTO conversations (owner, hash, other, other_did, node, url, asked, state, created_at, updated_at, read_to)
VALUES (?, ?, ?, ?, ?, ?, ?, 'requested', ?, ?, 0)`,
    args: [
      owner,
      hashOf(conversation),
      other,
      otherDid,
      node,
      url,
      flag(asked),
      integer(at),
      integer(at),
    ],
  };
}

/** Something has come or gone in it. */
export function touchConversation(id: number, state: ConversationState, at: number): Statement {
  return {
    sql: 'UPDATE conversations SET state = ?, updated_at = ? WHERE id = ?',
    args: [state, integer(at), integer(id)],
  };
}

/** The other side has written: by this name, from this node. */
export function placeConversation(
  id: number,
  { node, otherDid, url }: Pick<Conversation, 'node' | 'otherDid' | 'url'>,
): Statement {
  return {
    sql: 'UPDATE conversations SET other_did = ?, node = ?, url = ? WHERE id = ?',
    args: [otherDid, node, url, integer(id)],
  };
}

/** All up to the message with this id are read; what was read stays so. */
export function markRead(id: number, through: number): Statement {
  return {
    sql: 'UPDATE conversations SET read_to = max(read_to, ?) WHERE id = ?',
    args: [integer(through), integer(id)],
  };
}

export function deleteConversation(id: number): Statement {
  return { sql: 'DELETE FROM conversations WHERE id = ?', args: [integer(id)] };
}

export function selectBlock(owner: Did, other: Did): Statement {
  return {
    sql: 'SELECT 1 FROM message_blocks WHERE owner = ? AND other = ?',
    args: [owner, other],
  };
}

/** How many agents the owner has blocked; at most `limit` are counted. */
export function countBlocks(owner: Did, limit: number): Statement {
  return {
    sql: 'SELECT count(*) FROM (SELECT 1 FROM message_blocks WHERE owner = ? LIMIT ?)',
    args: [owner, integer(limit)],
  };
}

export function insertBlock(owner: Did, other: Did, named: Did, at: number): Statement {
  return {
    sql: 'INSERT INTO message_blocks (owner, other, did, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
    args: [owner, other, named, integer(at)],
  };
}

export function deleteBlock(owner: Did, other: Did): Statement {
  return {
    sql: 'DELETE FROM message_blocks WHERE owner = ? AND other = ?',
    args: [owner, other],
  };
}
