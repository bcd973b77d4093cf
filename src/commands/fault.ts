// One row of the database that is not what was written, named so that an operator can find it.

export interface Fault {
  readonly table: string;
  /** Its primary key or numbers, such as `log 2, idx 17`; empty for a table as a whole. */
  readonly row: string;
  readonly problem: string;
}

export function fault(table: string, row: string, problem: string): Fault {
  return { table, row, problem };
}

/** `entries (log 2, idx 17): …`. */
export function describeFault({ problem, row, table }: Fault): string {
  return row === '' ? `${table}: ${problem}` : `${table} (${row}): ${problem}`;
}
