// Heads of logs that other nodes have shown: signed, and not yet held against each other.
import { blob, number, text } from './cell.ts';
import { integer, type Row, type Statement } from './database.ts';

export interface SeenHead {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** With the log's own signature alone. */
  readonly note: string;
  /** URL of the node that has shown it. */
  readonly source: string;
  /** Milliseconds. */
  readonly seenAt: number;
}

/** Heads kept of one log, and of all: whoever signs for a log can sign as many as it likes. */
const MAX_PER_LOG = 8;
const MAX_HEADS = 10_000;

const COLUMNS = 'origin, size, root, note, source, seen_at';

export function readSeenHead(row: Row): SeenHead {
  return {
    origin: text(row, 0),
    size: number(row, 1),
    root: blob(row, 2),
    note: text(row, 3),
    source: text(row, 4),
    seenAt: number(row, 5),
  };
}

/** Who has shown it first is kept, if that is known. Of more than a few heads of one log the smallest goes, since the larger ones speak for what is before them. */
export function insertSeenHead(head: SeenHead): Statement[] {
  const { note, origin, root, seenAt, size, source } = head;
  return [
    {
      sql: `INSERT INTO seen_heads (${COLUMNS}) SELECT ?, ?, ?, ?, ?, ?
WHERE (SELECT count(*) FROM seen_heads) < ${MAX_HEADS}
ON CONFLICT DO UPDATE SET source = excluded.source WHERE source = ''`,
      args: [origin, integer(size), root, note, source, integer(seenAt)],
    },
    {
      sql: `DELETE FROM seen_heads WHERE (origin, size, root) IN
  (SELECT origin, size, root FROM seen_heads WHERE origin = ? ORDER BY size DESC, seen_at LIMIT -1 OFFSET ${MAX_PER_LOG})`,
      args: [origin],
    },
  ];
}

/** In the order of size. */
export function selectSeenHeads(origin: string): Statement {
  return {
    sql: `SELECT ${COLUMNS} FROM seen_heads WHERE origin = ? ORDER BY size, root`,
    args: [origin],
  };
}

/**
 * The newest head this node can show of each log with an origin between two, its own logs left out: of replicas, seen, or
 * cosigned.
 */
export function selectShownHeads(after: string, before: string, limit: number): Statement {
  return {
    sql: `SELECT origin, note, max(size) FROM (
  SELECT origin, checkpoint AS note, signed_size AS size FROM logs WHERE is_home = 0 AND checkpoint IS NOT NULL
  UNION ALL SELECT origin, note, size FROM seen_heads
  UNION ALL SELECT origin, note, size FROM witnessed
) WHERE origin > ? AND origin < ? GROUP BY origin ORDER BY origin LIMIT ?`,
    args: [after, before, integer(limit)],
  };
}

/** As `selectShownHeads`, but of a log that is replicated here the head that the replica is proven under, whatever else was seen. */
export function selectHeldHeads(after: string, before: string, limit: number): Statement {
  return {
    sql: `SELECT origin, note, max(size) FROM (
  SELECT origin, checkpoint AS note, signed_size AS size FROM logs WHERE is_home = 0 AND checkpoint IS NOT NULL
  UNION ALL SELECT origin, note, size FROM seen_heads AS s
    WHERE NOT EXISTS (SELECT 1 FROM logs AS l WHERE l.origin = s.origin AND l.checkpoint IS NOT NULL)
) WHERE origin > ? AND origin < ? GROUP BY origin ORDER BY origin LIMIT ?`,
    args: [after, before, integer(limit)],
  };
}

export function readShownHead(row: Row): { readonly origin: string; readonly note: string } {
  return { origin: text(row, 0), note: text(row, 1) };
}

/** Logs whose heads wait to be compared, with each other or with the one that the replica is proven under. */
export const SELECT_UNCOMPARED: Statement = {
  sql: `SELECT s.origin FROM seen_heads AS s LEFT JOIN logs AS l ON l.origin = s.origin
GROUP BY s.origin HAVING count(*) > 1 OR max(l.signed_size) > 0 ORDER BY s.origin`,
  args: [],
};

/** Forgets heads that a larger one, or a replica, is known to go on from. */
export function deleteSeenHeads(heads: readonly Pick<SeenHead, 'origin' | 'size' | 'root'>[]) {
  return heads.map(
    ({ origin, root, size }): Statement => ({
      sql: 'DELETE FROM seen_heads WHERE origin = ? AND size = ? AND root = ?',
      args: [origin, integer(size), root],
    }),
  );
}
