// Puts what a batch has erased on the list beside the database, from which it is erased again after a restore.
import type { ObjectName } from '../protocol/object-name.ts';
import type { Statement } from '../store/database.ts';
import type { StoredEntry } from '../store/entries.ts';
import type { ListedErasure } from '../store/erasure-list.ts';
import type { LogHead } from '../store/logs.ts';
import type { Erasure, StoredRows } from '../store/stored-rows.ts';
import { insertUnlisted, listErasures } from '../store/unlisted-erasures.ts';
import type { CommandContext } from './context.ts';

interface Batch {
  readonly rows: StoredRows;
  readonly entries: readonly StoredEntry[];
  /** Of the logs that grow. */
  readonly heads: readonly Pick<LogHead, 'id' | 'origin'>[];
  /** What this very node has erased: on replicas of other system logs withdrawals are left out. */
  readonly erasures: readonly Erasure[];
  readonly withdrawals?: readonly Erasure[];
}

/** Statements for the batch that erases; none if the node keeps no list. */
export function noteErasures({ erasures: list }: CommandContext, batch: Batch): Statement[] {
  if (list === undefined) return [];
  return [...note(batch, batch.erasures, false), ...note(batch, batch.withdrawals ?? [], true)];
}

function note(batch: Batch, erasures: readonly Erasure[], withdrawn: boolean): Statement[] {
  const { numbering } = batch.rows;
  const bytes = new Map([...numbering.newObjects].map((object) => [object.id, object.bytes]));
  const groups = new Map<string, { log: number; by: number; names: ObjectName[] }>();
  for (const { by, log, name } of erasures) {
    const group = groups.get(`${log} ${by}`) ?? { log, by, names: [] };
    group.names.push(name);
    groups.set(`${log} ${by}`, group);
  }
  return insertUnlisted(
    [...groups.values()].flatMap(({ by, log, names }): ListedErasure[] => {
      const entry = batch.entries.find((one) => one.log === log && one.index === by);
      const origin = batch.heads.find(({ id }) => id === log)?.origin;
      const tombstone = entry && bytes.get(entry.object);
      return tombstone && origin
        ? [{ by, log: origin, names, tombstone, remains: null, withdrawn }]
        : [];
    }),
  );
}

/** After the batch, before anybody is told of it. */
export async function settleErasures(
  { db, erasures: list }: CommandContext,
  erasures: readonly Erasure[],
): Promise<void> {
  if (list !== undefined && erasures.length > 0) await listErasures(db, list);
}
