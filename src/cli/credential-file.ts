// Files that hold a credential or a status list: read whole, replaced whole.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { CommandError } from './terminal.ts';

/** The text without white space around it: what is signed begins and ends with a character of its own. */
export async function readCredentialFile(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw new CommandError(`${path} cannot be read: ${(error as Error).message}`);
  }
}

/** A reader, such as a web server, sees the old text or the new one. */
export async function writeCredentialFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, `${text}\n`);
  await rename(`${path}.new`, path);
}
