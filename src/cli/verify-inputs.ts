// What a verifier brings along: files that exist, the own policy, an older checkpoint.
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { readArchive } from '../log/archive-reader.ts';
import { type Policy, parsePolicy } from '../log/policy.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { CommandError } from './terminal.ts';

/** Gives the size of the file in bytes. */
export async function mustExist(file: string): Promise<number> {
  const info = await stat(file).catch(() => null);
  if (info?.isFile() === true) return info.size;
  throw new CommandError(`There is no file ${file}.`, { exitCode: 2 });
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

/** The checkpoint and the keys of an older archive, or the text of a checkpoint file; nothing without a file. */
export async function readSince(
  file: string | undefined,
  crypto: Crypto,
): Promise<{ since?: string; knownStatement?: Uint8Array }> {
  if (file === undefined) return {};
  const size = await mustExist(file);
  // A signed note is at most 1 MB and has no NUL; a tar block of 512 bytes has many.
  if (size < 1_000_000) {
    const text = await readFile(file, 'utf8');
    if (!text.includes('\0')) return { since: text };
  }
  let since: string | null = null;
  for await (const part of readArchive(createReadStream(file), crypto)) {
    if (part.kind === 'checkpoint') since = part.note;
    if (part.kind === 'node' && since !== null) return { since, knownStatement: part.statement };
  }
  throw new CommandError(`${file} has no checkpoint.`, { exitCode: 2 });
}
