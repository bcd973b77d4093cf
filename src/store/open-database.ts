// Opens the database that a URL names: a file of this node, or a server that several node processes share.
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Database } from './database.ts';
import { StoreError } from './error.ts';
import { FileDatabase } from './file-database.ts';
import { lockDataFolder } from './node-lock.ts';
import { ServerDatabase } from './server-database.ts';

export interface OpenOptions {
  /** For servers. */
  readonly token?: string;
  /** This process's data folder; it is locked until the database is closed. */
  readonly dataDir: string;
}

/**
 * Opens `file:` (a path, or a file URL) or a server. Throws StoreError `already_running` when another process
 * has the data folder, or the folder of the file.
 */
export function openDatabase(url: string, options: OpenOptions): Database {
  const path = filePathOf(url);
  const folders = new Set([resolve(options.dataDir)]);
  if (path !== null) folders.add(dirname(resolve(path)));
  const locks: { release(): void }[] = [];
  const release = () => {
    for (const lock of locks) lock.release();
  };
  try {
    for (const folder of folders) {
      mkdirSync(folder, { recursive: true });
      locks.push(lockDataFolder(folder));
    }
    const db: Database = path === null ? serverOf(url, options.token) : new FileDatabase(path);
    return {
      durable: db.durable,
      batch: (mode, statements) => db.batch(mode, statements),
      scrub: () => db.scrub?.(),
      async close() {
        await db.close();
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

/** The path of a `file:` URL, `file:relative/path` included; null for another scheme. */
export function filePathOf(url: string): string | null {
  if (!url.startsWith('file:')) return null;
  return url.startsWith('file://') ? fileURLToPath(url) : url.slice('file:'.length);
}

function serverOf(url: string, token: string | undefined): Database {
  if (!/^(?:https?|libsql|wss?):\/\//.test(url)) {
    throw new StoreError('failed', `${url} is neither file: nor http(s):, libsql: or ws(s):`);
  }
  return new ServerDatabase(url, token);
}
