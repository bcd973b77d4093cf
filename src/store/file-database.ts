// A database file on this machine, through libSQL's synchronous API: one connection writes, another reads.
import Libsql from 'libsql';
import type { Database, Row, Statement, Value } from './database.ts';
import { codeOfSqlite, StoreError } from './error.ts';
import { parameterCount } from './parameters.ts';
import { Scrubber } from './scrubber.ts';
import { removeLeftCopies } from './snapshot.ts';

/** Pages of 4 KB in the write-ahead log before it is folded back into the file, inside a commit. */
const AUTOCHECKPOINT_PAGES = 4000;
const JOURNAL_SIZE_LIMIT = 64 * 1024 * 1024;
/** Of pages. Names of objects come in no order: what is written lands anywhere in their index, which grows with all logs. */
const CACHE_KIB = { writer: 49_152, reader: 16_384 };
/** The wait for another process's lock stops the event loop, so it is short. */
const BUSY_TIMEOUT_MS = 500;
const NO_ROWS: Row[] = [];

interface Prepared {
  readonly parameters: number;
  readonly run: (args: readonly Value[]) => Row[];
}

/** One connection and its prepared statements, by SQL text: the set of texts is fixed, so the map is bounded. */
class Connection {
  readonly #db: Libsql.Database;
  readonly #prepared = new Map<string, Prepared>();

  constructor(path: string, role: 'writer' | 'reader') {
    this.#db = new Libsql(path, { timeout: BUSY_TIMEOUT_MS });
    for (const pragma of [
      'journal_mode = WAL',
      'synchronous = FULL',
      'foreign_keys = ON',
      // What was erased is overwritten in the file, not only unlinked.
      'secure_delete = ON',
      // Nothing of a statement goes to a file that this program does not know of.
      'temp_store = MEMORY',
      `wal_autocheckpoint = ${AUTOCHECKPOINT_PAGES}`,
      `journal_size_limit = ${JOURNAL_SIZE_LIMIT}`,
      `cache_size = -${CACHE_KIB[role]}`,
      `query_only = ${role === 'reader' ? 'ON' : 'OFF'}`,
    ]) {
      this.#db.prepare(`PRAGMA ${pragma}`).all();
    }
  }

  run(statement: Statement): Row[] {
    const prepared = this.#prepared.get(statement.sql) ?? this.#prepare(statement.sql);
    // A cached statement called with too few arguments would keep the last call's value for the missing ones.
    if (statement.args.length !== prepared.parameters) {
      throw new StoreError(
        'invalid_statement',
        `${statement.args.length} arguments for ${prepared.parameters} parameters: ${statement.sql}`,
      );
    }
    return prepared.run(statement.args);
  }

  get inTransaction(): boolean {
    return this.#db.inTransaction;
  }

  close(): void {
    this.#prepared.clear();
    this.#db.close();
  }

  #prepare(sql: string): Prepared {
    const statement = this.#db.prepare(sql);
    const parameters = parameterCount(sql);
    let prepared: Prepared;
    if (statement.reader) {
      statement.raw(true);
      // all(), never an iterator: one that is left early keeps its read transaction open.
      prepared = { parameters, run: (args) => statement.all(checked(args)) as Row[] };
    } else {
      prepared = {
        parameters,
        run: (args) => {
          statement.run(checked(args));
          return NO_ROWS;
        },
      };
    }
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}

/** A boolean aborts the process inside libSQL and a number binds as REAL: neither gets that far. */
function checked(args: readonly Value[]): Value[] {
  for (const arg of args) {
    const kind = typeof arg;
    if (kind === 'bigint' || kind === 'string' || arg === null) continue;
    if (arg instanceof Uint8Array) continue;
    throw new StoreError('invalid_statement', `cannot bind a ${kind}`);
  }
  return args as Value[];
}

export class FileDatabase implements Database {
  readonly durable = 'fsync';
  readonly #path: string;
  readonly #writer: Connection;
  readonly #reader: Connection;
  readonly #scrubber = new Scrubber((statements, alone) => this.#write(statements, alone));

  /** Opens or makes the file. Throws StoreError (`corrupt`, `busy`, `failed`). */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#writer = new Connection(path, 'writer');
      this.#reader = new Connection(path, 'reader');
    } catch (error) {
      throw storeError(error, `cannot open ${path}`);
    }
  }

  #write(statements: readonly Statement[], alone = false): Row[][] {
    const connection = this.#writer;
    if (alone) return statements.map((statement) => connection.run(statement));
    try {
      connection.run(BEGIN_WRITE);
      const rows = statements.map((statement) => connection.run(statement));
      connection.run(COMMIT);
      return rows;
    } catch (error) {
      if (connection.inTransaction) connection.run(ROLLBACK);
      throw error;
    }
  }

  async batch(mode: 'read' | 'write', statements: readonly Statement[]): Promise<Row[][]> {
    const connection = mode === 'write' ? this.#writer : this.#reader;
    try {
      if (mode === 'read' && statements.length === 1)
        return [connection.run(statements[0] as Statement)];
      connection.run(mode === 'write' ? BEGIN_WRITE : BEGIN_READ);
      const rows = statements.map((statement) => connection.run(statement));
      connection.run(COMMIT);
      return rows;
    } catch (error) {
      if (connection.inTransaction) connection.run(ROLLBACK);
      throw storeError(error, `${mode} batch`);
    }
  }

  scrub(): void {
    removeLeftCopies(this.#path);
    this.#scrubber.scrub();
  }

  async close(): Promise<void> {
    this.#scrubber.stop();
    this.#reader.close();
    try {
      // So that the one file is all there is to copy of a node that was stopped. Others may be reading it still.
      this.#writer.run(FOLD);
    } catch {
      // What is in the write-ahead log stays there, and belongs to the database as before.
    }
    this.#writer.close();
  }
}

const BEGIN_WRITE: Statement = { sql: 'BEGIN IMMEDIATE', args: [] };
const BEGIN_READ: Statement = { sql: 'BEGIN DEFERRED', args: [] };
const COMMIT: Statement = { sql: 'COMMIT', args: [] };
const FOLD: Statement = { sql: 'PRAGMA wal_checkpoint(TRUNCATE)', args: [] };
const ROLLBACK: Statement = { sql: 'ROLLBACK', args: [] };

function storeError(error: unknown, doing: string): StoreError {
  if (error instanceof StoreError) return error;
  const { code, rawCode, message } = error as { code?: string; rawCode?: number; message?: string };
  const known = code === undefined ? 'failed' : codeOfSqlite(code, rawCode);
  return new StoreError(known, `${doing}: ${message ?? String(error)}`, { cause: error });
}
