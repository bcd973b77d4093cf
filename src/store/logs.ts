// Heads of logs: how far each has got, the right edge of its tree, and its newest signed checkpoint.
import type { Did } from '../protocol/did.ts';
import { hashOf, type ObjectName } from '../protocol/object-name.ts';
import { blob, did, hexList, name, nameOrNull, number, text, textOrNull } from './cell.ts';
import { flag, integer, type Row, type Statement } from './database.ts';
import type { Numbering } from './numbering.ts';
import { valuesList } from './values-list.ts';

export interface LogHead {
  readonly id: number;
  readonly origin: string;
  readonly home: Did;
  /** Null for a node's system log. */
  readonly submolt: ObjectName | null;
  /** True if this node decides what the log accepts. */
  readonly isHome: boolean;
  /** The key that signs the log's checkpoints, 32 bytes. */
  readonly logKey: Uint8Array;
  readonly size: number;
  readonly root: Uint8Array;
  /** `Frontier.bytes()` at `size`. */
  readonly frontier: Uint8Array;
  /** Milliseconds of the last entry, 0 in an empty log. */
  readonly lastT: number;
  /** Entries that `checkpoint` covers. At the home it is always `size`; a replica that catches up lags behind. */
  readonly signedSize: number;
  /** With the cosignatures that there are over it. */
  readonly checkpoint: string | null;
}

const COLUMNS = `l.id, l.origin, h.id, h.did, s.id, s.hash, l.is_home, l.log_key, l.size, l.root, l.frontier,
  l.last_t, l.signed_size, CASE WHEN c.size = l.signed_size THEN c.note ELSE l.checkpoint END`;
const JOINS = `JOIN agents AS h ON h.id = l.home
LEFT JOIN objects AS s ON s.id = l.submolt LEFT JOIN cosigned AS c ON c.log = l.id`;

/** The logs of these submolts, and the system log of `node`. */
export function selectLogsFor(submolts: Iterable<ObjectName>, systemOrigin: string): Statement {
  return {
    sql: `WITH wanted (id) AS (
  SELECT l.id FROM json_each(?1) AS k
  CROSS JOIN objects AS o ON o.hash = unhex(k.value)
  CROSS JOIN logs AS l ON l.submolt = o.id
  UNION SELECT id FROM logs WHERE origin = ?2
)
SELECT ${COLUMNS} FROM wanted CROSS JOIN logs AS l ON l.id = wanted.id
${JOINS}`,
    args: [hexList(submolts), systemOrigin],
  };
}

export function selectLog(origin: string): Statement {
  return { sql: `SELECT ${COLUMNS} FROM logs AS l ${JOINS} WHERE l.origin = ?`, args: [origin] };
}

export function selectLogOfSubmolt(submolt: ObjectName): Statement {
  return {
    sql: `SELECT ${COLUMNS} FROM logs AS l ${JOINS} WHERE l.submolt = (SELECT id FROM objects WHERE hash = ?)`,
    args: [hashOf(submolt)],
  };
}

/** The checkpoints of the logs of this node, as it has signed them. */
export function selectOwnCheckpoints(): Statement {
  return {
    sql: 'SELECT checkpoint FROM logs WHERE is_home = 1 AND checkpoint IS NOT NULL ORDER BY id',
    args: [],
  };
}

/** The checkpoint of a log as its home has signed it, without what witnesses have put to it. */
export function selectOwnNote(id: number): Statement {
  return { sql: 'SELECT checkpoint FROM logs WHERE id = ?', args: [integer(id)] };
}

export function selectAllLogs(): Statement {
  return { sql: `SELECT ${COLUMNS} FROM logs AS l ${JOINS} ORDER BY l.id`, args: [] };
}

export function readLog(row: Row, numbering?: Numbering): LogHead {
  const submolt = nameOrNull(row, 5);
  const home = did(row, 3);
  numbering?.learnAgent(home, number(row, 2));
  if (submolt !== null) numbering?.learnObject(name(row, 5), number(row, 4));
  return {
    id: number(row, 0),
    origin: text(row, 1),
    home,
    submolt,
    isHome: number(row, 6) === 1,
    logKey: blob(row, 7),
    size: number(row, 8),
    root: blob(row, 9),
    frontier: blob(row, 10),
    lastT: number(row, 11),
    signedSize: number(row, 12),
    checkpoint: textOrNull(row, 13),
  };
}

const newRows = valuesList(
  `INSERT INTO logs (id, origin, home, submolt, is_home, log_key, size, root, frontier, last_t, signed_size, checkpoint)
VALUES`,
  12,
);

export function insertLogs(heads: readonly LogHead[], numbering: Numbering): Statement[] {
  return newRows(
    heads.map((head) => [
      integer(head.id),
      head.origin,
      integer(numbering.agent(head.home)),
      head.submolt === null ? null : integer(numbering.object(head.submolt)),
      flag(head.isHome),
      head.logKey,
      integer(head.size),
      head.root,
      head.frontier,
      integer(head.lastT),
      integer(head.signedSize),
      head.checkpoint,
    ]),
  );
}

/** All logs of this node are signed with this key from now on. */
export function replaceLogKey(key: Uint8Array): Statement {
  return { sql: 'UPDATE logs SET log_key = ? WHERE is_home = 1', args: [key] };
}

/** The replicas of this home's logs too, for heads that come. */
export function replaceLogKeyOf(home: Did, key: Uint8Array): Statement {
  return {
    sql: 'UPDATE logs SET log_key = ? WHERE is_home = 0 AND home = (SELECT id FROM agents WHERE did = ?)',
    args: [key, home],
  };
}

const signedAgain = valuesList(
  'UPDATE logs SET checkpoint = v.column2 FROM (VALUES',
  2,
  ') AS v WHERE logs.id = v.column1',
);

/** The same heads with other signatures. */
export function replaceCheckpoints(
  notes: readonly (readonly [log: number, note: string])[],
): Statement[] {
  return signedAgain(notes.map(([log, note]) => [integer(log), note]));
}

const headRows = valuesList(
  `UPDATE logs SET size = v.column2, root = v.column3, frontier = v.column4, last_t = v.column5,
  signed_size = v.column6, checkpoint = v.column7 FROM (VALUES`,
  7,
  ') AS v WHERE logs.id = v.column1',
);

export function updateLogs(heads: readonly LogHead[]): Statement[] {
  return headRows(
    heads.map((head) => [
      integer(head.id),
      integer(head.size),
      head.root,
      head.frontier,
      integer(head.lastT),
      integer(head.signedSize),
      head.checkpoint,
    ]),
  );
}
