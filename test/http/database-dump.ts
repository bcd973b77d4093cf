// Everything a database holds, as one comparable value: what a refused request must leave as it was.
import type { Cell, Database } from '../../src/store/database.ts';

/** Rows of every table by its name, in the order of their columns; blobs in hex. */
export async function dumpDatabase(db: Database): Promise<Record<string, string[]>> {
  const [tables = []] = await db.batch('read', [
    {
      // A virtual one without contents cannot be read whole; the tables that hold it are among these.
      sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name",
      args: [],
    },
  ]);
  const names = tables.map(([name]) => String(name));
  const contents = await db.batch(
    'read',
    names.map((name) => ({ sql: `SELECT * FROM "${name}"`, args: [] })),
  );
  return Object.fromEntries(
    names.map((name, i) => [
      name,
      (contents[i] ?? []).map((row) => row.map(show).join('|')).sort(),
    ]),
  );
}

function show(cell: Cell): string {
  return cell instanceof Uint8Array ? Buffer.from(cell).toString('hex') : JSON.stringify(cell);
}
