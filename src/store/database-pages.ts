// Pages of the database file as they are, through SQLite's own view of them.
import type { Statement } from './database.ts';

/** Gives `pgno, data` of each page from `first` to `last`, those left out that the file does not have. */
export function readPages(first: number, last: number): Statement {
  const numbers = Array.from({ length: last - first + 1 }, (_, n) => first + n);
  // One by one: for anything but a single number the view walks through the whole file.
  return {
    sql: 'SELECT p.pgno, p.data FROM json_each(?) AS k CROSS JOIN sqlite_dbpage AS p ON p.pgno = k.value',
    args: [JSON.stringify(numbers)],
  };
}
