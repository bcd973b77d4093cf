// What the operator has decided about other nodes, and what was taken today from those nobody has chosen.
import { type Did, didMethod } from '../protocol/did.ts';
import { number, numberOrNull, text } from './cell.ts';
import { type Database, integer, integerOrNull, type Row, type Statement } from './database.ts';

/** `allowed`: as if this node had chosen to follow it. `denied`: nothing is exchanged with it. */
export type Decided = 'allowed' | 'denied';

export interface Standing {
  /** A DID, or `did:web:*.example` for every node on a host below that. */
  readonly node: string;
  readonly standing: Decided;
  /** Objects taken from it in a day; null for as many as from others of its kind. */
  readonly objects: number | null;
  /** Milliseconds. */
  readonly decidedAt: number;
}

const COLUMNS = 'node, standing, objects, decided_at';

function readStanding(row: Row): Standing {
  return {
    node: text(row, 0),
    standing: text(row, 1) as Decided,
    objects: numberOrNull(row, 2),
    decidedAt: number(row, 3),
  };
}

export async function listStandings(db: Database): Promise<Standing[]> {
  const sql = `SELECT ${COLUMNS} FROM standings ORDER BY node`;
  const [rows = []] = await db.batch('read', [{ sql, args: [] }]);
  return rows.map(readStanding);
}

/** What may be decided that concerns this node: itself, then the hosts above it, the nearest first. */
export function namesOf(node: Did): string[] {
  if (didMethod(node) !== 'web') return [node];
  const host = node.slice('did:web:'.length).split(':')[0] ?? '';
  const labels = host.replace(/%3a\d+$/i, '').split('.');
  return [node, ...labels.slice(1).map((_, i) => `did:web:*.${labels.slice(i + 1).join('.')}`)];
}

export interface KnownStanding {
  /** What the operator has said of it, or of all below a host. */
  readonly decided: Standing | null;
  /** This node has chosen to carry a log of it. */
  readonly chosen: boolean;
}

export async function findStanding(db: Database, node: Did): Promise<KnownStanding> {
  const [rows = [], chosen = []] = await db.batch('read', [
    {
      sql: `SELECT ${COLUMNS} FROM json_each(?) AS k CROSS JOIN standings AS s ON s.node = k.value ORDER BY k.key LIMIT 1`,
      args: [JSON.stringify(namesOf(node))],
    },
    {
      sql: `SELECT 1 FROM agents AS a CROSS JOIN peers AS p ON p.did = a.id CROSS JOIN sources AS s ON s.peer = p.id
WHERE a.did = ? LIMIT 1`,
      args: [node],
    },
  ]);
  return {
    decided: rows[0] === undefined ? null : readStanding(rows[0]),
    chosen: chosen.length > 0,
  };
}

export function upsertStanding({ decidedAt, node, objects, standing }: Standing): Statement {
  return {
    sql: `INSERT INTO standings (${COLUMNS}) VALUES (?, ?, ?, ?) ON CONFLICT (node) DO UPDATE SET
standing = excluded.standing, objects = excluded.objects, decided_at = excluded.decided_at`,
    args: [node, standing, integerOrNull(objects), integer(decidedAt)],
  };
}

export function deleteStanding(node: string): Statement {
  return { sql: 'DELETE FROM standings WHERE node = ?', args: [node] };
}

/** How much was taken. */
export interface Intake {
  readonly objects: number;
  readonly votes: number;
  readonly bytes: number;
}

/** Stands for all nodes that nobody has chosen. */
const ALL_STRANGERS = '';
const NOTHING: Intake = { objects: 0, votes: 0, bytes: 0 };

/** Of the node and of all strangers on that day. */
export async function readIntake(
  db: Database,
  day: number,
  node: Did,
): Promise<{ readonly own: Intake; readonly all: Intake }> {
  const sql = 'SELECT node, objects, votes, bytes FROM intake WHERE day = ? AND node IN (?, ?)';
  const [rows = []] = await db.batch('read', [{ sql, args: [integer(day), node, ALL_STRANGERS] }]);
  const of = (name: string) => {
    const row = rows.find((one) => text(one, 0) === name);
    return row === undefined
      ? NOTHING
      : { objects: number(row, 1), votes: number(row, 2), bytes: number(row, 3) };
  };
  return { own: of(node), all: of(ALL_STRANGERS) };
}

/** Adds it to what was taken from the node; to what was taken from all strangers too, if it is one. Days before are forgotten. */
export function addIntake(day: number, node: Did, taken: Intake, isStranger: boolean): Statement[] {
  const { bytes, objects, votes } = taken;
  const add = (name: string): Statement => ({
    sql: `INSERT INTO intake (day, node, objects, votes, bytes) VALUES (?, ?, ?, ?, ?) ON CONFLICT (day, node) DO UPDATE SET
objects = objects + excluded.objects, votes = votes + excluded.votes, bytes = bytes + excluded.bytes`,
    args: [integer(day), name, integer(objects), integer(votes), integer(bytes)],
  });
  return [
    { sql: 'DELETE FROM intake WHERE day < ?', args: [integer(day)] },
    add(node),
    ...(isStranger ? [add(ALL_STRANGERS)] : []),
  ];
}

/** Nodes that follow logs here and that nobody has chosen. */
export function countStrangeFollowers(): Statement {
  return {
    sql: `SELECT count(DISTINCT f.peer) FROM followers AS f JOIN peers AS p ON p.id = f.peer JOIN agents AS a ON a.id = p.did
WHERE NOT EXISTS (SELECT 1 FROM sources AS s WHERE s.peer = f.peer)
  AND NOT EXISTS (SELECT 1 FROM standings AS t WHERE t.node = a.did AND t.standing = 'allowed')`,
    args: [],
  };
}

export function countPeers(): Statement {
  return { sql: 'SELECT count(*) FROM peers', args: [] };
}

/** Forgets so many of the peers with whom nothing is exchanged and of whom nothing is kept, those that were silent longest first. */
export function deleteForeignPeers(count: number): Statement {
  const without = ['followers', 'sources', 'evidence', 'dead_letters', 'witnessed'].map(
    (table) => `NOT EXISTS (SELECT 1 FROM ${table} AS x WHERE x.peer = p.id)`,
  );
  return {
    sql: `DELETE FROM peers WHERE id IN (SELECT p.id FROM peers AS p JOIN agents AS a ON a.id = p.did
WHERE p.dropped_at IS NULL AND NOT EXISTS (SELECT 1 FROM standings AS t WHERE t.node = a.did) AND ${without.join(' AND ')}
ORDER BY coalesce(p.contacted_at, p.added_at) LIMIT ?)`,
    args: [integer(count)],
  };
}

/** How many logs that peer follows here. */
export function countFollowed(peer: Did): Statement {
  return {
    sql: `SELECT count(*) FROM agents AS a CROSS JOIN peers AS p ON p.did = a.id CROSS JOIN followers AS f ON f.peer = p.id
WHERE a.did = ?`,
    args: [peer],
  };
}

/** Takes their place from strangers that were not in contact since `before`, in milliseconds. */
export function deleteSilentStrangers(before: number): Statement {
  return {
    sql: `DELETE FROM followers WHERE peer IN (SELECT p.id FROM peers AS p JOIN agents AS a ON a.id = p.did
WHERE coalesce(p.contacted_at, p.added_at) < ?
  AND NOT EXISTS (SELECT 1 FROM sources AS s WHERE s.peer = p.id)
  AND NOT EXISTS (SELECT 1 FROM standings AS t WHERE t.node = a.did AND t.standing = 'allowed'))`,
    args: [integer(before)],
  };
}
