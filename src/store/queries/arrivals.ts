// What came to this node after a place, in the order in which it came: whose item each entry concerns, and no words.
import { decodeUtf8 } from '../../protocol/bytes.ts';
import type { Did } from '../../protocol/did.ts';
import { type ObjectName, parseObjectName } from '../../protocol/object-name.ts';
import { ARRIVED_AFTER, type Place, readPlace } from '../arrivals.ts';
import {
  blob,
  blobOrNull,
  hexList,
  name,
  number,
  numberOrNull,
  text,
  textOrNull,
} from '../cell.ts';
import { type Database, integer, type Row } from '../database.ts';

/** A post or comment by numbers: where it hangs and whose it is. */
export interface ItemPlace {
  readonly object: number;
  readonly submolt: number;
  /** The post of its thread. */
  readonly root: number;
  readonly author: number;
}

export interface Arrival {
  readonly place: Place;
  /** Of the entry: what tells this place from one of the same numbers in another history. */
  readonly commitment: Uint8Array;
  /** The object that was logged, its number, and its log's time in milliseconds. */
  readonly act: ObjectName;
  readonly object: number;
  readonly t: number;
  /**
   * What it did to `item`: made it; changed its words or its state; took it out or away; moved its counts. `followed`: the
   * `agent` has begun or ceased to follow somebody. Null for everything else.
   */
  readonly kind: 'made' | 'changed' | 'taken' | 'voted' | 'followed' | null;
  readonly item: ItemPlace | null;
  readonly agent: Did | null;
  /** It stands in the system log of this node. */
  readonly own: boolean;
}

/** Longer acts than this state DID logs and the like: none concerns an item. */
const MAX_ACT = 131_072;
/** Kinds whose object is in their bytes alone. */
const SPELT = "('Add', 'Delete', 'Remove', 'Undo')";

/** At most `limit` entries after a place. */
export async function readArrivals(db: Database, after: Place, limit: number): Promise<Arrival[]> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `WITH page AS MATERIALIZED (${ARRIVED_AFTER})
SELECT page.version, page.log, page.idx, page.commitment, o.hash, page.t, page.kind, page.object,
  CASE WHEN page.kind IN ${SPELT} AND length(o.bytes) <= ${MAX_ACT} THEN o.bytes END,
  CASE WHEN page.kind IN ${SPELT} THEN k.remains END,
  c.kind, c.on_object, a.did, l.is_home = 1 AND l.submolt IS NULL, l.submolt
FROM page CROSS JOIN objects AS o ON o.id = page.object
CROSS JOIN logs AS l ON l.id = page.log
LEFT JOIN skeletons AS k ON k.object = page.object
LEFT JOIN acts AS c ON c.object = page.object
LEFT JOIN agents AS a ON a.id = c.actor
ORDER BY page.version, page.log, page.idx`,
      args: [after.version, after.log, after.index, limit].map(integer),
    },
  ]);
  const spelt = rows.map(speltAct);
  const named = await readNamed(
    db,
    spelt.flatMap((act) => act?.object ?? []),
  );
  const found = rows.map((row, i) =>
    concerns(row) ? effectOf(row, spelt[i] ?? null, named) : NOTHING,
  );
  const items = await readItems(
    db,
    found.flatMap(({ item }) => item ?? []),
  );
  return rows.map((row, i) => {
    const { agent, item: object, kind } = found[i] as Effect;
    const item = object === null ? null : (items.get(object) ?? null);
    return {
      place: readPlace(row),
      commitment: blob(row, 3),
      act: name(row, 4),
      object: number(row, 7),
      t: number(row, 5),
      kind: item === null && kind !== 'followed' ? null : kind,
      item,
      agent,
      own: number(row, 13) === 1,
    };
  });
}

/** What other nodes say in their system logs is about them. */
function concerns(row: Row): boolean {
  return number(row, 13) === 1 || row[14] !== null;
}

interface SpeltAct {
  readonly object: ObjectName;
  /** It takes an item out, instead of a label off it. */
  readonly removes: boolean;
}

/** What an act is about, by its bytes or by what is left of them; null where it is no object. */
function speltAct(row: Row): SpeltAct | null {
  const { object, target } = membersOf(row);
  const about = typeof object === 'string' ? parseObjectName(object) : null;
  const removes = target === undefined || parseObjectName(target) !== null;
  return about === null ? null : { object: about, removes };
}

function membersOf(row: Row): { readonly object?: unknown; readonly target?: string } {
  const bytes = blobOrNull(row, 8);
  try {
    const json = bytes === null ? textOrNull(row, 9) : decodeUtf8(bytes);
    return json === null ? {} : JSON.parse(json);
  } catch {
    // Stored bytes were verified: a bit has flipped since. The doctor tells; what comes after it goes on.
    return {};
  }
}

interface Named {
  readonly object: number;
  /** If it is an act that others name: what kind it is, what it is about, and who did it. */
  readonly kind: string | null;
  readonly onObject: number | null;
  readonly actor: Did | null;
}

async function readNamed(
  db: Database,
  names: readonly ObjectName[],
): Promise<ReadonlyMap<ObjectName, Named>> {
  if (names.length === 0) return new Map();
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT o.hash, o.id, c.kind, c.on_object, a.did FROM json_each(?) AS k
CROSS JOIN objects AS o ON o.hash = unhex(k.value)
LEFT JOIN acts AS c ON c.object = o.id
LEFT JOIN agents AS a ON a.id = c.actor`,
      args: [hexList(new Set(names))],
    },
  ]);
  return new Map(
    rows.map((row) => [
      name(row, 0),
      {
        object: number(row, 1),
        kind: textOrNull(row, 2),
        onObject: numberOrNull(row, 3),
        actor: textOrNull(row, 4) as Did | null,
      },
    ]),
  );
}

interface Effect {
  readonly kind: Arrival['kind'];
  /** Number of what may be an item. */
  readonly item: number | null;
  readonly agent: Did | null;
}

const NOTHING: Effect = { kind: null, item: null, agent: null };

function effectOf(row: Row, spelt: SpeltAct | null, named: ReadonlyMap<ObjectName, Named>): Effect {
  const kind = text(row, 6);
  const about = spelt === null ? undefined : named.get(spelt.object);
  const effect = (did: Arrival['kind'], item: number | null): Effect => ({
    ...NOTHING,
    kind: did,
    item,
  });
  switch (kind) {
    case 'Create':
      return effect('made', number(row, 7));
    case 'Update':
      return effect('changed', numberOrNull(row, 11));
    case 'Like':
    case 'Dislike':
      return effect('voted', numberOrNull(row, 11));
    case 'Follow':
      return { ...NOTHING, kind: 'followed', agent: textOrNull(row, 12) as Did | null };
    case 'Undo':
      if (about?.kind === 'Follow') return { ...NOTHING, kind: 'followed', agent: about.actor };
      return effect('voted', about?.kind === 'Block' ? null : (about?.onObject ?? null));
    case 'Delete':
      return effect('taken', about?.object ?? null);
    case 'Remove':
      return effect(spelt?.removes ? 'taken' : 'changed', about?.object ?? null);
    case 'Add':
      return effect('changed', about?.object ?? null);
    default:
      return NOTHING;
  }
}

async function readItems(
  db: Database,
  objects: readonly number[],
): Promise<ReadonlyMap<number, ItemPlace>> {
  if (objects.length === 0) return new Map();
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT i.object, i.submolt, i.root, i.author FROM json_each(?) AS k
CROSS JOIN items AS i ON i.object = k.value`,
      args: [JSON.stringify([...new Set(objects)])],
    },
  ]);
  return new Map(
    rows.map((row) => [
      number(row, 0),
      {
        object: number(row, 0),
        submolt: number(row, 1),
        root: number(row, 2),
        author: number(row, 3),
      },
    ]),
  );
}
