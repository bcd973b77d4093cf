// The newest signed head of each log of this node in a file beside the database, and not part of any backup of the database.
import { open, readFile, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export class SignedHeadsFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  get name(): string {
    return basename(this.#path);
  }

  /** The notes; none if there is no file yet. What cannot be read is passed over. */
  async read(): Promise<string[]> {
    const text = await readFile(this.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    return text.split('\n').flatMap((line) => {
      try {
        const { note } = JSON.parse(line) as { note?: unknown };
        return typeof note === 'string' ? [note] : [];
      } catch {
        return [];
      }
    });
  }

  /** Writes these in place of those before: readers see all of the old or all of the new. On disk when it fulfils. */
  async write(notes: readonly string[]): Promise<void> {
    const made = join(dirname(this.#path), `.${this.name}.new`);
    const file = await open(made, 'w', 0o600);
    try {
      await file.writeFile(notes.map((note) => `${JSON.stringify({ note })}\n`).join(''));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(made, this.#path);
  }
}
