// A libSQL server (sqld) over HTTP or WebSocket: the same batches, and durability is the server's own.
import { type Client, createClient, type ResultSet } from '@libsql/client';
import type { Cell, Database, Row, Statement } from './database.ts';
import { codeOfSqlite, StoreError } from './error.ts';
import { parameterCount } from './parameters.ts';
import { ServerScrubber } from './server-scrubber.ts';

/** A server that does not answer for this long is taken for unreachable. */
const TIMEOUT_MS = 30_000;

export class ServerDatabase implements Database {
  readonly durable = 'server';
  readonly #client: Client;
  readonly #parameters = new Map<string, number>();
  readonly #scrubber = new ServerScrubber(this);

  /** `url` with the scheme http, https, libsql, ws or wss. Connects with the first batch. */
  constructor(url: string, token?: string) {
    this.#client = createClient({ url, ...(token === undefined ? {} : { authToken: token }) });
  }

  async batch(mode: 'read' | 'write', statements: readonly Statement[]): Promise<Row[][]> {
    for (const statement of statements) this.#check(statement);
    const batch = this.#client.batch(
      statements.map(({ sql, args }) => ({ sql, args: [...args] })),
      mode,
    );
    try {
      const results = await withinTime(batch);
      return results.map(rowsOf);
    } catch (error) {
      throw storeError(error, `${mode} batch`);
    }
  }

  scrub(): void {
    this.#scrubber.scrub();
  }

  async close(): Promise<void> {
    await this.#scrubber.stop();
    this.#client.close();
  }

  #check({ sql, args }: Statement): void {
    let parameters = this.#parameters.get(sql);
    if (parameters === undefined) {
      parameters = parameterCount(sql);
      this.#parameters.set(sql, parameters);
    }
    if (args.length !== parameters) {
      throw new StoreError(
        'invalid_statement',
        `${args.length} arguments for ${parameters} parameters: ${sql}`,
      );
    }
  }
}

function rowsOf(result: ResultSet): Row[] {
  const width = result.columns.length;
  return result.rows.map((row) => Array.from({ length: width }, (_, i) => cellOf(row[i])));
}

function cellOf(value: unknown): Cell {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (typeof value === 'number' || typeof value === 'string' || value === null) return value;
  throw new StoreError('failed', `the server sent a ${typeof value}`);
}

/** Whether a batch that ran out of time was written is not known; its caller asks again. */
async function withinTime<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new StoreError('unreachable', `no answer within ${TIMEOUT_MS / 1000} seconds`));
  }, TIMEOUT_MS);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

function storeError(error: unknown, doing: string): StoreError {
  if (error instanceof StoreError) return error;
  const { code, rawCode, message } = error as { code?: string; rawCode?: number; message?: string };
  // What SQLite said has its own code; everything else went wrong on the way there or back.
  const known = code?.startsWith('SQLITE_') ? codeOfSqlite(code, rawCode) : 'unreachable';
  return new StoreError(known, `${doing}: ${message ?? String(error)}`, { cause: error });
}
