// Rows of messages: envelopes as they were signed, for each side that lives here, and how far they have got.
import type { Did } from '../protocol/did.ts';
import type { Envelope } from '../protocol/envelope.ts';
import { hashOf, type ObjectName } from '../protocol/object-name.ts';
import { flag, integer, type Statement, type Value } from './database.ts';

/** Rows that are tidied away in one batch: others want to write too. */
const AT_ONCE = 1_000;

export interface NewMessage {
  readonly owner: Did;
  readonly name: ObjectName;
  /** Name of the conversation, which the owner has. */
  readonly conversation: ObjectName;
  readonly kind: Envelope['type'];
  readonly incoming: boolean;
  readonly bytes: Uint8Array;
  /** JSON of the delegations that it was sent under. */
  readonly chain: string;
  /** Milliseconds, here and below. */
  readonly published: number;
  readonly at: number;
}

/** Whether the owner has, or has had, this envelope. */
export function selectMessage(owner: Did, message: ObjectName): Statement {
  return {
    sql: `SELECT m.id, m.conversation IS NULL, coalesce(d.status, 'delivered') FROM messages AS m
LEFT JOIN deliveries AS d ON d.message = m.id WHERE m.owner = ? AND m.hash = ?`,
    args: [owner, hashOf(message)],
  };
}

/** How far the owner's answers to a request have got, one row for each. */
export function selectAnswers(owner: Did, conversation: ObjectName): Statement {
  return {
    sql: `SELECT coalesce(d.status, 'delivered') FROM conversations AS c
CROSS JOIN messages AS m ON m.conversation = c.id LEFT JOIN deliveries AS d ON d.message = m.id
WHERE c.owner = ? AND c.hash = ? AND m.incoming = 0 AND m.kind IN ('Accept', 'Reject')`,
    args: [owner, hashOf(conversation)],
  };
}

/** When the owner sent the last but `count` of this kind; no row if there are not so many. */
export function selectSentBefore(owner: Did, kind: Envelope['type'], count: number): Statement {
  return {
    sql: `SELECT created_at FROM messages WHERE owner = ? AND kind = ? AND incoming = 0
ORDER BY id DESC LIMIT 1 OFFSET ?`,
    args: [owner, kind, integer(count - 1)],
  };
}

/** The same of letters that have come in one conversation of the owner. */
export function selectCameBefore(owner: Did, conversation: ObjectName, count: number): Statement {
  return {
    sql: `SELECT m.created_at FROM conversations AS c CROSS JOIN messages AS m ON m.conversation = c.id AND m.incoming = 1
  AND m.kind = 'Create' WHERE c.owner = ? AND c.hash = ? ORDER BY m.id DESC LIMIT 1 OFFSET ?`,
    args: [owner, hashOf(conversation), integer(count - 1)],
  };
}

/** Bytes of all that the owner keeps. */
export function selectMailbox(owner: Did): Statement {
  return { sql: 'SELECT bytes FROM mailboxes WHERE owner = ?', args: [owner] };
}

/** The conversation has to be there before. */
export function insertMessage({
  at,
  bytes,
  chain,
  conversation,
  incoming,
  kind,
  name,
  owner,
  published,
}: NewMessage): Statement[] {
  return [
    {
      sql: `INSERT INTO messages (owner, hash, conversation, kind, incoming, bytes, chain, published, created_at)
VALUES (?1, ?2, (SELECT id FROM conversations WHERE owner = ?1 AND hash = ?3), ?4, ?5, ?6, ?7, ?8, ?9)`,
      args: [
        owner,
        hashOf(name),
        hashOf(conversation),
        kind,
        flag(incoming),
        bytes,
        chain,
        integer(published),
        integer(at),
      ],
    },
    {
      sql: `INSERT INTO mailboxes (owner, bytes) VALUES (?, ?)
ON CONFLICT (owner) DO UPDATE SET bytes = bytes + excluded.bytes`,
      args: [owner, integer(bytes.length + chain.length)],
    },
  ];
}

/** The owner's message goes to the node at this URL origin. */
export function insertDelivery(owner: Did, message: ObjectName, target: string): Statement {
  return {
    sql: `INSERT INTO deliveries (message, target, status)
SELECT id, ?, 'waiting' FROM messages WHERE owner = ? AND hash = ?`,
    args: [target, owner, hashOf(message)],
  };
}

/** What the other node has answered. */
export function settleDelivery(
  message: number,
  refusal: { readonly code: string; readonly detail: string } | null,
): Statement {
  return {
    sql: `UPDATE deliveries SET status = ?, code = ?, detail = ? WHERE message = ? AND status = 'waiting'`,
    args: [
      refusal === null ? 'delivered' : 'refused',
      refusal?.code ?? null,
      refusal?.detail ?? null,
      integer(message),
    ],
  };
}

/** What has waited longer than this for its node is given up. */
export function giveUpDeliveries(before: number, code: string, detail: string): Statement {
  return {
    sql: `UPDATE deliveries SET status = 'refused', code = ?, detail = ?
WHERE status = 'waiting' AND message IN (SELECT id FROM messages WHERE conversation IS NOT NULL AND created_at < ?)`,
    args: [code, detail, integer(before)],
  };
}

/** Whether any of the three that follow below has something to do. */
export function selectUntidy(kept: number, waiting: number, gone: number): Statement {
  return {
    sql: `SELECT EXISTS (SELECT 1 FROM messages WHERE conversation IS NOT NULL AND created_at < ?1)
  OR EXISTS (SELECT 1 FROM conversations AS c WHERE updated_at < ?1
    AND NOT EXISTS (SELECT 1 FROM messages WHERE conversation = c.id))
  OR EXISTS (SELECT 1 FROM messages WHERE conversation IS NULL AND published < ?3)
  OR EXISTS (SELECT 1 FROM deliveries AS d JOIN messages AS m ON m.id = d.message
    WHERE d.status = 'waiting' AND m.created_at < ?2)`,
    args: [integer(kept), integer(waiting), integer(gone)],
  };
}

/** One message of the owner, wiped; what has not been delivered is not delivered any more. */
export function wipeMessage(owner: Did, message: ObjectName): Statement[] {
  return wipe('owner = ? AND hash = ? AND conversation IS NOT NULL', [owner, hashOf(message)]);
}

/** All in one conversation, which may go then. */
export function wipeMessagesOf(conversation: number): Statement[] {
  return wipe('conversation = ?', [integer(conversation)]);
}

/** The oldest of all that came or went before `before`, of everybody, and conversations that nothing has happened in since. */
export function wipeOldMessages(before: number): Statement[] {
  const oldest = `id IN (SELECT id FROM messages INDEXED BY messages_age
  WHERE conversation IS NOT NULL AND created_at < ? ORDER BY created_at, id LIMIT ${AT_ONCE})`;
  return [
    ...wipe(oldest, [integer(before)]),
    {
      sql: `DELETE FROM conversations WHERE id IN (SELECT id FROM conversations AS c WHERE updated_at < ?
  AND NOT EXISTS (SELECT 1 FROM messages WHERE conversation = c.id) ORDER BY updated_at LIMIT ${AT_ONCE})`,
      args: [integer(before)],
    },
  ];
}

/** Forgets even the hashes of those that were wiped and would be refused for their age. */
export function forgetMessages(publishedBefore: number): Statement {
  return {
    sql: `DELETE FROM messages WHERE id IN (SELECT id FROM messages
WHERE conversation IS NULL AND published < ? LIMIT ${AT_ONCE})`,
    args: [integer(publishedBefore)],
  };
}

function wipe(which: string, args: readonly Value[]): Statement[] {
  return [
    {
      sql: `DELETE FROM deliveries WHERE message IN (SELECT id FROM messages WHERE ${which})`,
      args,
    },
    {
      sql: `UPDATE mailboxes SET bytes = mailboxes.bytes - found.bytes
FROM (SELECT owner, sum(length(bytes) + length(chain)) AS bytes FROM messages WHERE ${which} GROUP BY owner) AS found
WHERE mailboxes.owner = found.owner`,
      args,
    },
    {
      sql: `UPDATE messages SET conversation = NULL, bytes = x'', chain = '' WHERE ${which}`,
      args,
    },
  ];
}
