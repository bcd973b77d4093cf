// Finds the public reference vectors; a missing one is an error that says where they are looked for.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const repository = join(import.meta.dirname, '..');

/** Absolute path of a file or folder among the reference vectors. `EXUVIA_VECTORS` overrides the place. */
export function vectorPath(...parts: string[]): string {
  const root = process.env.EXUVIA_VECTORS ?? join(repository, '..', 'shared', 'vectors');
  const path = join(root, ...parts);
  if (!existsSync(path)) {
    throw new Error(
      `reference vector missing: ${parts.join('/')} (set EXUVIA_VECTORS to the folder that has it)`,
    );
  }
  return path;
}
