// Writes what was verified as NDJSON and CSV, one row for each entry, ready to be loaded.
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { ARCHIVE_COLUMNS, readArchiveRows } from '../log/archive-rows.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { csvLine } from './csv.ts';
import { readHashed } from './read-hashed.ts';
import { CommandError, wrongCall } from './terminal.ts';

export const ANALYSIS_FILES = ['objects.ndjson', 'objects.csv'] as const;

/**
 * Reads an archive again whose digest was `digest` when it was verified. The files are there whole, or not at all. Gives
 * the number of rows.
 */
export async function writeAnalysisFiles(
  file: string,
  folder: string,
  digest: string,
  crypto: Crypto,
): Promise<number> {
  await makeFolder(folder);
  const paths = ANALYSIS_FILES.map((name) => join(folder, name));
  const parts = paths.map((path) => `${path}.part`);
  const made = [...parts];
  try {
    const rows = await writeRows(file, parts, digest, crypto);
    for (const [i, path] of paths.entries()) {
      await rename(parts[i] as string, path);
      made.push(path);
    }
    return rows;
  } catch (error) {
    await Promise.all(made.map((one) => rm(one, { force: true }).catch(() => undefined)));
    if (error instanceof CommandError) throw error;
    throw new CommandError(`Nothing was written to ${folder}: ${messageOf(error)}`);
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    // mkdir of Node.js does not come back where a folder that is there takes no others, as in /proc.
    const above = await stat(dirname(resolve(folder))).catch(() => null);
    if (above === null) await mkdir(folder, { recursive: true });
    else await mkdir(folder);
  } catch (error) {
    const info = await stat(folder).catch(() => null);
    if (info?.isDirectory()) return;
    throw wrongCall(`${folder} cannot be made a folder: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function writeRows(
  file: string,
  paths: readonly string[],
  digest: string,
  crypto: Crypto,
): Promise<number> {
  const outputs = paths.map((path) => createWriteStream(path));
  const closed = outputs.map((output) => finished(output));
  // Each is waited for at the end; a full disk is told of there.
  for (const one of closed) one.catch(() => undefined);
  const [ndjson, csv] = outputs as [WriteStream, WriteStream];
  const source = readHashed(file);
  let rows = 0;
  await write(csv, csvLine(ARCHIVE_COLUMNS));
  for await (const row of readArchiveRows(source.chunks, crypto)) {
    // The same columns in the same order as in the other file.
    await write(ndjson, `${JSON.stringify(row, [...ARCHIVE_COLUMNS])}\n`);
    await write(csv, csvLine(ARCHIVE_COLUMNS.map((column) => row[column])));
    rows += 1;
  }
  for (const output of outputs) output.end();
  await Promise.all(closed);
  if (source.digest() !== digest) {
    throw new CommandError(`${file} changed after it was verified; nothing was written.`);
  }
  return rows;
}

async function write(output: WriteStream, text: string): Promise<void> {
  if (output.errored !== null) throw output.errored;
  if (!output.write(text)) await once(output, 'drain');
}
