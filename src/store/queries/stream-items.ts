// Posts and comments for the stream, by number: as they stand now, their counts, and what a reader's own feed is made of.
import { type Did, subjectOf } from '../../protocol/did.ts';
import { ProtocolError } from '../../protocol/error.ts';
import { hashOf, idOf, type ObjectName } from '../../protocol/object-name.ts';
import type { VoteCount } from '../../protocol/stream-events.ts';
import type { CommentView, PostView } from '../../protocol/views.ts';
import { name, number, numberOrNull } from '../cell.ts';
import type { Database, Row } from '../database.ts';
import { commentView, ITEM_COLUMNS, ITEM_JOINS, placeOf, postView } from './item-rows.ts';
import { OWN_NODE } from './shown-did.ts';

export type StreamItem =
  | { readonly post: PostView; readonly submolt: string }
  | { readonly comment: CommentView; readonly submolt: string };

/** By the number of each that is there. */
export async function readStreamItems(
  db: Database,
  objects: Iterable<number>,
): Promise<ReadonlyMap<number, StreamItem>> {
  const list = JSON.stringify([...new Set(objects)]);
  if (list === '[]') return new Map();
  const [rows = []] = await db.batch('read', [
    {
      sql: `${ITEM_COLUMNS} FROM json_each(?) AS k CROSS JOIN items AS i ON i.object = k.value
${ITEM_JOINS}`,
      args: [list],
    },
  ]);
  return new Map(
    rows.flatMap((row) => {
      const item = readableItem(row);
      return item === null ? [] : [[number(row, 0), item] as const];
    }),
  );
}

/** Null if a bit of its words has flipped: the doctor tells, and the stream goes on behind it. */
function readableItem(row: Row): StreamItem | null {
  try {
    return itemOf(row);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof ProtocolError) return null;
    throw error;
  }
}

function itemOf(row: Row): StreamItem {
  const submolt = idOf(name(row, 18));
  return placeOf(row).parent === null
    ? { post: postView(row), submolt }
    : { comment: commentView(row, []), submolt };
}

/** Counts of those that stand. */
export async function readVoteCounts(
  db: Database,
  objects: readonly number[],
): Promise<ReadonlyMap<number, VoteCount>> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT i.object, o.hash, r.hash, i.up, i.down, i.score FROM json_each(?) AS k
CROSS JOIN items AS i ON i.object = k.value
JOIN objects AS o ON o.id = i.object JOIN objects AS r ON r.id = i.root
WHERE i.removed = 0 AND i.deleted = 0`,
      args: [JSON.stringify(objects)],
    },
  ]);
  return new Map(
    rows.map((row) => [
      number(row, 0),
      {
        id: idOf(name(row, 1)),
        post_id: idOf(name(row, 2)),
        upvotes: number(row, 3),
        downvotes: number(row, 4),
        score: number(row, 5),
      },
    ]),
  );
}

/** Numbers of the submolts that an agent has joined and of the agents that it follows at this node. */
export interface Following {
  readonly submolts: ReadonlySet<number>;
  readonly agents: ReadonlySet<number>;
}

export async function readFollowing(db: Database, did: Did): Promise<Following> {
  const args = [subjectOf(did)];
  const [joined = [], followed = []] = await db.batch('read', [
    {
      sql: `SELECT submolt FROM memberships
WHERE agent = (SELECT id FROM agents WHERE did = ?) AND subscription IS NOT NULL`,
      args,
    },
    {
      sql: `SELECT followed FROM follows
WHERE follower = (SELECT id FROM agents WHERE did = ?) AND act IS NOT NULL AND node = ${OWN_NODE}`,
      args,
    },
  ]);
  const numbers = (rows: readonly Row[]) => new Set(rows.map((row) => number(row, 0)));
  return { submolts: numbers(joined), agents: numbers(followed) };
}

/** The number of a submolt. */
export async function findSubmoltNumber(db: Database, submolt: ObjectName): Promise<number | null> {
  const sql = `SELECT m.object FROM objects AS o CROSS JOIN submolts AS m ON m.object = o.id WHERE o.hash = ?`;
  const [rows = []] = await db.batch('read', [{ sql, args: [hashOf(submolt)] }]);
  return rows[0] === undefined ? null : number(rows[0], 0);
}

/** The number of the post whose thread an item is in; null if this node has no such item. */
export async function findThreadNumber(db: Database, item: ObjectName): Promise<number | null> {
  const sql = `SELECT i.root FROM objects AS o CROSS JOIN items AS i ON i.object = o.id WHERE o.hash = ?`;
  const [rows = []] = await db.batch('read', [{ sql, args: [hashOf(item)] }]);
  return rows[0] === undefined ? null : numberOrNull(rows[0], 0);
}
