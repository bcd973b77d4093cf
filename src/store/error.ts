// The one error of this room: the database did not do what it was asked, and why.

/**
 * - `busy`: another writer held the database; the same batch may be tried again.
 * - `constraint`: a row would break a constraint; nothing of the batch was written.
 * - `already_running`: another node process holds this data folder.
 * - `unreachable`: the database server did not answer; whether the batch was written is not known.
 * - `disk_full`: nothing was written, and nothing will be until there is room.
 * - `corrupt`: what is stored is not what was written.
 * - `migration_newer`: the database was made by a later version of this program.
 * - `migration_changed`: a migration that was applied is not the one this program has.
 * - `cursor_invalid`: a page cursor that this node did not make.
 * - `invalid_statement`: a statement with the wrong number or kind of arguments.
 * - `failed`: anything else the database says.
 */
export type StoreErrorCode =
  | 'busy'
  | 'constraint'
  | 'already_running'
  | 'unreachable'
  | 'disk_full'
  | 'corrupt'
  | 'migration_newer'
  | 'migration_changed'
  | 'cursor_invalid'
  | 'invalid_statement'
  | 'failed';

export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const BY_PRIMARY_CODE: Readonly<Record<number, StoreErrorCode>> = {
  5: 'busy',
  6: 'busy',
  11: 'corrupt',
  13: 'disk_full',
  19: 'constraint',
  26: 'corrupt',
};

/** Gives a SQLite result the name this room uses. `raw` is the extended result code, where the driver tells it. */
export function codeOfSqlite(code: string, raw: number | undefined): StoreErrorCode {
  const known = raw === undefined ? undefined : BY_PRIMARY_CODE[raw & 0xff];
  if (known !== undefined) return known;
  if (code.startsWith('SQLITE_CONSTRAINT')) return 'constraint';
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'busy';
  if (code.startsWith('SQLITE_FULL')) return 'disk_full';
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB')) return 'corrupt';
  return 'failed';
}
