// What a verifier brings along: files that exist, the own policy, an older checkpoint.
import { constants, createReadStream } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { readArchive } from '../log/archive-reader.ts';
import { parseCheckpoint } from '../log/checkpoint.ts';
import { LogError } from '../log/error.ts';
import { parseNote } from '../log/note.ts';
import { type Policy, parsePolicy } from '../log/policy.ts';
import { concatBytes } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { readPieces, STANDARD_INPUT } from './read-hashed.ts';
import { CommandError, wrongCall } from './terminal.ts';

/** Gives the size of the file in bytes. */
export async function mustExist(file: string): Promise<number> {
  const info = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EACCES') throw wrongCall(`${file} may not be read.`);
    return null;
  });
  if (info === null && file === STANDARD_INPUT) {
    throw wrongCall('This is read more than once: keep it in a file, and name that.');
  }
  if (info === null) throw wrongCall(`There is no file ${file}.`);
  if (info.isDirectory()) throw wrongCall(`${file} is a folder; name a file.`);
  if (!info.isFile()) throw wrongCall(`${file} is not a file that can be read again.`);
  await mustBeReadable(file);
  return info.size;
}

/** All of what is small, from a file or through a pipe; of anything larger one byte more than there may be. */
export async function readSmall(file: string, most: number): Promise<Uint8Array> {
  await mustBeSource(file);
  const pieces: Uint8Array[] = [];
  let left = most + 1;
  for await (const piece of readPieces(file)) {
    pieces.push(piece.slice(0, left));
    left -= piece.length;
    if (left <= 0) break;
  }
  return concatBytes(...pieces);
}

/** The same of what is read once, and may come through a pipe: then its size is not known. */
export async function mustBeSource(file: string): Promise<number> {
  if (file === STANDARD_INPUT) return Number.POSITIVE_INFINITY;
  const info = await stat(file).catch(() => null);
  if (info?.isFIFO() !== true) return mustExist(file);
  await mustBeReadable(file);
  return Number.POSITIVE_INFINITY;
}

/** A place for a file: said before anything is made that is to go there. */
export async function mayBeWritten(file: string): Promise<void> {
  const info = await stat(file).catch(() => null);
  if (info?.isDirectory()) throw wrongCall(`${file} is a folder; name a file.`);
  const folder = dirname(resolve(file));
  const above = await stat(folder).catch(() => null);
  if (above?.isDirectory() !== true) throw wrongCall(`There is no folder ${folder}.`);
  await access(folder, constants.W_OK).catch(() => {
    throw wrongCall(`Nothing may be written to ${folder}.`);
  });
}

async function mustBeReadable(file: string): Promise<void> {
  await access(file, constants.R_OK).catch(() => {
    throw wrongCall(`${file} may not be read.`);
  });
}

/** Nothing without a file. */
export async function readPolicy(
  file: string | undefined,
  crypto: Crypto,
): Promise<{ policy?: Policy }> {
  if (file === undefined) return {};
  await mustExist(file);
  const result = parsePolicy(await readFile(file), crypto);
  if (result.ok) return { policy: result.policy };
  throw new CommandError(`${file} is not a policy: ${result.detail}`, {
    exitCode: 2,
    remedy: 'The format is C2SP tlog-policy: log, witness, group and quorum lines.',
  });
}

interface Since {
  readonly since?: string;
  readonly knownStatement?: Uint8Array;
}

/** The checkpoint and the keys of an older archive, or the text of a checkpoint file; nothing without a file. */
export async function readSince(file: string | undefined, crypto: Crypto): Promise<Since> {
  if (file === undefined) return {};
  const size = await mustExist(file);
  // A signed note is at most 1 MB and has no NUL; a tar block of 512 bytes has many.
  if (size < 1_000_000) {
    const text = await readFile(file, 'utf8');
    if (!text.includes('\0')) return { since: mustBeCheckpoint(text, file) };
  }
  return readOlderArchive(file, crypto).catch((error: unknown) => {
    if (!(error instanceof LogError)) throw error;
    throw noCheckpoint(file, error.message);
  });
}

async function readOlderArchive(file: string, crypto: Crypto): Promise<Since> {
  let since: string | null = null;
  for await (const part of readArchive(createReadStream(file), crypto)) {
    if (part.kind === 'checkpoint') since = mustBeCheckpoint(part.note, file);
    if (part.kind === 'node' && since !== null) return { since, knownStatement: part.statement };
  }
  throw noCheckpoint(file, 'it has none');
}

/** A note, or its text. */
function mustBeCheckpoint(text: string, file: string): string {
  const note = parseNote(text);
  const checkpoint = parseCheckpoint(note.ok ? note.note.text : text);
  if (checkpoint.ok) return text;
  throw noCheckpoint(file, checkpoint.detail);
}

function noCheckpoint(file: string, why: string): CommandError {
  return new CommandError(`${file} is neither an archive nor a checkpoint: ${why}.`, {
    exitCode: 2,
    remedy: 'An older archive of this log will do, or what its address answers under /checkpoint.',
  });
}
