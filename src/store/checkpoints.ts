// The last checkpoint of each day on which a log grew: kept when the next day's first one takes its place.
import { MAX_HISTORY } from '../log/archive-format.ts';
import { formatDateTime } from '../protocol/date-time.ts';
import { number, text } from './cell.ts';
import { type Database, integer, type Statement } from './database.ts';
import type { LogHead } from './logs.ts';
import { valuesList } from './values-list.ts';

const DAY_MS = 86_400_000;

// The one that witnesses have cosigned on that day rather than one that has grown by a few entries since.
const keep = valuesList(
  `INSERT INTO checkpoints (log, day, size, note)
SELECT l.id, l.last_t / ${DAY_MS}, ifnull(c.size, l.signed_size), ifnull(c.note, l.checkpoint)
FROM (VALUES`,
  3,
  `) AS v CROSS JOIN logs AS l ON l.id = v.column1
LEFT JOIN cosigned AS c ON c.log = l.id AND c.cosigned_at / ${DAY_MS} = l.last_t / ${DAY_MS}
WHERE l.checkpoint IS NOT NULL AND l.signed_size < v.column2 AND l.last_t / ${DAY_MS} < v.column3 / ${DAY_MS}
ON CONFLICT DO NOTHING`,
);

/** To be written before the heads that take the place of what is stored. */
export function keepCheckpoints(heads: readonly LogHead[]): Statement[] {
  return keep(
    heads.map(({ id, lastT, signedSize }) => [integer(id), integer(signedSize), integer(lastT)]),
  );
}

export interface DatedCheckpoint {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly size: number;
  readonly note: string;
}

/** Those of earlier days, and the newest cosigned one, each larger than the one before it and smaller than `size`. */
export async function listCheckpoints(
  db: Database,
  log: number,
  size: number,
): Promise<DatedCheckpoint[]> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT day, size, note FROM (
  SELECT day, size, note FROM checkpoints WHERE log = ?1 AND size < ?2
  UNION ALL SELECT cosigned_at / ${DAY_MS}, size, note FROM cosigned WHERE log = ?1 AND size < ?2
) ORDER BY day DESC, size DESC LIMIT ${MAX_HISTORY}`,
      args: [integer(log), integer(size)],
    },
  ]);
  const found: DatedCheckpoint[] = [];
  for (const row of rows.toReversed()) {
    const day = formatDateTime((number(row, 0) * DAY_MS) / 1000).slice(0, 10);
    const last = found.at(-1);
    if (last !== undefined && number(row, 1) <= last.size) continue;
    // Of the same day: the larger one shows more.
    if (last?.day === day) found.pop();
    found.push({ day, size: number(row, 1), note: text(row, 2) });
  }
  return found;
}

/** The cosigned checkpoint that an archive can be of; null where there is none, or a body has been erased since. */
export async function findArchivable(
  db: Database,
  log: Pick<LogHead, 'id' | 'signedSize'>,
): Promise<{ readonly size: number; readonly note: string } | null> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT c.size, c.note FROM cosigned AS c WHERE c.log = ?1 AND c.size <= ?2
  AND NOT EXISTS (SELECT 1 FROM entries AS e WHERE e.log = ?1 AND e.erased_by >= c.size AND e.idx < c.size)`,
      args: [integer(log.id), integer(log.signedSize)],
    },
  ]);
  const [row] = rows;
  return row === undefined ? null : { size: number(row, 0), note: text(row, 1) };
}
