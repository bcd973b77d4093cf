// Statements over many rows at once, in fixed chunk sizes, so that few SQL texts are ever prepared.
import type { Statement, Value } from './database.ts';

/** Measured: larger chunks gain nothing, and other sizes would each be a text of their own. */
const CHUNKS = [64, 16, 4, 1] as const;

/**
 * Makes statements of the form `<head> (?, …), (?, …) <tail>` for any number of rows of `columns` values,
 * in the order of the rows.
 */
export function valuesList(
  head: string,
  columns: number,
  tail = '',
): (rows: readonly (readonly Value[])[]) => Statement[] {
  const tuple = `(${Array(columns).fill('?').join(', ')})`;
  const texts = new Map<number, string>(
    CHUNKS.map((size) => [size, `${head} ${Array(size).fill(tuple).join(', ')} ${tail}`.trimEnd()]),
  );
  return (rows) => {
    const statements: Statement[] = [];
    let at = 0;
    for (const size of CHUNKS) {
      while (rows.length - at >= size) {
        const args = rows.slice(at, at + size).flat();
        statements.push({ sql: texts.get(size) as string, args });
        at += size;
      }
    }
    return statements;
  };
}
