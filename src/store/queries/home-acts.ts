// Acts in the logs of submolts that are at home here, with what views of them for other software are made of.
import type { Activity } from '../../protocol/activity.ts';
import type { Did } from '../../protocol/did.ts';
import { hashOf, type ObjectName } from '../../protocol/object-name.ts';
import { readActivity } from '../activity-bytes.ts';
import { blobOrNull, did, hexList, name, nameOrNull, number, numberOrNull, text } from '../cell.ts';
import { type Database, integer, type Row, type Statement } from '../database.ts';

export interface HomeAct {
  /** Slug of the submolt. */
  readonly slug: string;
  readonly index: number;
  /** Milliseconds: when it was logged. */
  readonly t: number;
  readonly name: ObjectName;
  /** Null once it is erased. */
  readonly signed: { readonly bytes: Uint8Array; readonly activity: Activity } | null;
}

/** A post or comment of a submolt at home here. */
export interface HomeItem {
  readonly name: ObjectName;
  readonly slug: string;
  /** A subject. */
  readonly author: Did;
  readonly parent: ObjectName | null;
  readonly root: ObjectName;
  readonly createdAt: number;
  readonly updatedAt: number | null;
  readonly removed: boolean;
  readonly deleted: boolean;
  /** The Create or the Update whose words stand. */
  readonly words: { readonly name: ObjectName; readonly activity: Activity } | null;
}

const ACT = `SELECT m.slug, e.idx, e.t, o.hash, o.bytes, e.salt FROM`;
const ACT_JOINS = `CROSS JOIN submolts AS m ON m.object = l.submolt`;

/** The kinds of acts that followers elsewhere are told of. */
const TOLD = `e.kind IN ('Create', 'Update', 'Delete', 'Remove', 'Add', 'Block', 'Undo')`;

function readHomeAct(row: Row): HomeAct {
  const object = name(row, 3);
  const bytes = row[5] === null ? null : blobOrNull(row, 4);
  const signed = bytes === null ? null : { bytes, activity: readActivity(bytes, object) };
  return { slug: text(row, 0), index: number(row, 1), t: number(row, 2), name: object, signed };
}

/** The first act of a log, from entry `start` on, that may be told of. */
export async function findHomeActAt(
  db: Database,
  log: number,
  start: number,
): Promise<HomeAct | null> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `${ACT} logs AS l ${ACT_JOINS} CROSS JOIN entries AS e ON e.log = l.id AND e.idx >= ?2
CROSS JOIN objects AS o ON o.id = e.object
WHERE l.id = ?1 AND l.is_home = 1 AND ${TOLD} ORDER BY e.idx LIMIT 1`,
      args: [integer(log), integer(start)],
    },
  ]);
  return rows[0] === undefined ? null : readHomeAct(rows[0]);
}

/** Index after the last act of a log, from entry `start` on, that may be told of; `start` if there is none. */
export async function findEndOfActs(db: Database, log: number, start: number): Promise<number> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT max(e.idx) FROM entries AS e WHERE e.log = ? AND e.idx >= ? AND ${TOLD}`,
      args: [integer(log), integer(start)],
    },
  ]);
  const last = numberOrNull(rows[0] as Row, 0);
  return last === null ? start : last + 1;
}

/** An act by its name, where it stands in the log of a submolt at home here. A statement of an agent's keys may stand in several. */
export async function findHomeAct(db: Database, object: ObjectName): Promise<HomeAct | null> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `${ACT} objects AS o CROSS JOIN entries AS e ON e.object = o.id
CROSS JOIN logs AS l ON l.id = e.log AND l.is_home = 1 ${ACT_JOINS}
WHERE o.hash = ? AND ${TOLD} LIMIT 1`,
      args: [hashOf(object)],
    },
  ]);
  return rows[0] === undefined ? null : readHomeAct(rows[0]);
}

/** What views of acts need to know beside the acts themselves. */
export interface Around {
  readonly items: ReadonlyMap<ObjectName, HomeItem>;
  /** What an Undo takes back. */
  readonly undone: ReadonlyMap<ObjectName, UndoneAct>;
  /** In whose name a delegation lets act, by its name: subjects. */
  readonly principals: ReadonlyMap<ObjectName, Did>;
}

interface UndoneAct {
  readonly kind: string;
  /** Subjects. */
  readonly actor: Did;
  readonly onAgent: Did | null;
}

/** Looks up the posts and comments, acts and delegations with these names, all as of one state. */
export async function findAround(
  db: Database,
  wanted: Readonly<Record<'items' | 'undone' | 'delegations', Iterable<ObjectName>>>,
): Promise<Around> {
  const [items = [], undone = [], principals = []] = await db.batch('read', [
    itemsStatement(wanted.items),
    undoneStatement(wanted.undone),
    principalsStatement(wanted.delegations),
  ]);
  return {
    items: new Map(items.map((row) => [name(row, 0), readHomeItem(row)])),
    undone: new Map(
      undone.map((row) => {
        const onAgent = row[3] === null ? null : did(row, 3);
        return [name(row, 0), { kind: text(row, 1), actor: did(row, 2), onAgent }];
      }),
    ),
    principals: new Map(principals.map((row) => [name(row, 0), did(row, 1)])),
  };
}

/** One post or comment of a submolt at home here; null for any other. */
export async function findHomeItem(db: Database, object: ObjectName): Promise<HomeItem | null> {
  const [rows = []] = await db.batch('read', [itemsStatement([object])]);
  return rows[0] === undefined ? null : readHomeItem(rows[0]);
}

function itemsStatement(names: Iterable<ObjectName>): Statement {
  return {
    sql: `SELECT o.hash, m.slug, a.did, p.hash, r.hash, i.created_at, i.updated_at, i.removed, i.deleted, b.hash, b.bytes
FROM json_each(?1) AS k
CROSS JOIN objects AS o ON o.hash = unhex(k.value)
CROSS JOIN items AS i ON i.object = o.id
CROSS JOIN logs AS l ON l.submolt = i.submolt AND l.is_home = 1
CROSS JOIN submolts AS m ON m.object = i.submolt
JOIN agents AS a ON a.id = i.author
JOIN objects AS r ON r.id = i.root
JOIN objects AS b ON b.id = i.body
LEFT JOIN objects AS p ON p.id = i.parent`,
    args: [hexList(names)],
  };
}

function readHomeItem(row: Row): HomeItem {
  const body = name(row, 9);
  const bytes = blobOrNull(row, 10);
  return {
    name: name(row, 0),
    slug: text(row, 1),
    author: did(row, 2),
    parent: nameOrNull(row, 3),
    root: name(row, 4),
    createdAt: number(row, 5),
    updatedAt: numberOrNull(row, 6),
    removed: number(row, 7) === 1,
    // Without its body it is as good as deleted, whatever else is known of it.
    deleted: number(row, 8) === 1 || bytes === null,
    words: bytes === null ? null : { name: body, activity: readActivity(bytes, body) },
  };
}

function undoneStatement(names: Iterable<ObjectName>): Statement {
  return {
    sql: `SELECT o.hash, c.kind, a.did, d.did FROM json_each(?1) AS k
CROSS JOIN objects AS o ON o.hash = unhex(k.value)
CROSS JOIN acts AS c ON c.object = o.id
JOIN agents AS a ON a.id = c.actor
LEFT JOIN agents AS d ON d.id = c.on_agent`,
    args: [hexList(names)],
  };
}

function principalsStatement(names: Iterable<ObjectName>): Statement {
  return {
    sql: `SELECT o.hash, a.did FROM json_each(?1) AS k
CROSS JOIN objects AS o ON o.hash = unhex(k.value)
CROSS JOIN delegations AS d ON d.object = o.id
JOIN agents AS a ON a.id = d.principal`,
    args: [hexList(names)],
  };
}

/** Names of the posts of a submolt that are pinned. */
export async function listPinned(db: Database, submolt: ObjectName): Promise<ObjectName[]> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT o.hash FROM items AS i INDEXED BY items_pinned JOIN objects AS o ON o.id = i.object
WHERE i.pinned = 1 AND i.submolt = (SELECT id FROM objects WHERE hash = ?) ORDER BY i.created_at DESC`,
      args: [hashOf(submolt)],
    },
  ]);
  return rows.map((row) => name(row, 0));
}

/** What NodeInfo states: agents with a profile here, posts that stand in submolts at home here. */
export async function countUsage(
  db: Database,
): Promise<{ readonly agents: number; readonly posts: number }> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT
  (SELECT count(*) FROM profiles WHERE node = (SELECT home FROM logs WHERE is_home = 1 AND submolt IS NULL)),
  (SELECT coalesce(sum(m.posts), 0) FROM logs AS l JOIN submolts AS m ON m.object = l.submolt WHERE l.is_home = 1)`,
      args: [],
    },
  ]);
  const [row = [0, 0]] = rows;
  return { agents: number(row, 0), posts: number(row, 1) };
}
