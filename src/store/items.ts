// Rows of posts and comments. Their words are not here but in the signed bytes of the row's body.
import { hotRank } from '../domain/ranking.ts';
import type { Item } from '../domain/working-set.ts';
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { did, hexList, name, nameOrNull, number, numberOrNull } from './cell.ts';
import { flag, integer, integerOrNull, type Row, type Statement, type Value } from './database.ts';
import type { Numbering } from './numbering.ts';
import { NAMED_OBJECTS } from './objects.ts';
import { valuesList } from './values-list.ts';

/** The items named, with each its parent and the root of its thread. */
export function selectItems(names: Iterable<ObjectName>): Statement {
  return {
    sql: `WITH named (id) AS (${NAMED_OBJECTS}),
near (id) AS (
  SELECT id FROM named
  UNION SELECT i.root FROM named CROSS JOIN items AS i ON i.object = named.id
  UNION SELECT i.parent FROM named CROSS JOIN items AS i ON i.object = named.id WHERE i.parent IS NOT NULL
)
SELECT i.object, o.hash, i.submolt, s.hash, i.author, a.did, i.parent, p.hash, i.root, r.hash, i.depth,
  i.created_at, i.updated_at, i.body, i.up, i.down, i.replies, i.locked, i.pinned, i.removed, i.deleted,
  d.id, d.hash
FROM near
CROSS JOIN items AS i ON i.object = near.id
JOIN objects AS o ON o.id = i.object
JOIN objects AS s ON s.id = i.submolt
JOIN agents AS a ON a.id = i.author
LEFT JOIN objects AS p ON p.id = i.parent
JOIN objects AS r ON r.id = i.root
LEFT JOIN objects AS d ON d.id = i.delegation`,
    args: [hexList(names)],
  };
}

export interface StoredItem {
  readonly item: Item;
  /** Number of the object whose bytes hold the words that stand. */
  readonly body: number;
}

/** Words are left out: no rule reads those of a stored item. */
export function readItem(row: Row, numbering: Numbering): StoredItem {
  const parent = nameOrNull(row, 7);
  const delegation = nameOrNull(row, 22);
  const item: Item = {
    name: name(row, 1),
    submolt: name(row, 3),
    author: did(row, 5),
    parent,
    root: name(row, 9),
    depth: number(row, 10),
    createdAt: number(row, 11),
    updatedAt: numberOrNull(row, 12),
    title: '',
    content: '',
    mediaType: '',
    url: null,
    sensitive: false,
    up: number(row, 14),
    down: number(row, 15),
    replies: number(row, 16),
    locked: number(row, 17) === 1,
    pinned: number(row, 18) === 1,
    removed: number(row, 19) === 1,
    deleted: number(row, 20) === 1,
    delegation,
  };
  numbering.learnObject(item.name, number(row, 0));
  numbering.learnObject(item.submolt, number(row, 2));
  numbering.learnAgent(item.author, number(row, 4));
  if (parent !== null) numbering.learnObject(parent, number(row, 6));
  numbering.learnObject(item.root, number(row, 8));
  if (delegation !== null) numbering.learnObject(delegation, number(row, 21));
  return { item, body: number(row, 13) };
}

const rows = valuesList(
  `INSERT INTO items (object, submolt, author, parent, root, depth, created_at, updated_at, body, up, down, score,
  hot, replies, locked, pinned, removed, deleted, delegation, answers) VALUES`,
  20,
  `ON CONFLICT (object) DO UPDATE SET updated_at = excluded.updated_at, body = excluded.body, up = excluded.up,
  down = excluded.down, score = excluded.score, hot = excluded.hot, replies = excluded.replies,
  locked = excluded.locked, pinned = excluded.pinned, removed = excluded.removed, deleted = excluded.deleted,
  delegation = excluded.delegation`,
);
// Two narrow updates: SQLite rewrites every index that has a column of the SET list, changed or not.
const replies = valuesList(
  'UPDATE items SET replies = v.column2 FROM (VALUES',
  2,
  ') AS v WHERE items.object = v.column1',
);
const tallies = valuesList(
  `UPDATE items SET up = v.column2, down = v.column3, score = v.column4, hot = v.column5, replies = v.column6
FROM (VALUES`,
  6,
  ') AS v WHERE items.object = v.column1',
);

/** Rows as they were loaded, and as they stand in the group. */
interface KnownItems {
  loadedItem(name: ObjectName): StoredItem | undefined;
  item(name: ObjectName): Item | undefined;
}

/** Whom a comment is told to: the author of what it answers. */
function toldOf({ author, parent }: Item, known: KnownItems): Did | null {
  const to = parent === null ? undefined : known.item(parent)?.author;
  return to === undefined || to === author ? null : to;
}

export function writeItems(
  changed: Iterable<StoredItem>,
  known: KnownItems,
  numbering: Numbering,
): Statement[] {
  const whole: Value[][] = [];
  const voted: Value[][] = [];
  const answered: Value[][] = [];
  for (const { item, body } of changed) {
    const object = integer(numbering.object(item.name));
    const score = item.up - item.down;
    const hot = hotRank(score, item.createdAt);
    const old = known.loadedItem(item.name);
    if (old === undefined || !sameButTallies(old, item, body)) {
      const to = toldOf(item, known);
      whole.push([
        object,
        integer(numbering.object(item.submolt)),
        integer(numbering.agent(item.author)),
        item.parent === null ? null : integer(numbering.object(item.parent)),
        integer(numbering.object(item.root)),
        integer(item.depth),
        integer(item.createdAt),
        integerOrNull(item.updatedAt),
        integer(body),
        integer(item.up),
        integer(item.down),
        integer(score),
        integer(hot),
        integer(item.replies),
        flag(item.locked),
        flag(item.pinned),
        flag(item.removed),
        flag(item.deleted),
        item.delegation === null ? null : integer(numbering.object(item.delegation)),
        to === null ? null : integer(numbering.agent(to)),
      ]);
    } else if (old.item.up !== item.up || old.item.down !== item.down) {
      const { up, down } = item;
      const tally = [up, down, score, hot, item.replies].map(integer);
      voted.push([object, ...tally]);
    } else {
      answered.push([object, integer(item.replies)]);
    }
  }
  return [...rows(whole), ...tallies(voted), ...replies(answered)];
}

function sameButTallies(old: StoredItem, item: Item, body: number): boolean {
  const { item: was } = old;
  return (
    old.body === body &&
    was.updatedAt === item.updatedAt &&
    was.locked === item.locked &&
    was.pinned === item.pinned &&
    was.removed === item.removed &&
    was.deleted === item.deleted &&
    was.delegation === item.delegation
  );
}
