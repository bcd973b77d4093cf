// Compares everything derived from the logs with what a rebuild makes of them, row by row and column by column.
import { type Cell, type Database, integer, type Row } from '../store/database.ts';
import { DERIVED_TABLES, rebuildDerived } from '../store/rebuild.ts';
import { type Fault, fault } from './fault.ts';

/** Rows shown of one table. */
const MAX_SHOWN = 20;
/** What a rebuild adds to, if a name is missing that the logs have. */
const NAMES = ['agents', 'objects'] as const;

/** Rebuilds `copy`, which must be a copy that nobody else uses. */
export async function findDerivedFaults(copy: Database): Promise<Fault[]> {
  const names = await countNames(copy);
  await copy.batch(
    'write',
    DERIVED_TABLES.map((table) => ({
      sql: `CREATE TABLE stored_${table} AS SELECT * FROM ${table}`,
      args: [],
    })),
  );
  try {
    await rebuildDerived(copy);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [fault('logs', '', `the derived tables cannot be made anew: ${why}`)];
  }
  const faults: Fault[] = [];
  for (const table of DERIVED_TABLES) faults.push(...(await compare(copy, table)));
  const now = await countNames(copy);
  for (const [i, table] of NAMES.entries()) {
    const more = (now[i] as number) - (names[i] as number);
    if (more > 0)
      faults.push(fault(table, '', `${more} that the logs name are missing or changed`));
  }
  return faults;
}

async function countNames(db: Database): Promise<number[]> {
  const counts = await db.batch(
    'read',
    NAMES.map((table) => ({ sql: `SELECT count(*) FROM ${table}`, args: [] })),
  );
  return counts.map((rows) => rows[0]?.[0] as number);
}

async function compare(copy: Database, table: string): Promise<Fault[]> {
  const limit = [integer(MAX_SHOWN)];
  const [columns = [], surplus = [], missing = []] = await copy.batch('read', [
    { sql: `SELECT name, pk FROM pragma_table_info('${table}') ORDER BY cid`, args: [] },
    { sql: `SELECT * FROM stored_${table} EXCEPT SELECT * FROM ${table} LIMIT ?`, args: limit },
    { sql: `SELECT * FROM ${table} EXCEPT SELECT * FROM stored_${table} LIMIT ?`, args: limit },
  ]);
  const names = columns.map(([name]) => String(name));
  const keys = columns.flatMap(([, pk], i) => ((pk as number) > 0 ? [i] : []));
  const keyOf = (row: Row) => keys.map((i) => `${names[i]} ${printed(row[i])}`).join(', ');
  const rebuilt = new Map(missing.map((row) => [keyOf(row), row]));
  const stored = new Set(surplus.map(keyOf));
  const wrong = surplus.map((row) => {
    const right = rebuilt.get(keyOf(row));
    if (right === undefined) return fault(table, keyOf(row), 'a rebuild makes no such row');
    const differences = names.flatMap((name, i) =>
      printed(row[i]) === printed(right[i])
        ? []
        : [`${name} is ${printed(row[i])}, not ${printed(right[i])}`],
    );
    return fault(table, keyOf(row), differences.join('; '));
  });
  const lost = missing.filter((row) => !stored.has(keyOf(row)));
  return [...wrong, ...lost.map((row) => fault(table, keyOf(row), 'the row is missing'))];
}

function printed(cell: Cell | undefined): string {
  if (cell instanceof Uint8Array) return `x'${Buffer.from(cell).toString('hex')}'`;
  return typeof cell === 'string' ? JSON.stringify(cell.slice(0, 80)) : String(cell ?? null);
}
