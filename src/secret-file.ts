// Files of mode 0600 that are there whole or not at all, whenever the machine stops.
import { link, mkdtemp, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Writes a file where there is none; false, and nothing is changed, where there is one. On disk when it resolves. */
export async function createSecretFile(path: string, text: string): Promise<boolean> {
  return place(path, text, async (made) => {
    try {
      // Unlike rename, link refuses a name that is taken.
      await link(made, path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      return false;
    }
  });
}

/** Writes a file over what is there, if anything: readers see the old or the new one. On disk when it resolves. */
export async function replaceSecretFile(path: string, text: string): Promise<void> {
  await place(path, text, (made) => rename(made, path));
}

/** Puts a file in the place of another, whole: readers see the one or the other. On disk when it resolves. */
export async function moveSecretFile(from: string, to: string): Promise<void> {
  await rename(from, to);
  await flushFolder(dirname(to));
}

/** Takes a file away, if it is there; gone from disk when it resolves. */
export async function removeSecretFile(path: string): Promise<void> {
  await rm(path, { force: true });
  await flushFolder(dirname(path));
}

async function place<T>(path: string, text: string, put: (made: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(`${path}.`);
  try {
    const made = join(folder, 'new');
    await writeFile(made, text, { mode: 0o600, flush: true });
    const result = await put(made);
    await flushFolder(dirname(path));
    return result;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A name is on disk once its folder is; where a platform opens no folders, its file system has to see to that. */
async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => null);
  try {
    await folder?.sync().catch(() => undefined);
  } finally {
    await folder?.close();
  }
}
