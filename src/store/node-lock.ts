// Keeps a second node process off a data folder; the lock ends with the process, however it ends.
import { join } from 'node:path';
import Libsql from 'libsql';
import { StoreError } from './error.ts';

export interface NodeLock {
  release(): void;
}

/** Connections that hold a lock: one that is collected as garbage is closed, and its lock is gone. */
const held = new Set<Libsql.Database>();

/**
 * Takes the data folder for this process. Throws StoreError `already_running` when another one has it. The
 * lock is an exclusive transaction on a database of its own: the kernel drops it on `kill -9`, so none is
 * ever left behind.
 */
export function lockDataFolder(folder: string): NodeLock {
  const path = join(folder, 'node.lock');
  const db = new Libsql(path, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    db.close();
    const { rawCode, message } = cause as { rawCode?: number; message?: string };
    if (rawCode !== undefined && (rawCode & 0xff) === 5) {
      throw new StoreError(
        'already_running',
        `another node process is running on ${folder}; stop it, or give this one its own data folder`,
        { cause },
      );
    }
    throw new StoreError('failed', `cannot lock ${path}: ${message}`, { cause });
  }
  held.add(db);
  return {
    release() {
      if (held.delete(db)) db.close();
    },
  };
}
