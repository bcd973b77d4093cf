// Looks for texts that are no UTF-8, by their bytes: the driver ends the process where it is asked for one as text.
import { decodeUtf8 } from '../protocol/bytes.ts';
import type { Database, Row } from '../store/database.ts';
import { StoreError } from '../store/error.ts';
import { type Fault, fault } from './fault.ts';

const DAMAGED = 'is no UTF-8; nothing but such texts was looked for, as none can be read';

export interface TextFaults {
  readonly faults: readonly Fault[];
  /** False if there is a text that must not be asked for. */
  readonly readable: boolean;
}

/** One fault for each damaged text, of every table, and for each column whose pages cannot be read. */
export async function findTextFaults(db: Database): Promise<TextFaults> {
  const [columns = []] = await db.batch('read', [
    {
      sql: `SELECT t.name, c.name, c.pk FROM pragma_table_list AS t JOIN pragma_table_info(t.name) AS c
WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY 1, c.cid`,
      args: [],
    },
  ]);
  const faults: Fault[] = [];
  let readable = true;
  for (const [table, column] of columns) {
    const keys = columns.flatMap(([of, name, pk]) => (of === table && pk !== 0 ? [`${name}`] : []));
    const key = keys.map((name) => `iif(typeof("${name}") = 'blob', hex("${name}"), "${name}")`);
    const cells = [`"${column}"`, ...key].map((cell) => `CAST(${cell} AS BLOB)`);
    // Most texts are ASCII, and that the database can tell by itself.
    const sql = `SELECT ${cells} FROM "${table}" WHERE typeof("${column}") = 'text' AND "${column}" GLOB ?`;
    const rows = await db
      .batch('read', [{ sql, args: ['*[^\u0001-~]*'] }])
      .then(([found = []]) => found)
      .catch((error: unknown) => {
        if (!(error instanceof StoreError)) throw error;
        faults.push(fault(`${table}`, '', `${column}: ${error.message}`));
        return [];
      });
    for (const [, ...values] of rows.filter(isDamaged)) {
      const row = keys.map((name, i) => `${name} ${lossy.decode(values[i] as Uint8Array)}`);
      faults.push(fault(`${table}`, row.join(', '), `${column} ${DAMAGED}`));
      readable = false;
    }
  }
  return { faults, readable };
}

const lossy = new TextDecoder();

function isDamaged([bytes]: Row): boolean {
  try {
    decodeUtf8(bytes as Uint8Array);
    return false;
  } catch {
    return true;
  }
}
