// Verifies an archive file on all cores, with a bar that tells how far it is.
import { availableParallelism } from 'node:os';
import { type ArchiveReport, verifyArchive } from '../log/archive-verify.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { compareOlder } from './compare-older.ts';
import { createExaminerPool } from './examiner-pool.ts';
import { startProgress } from './progress.ts';
import { readHashed, readPieces } from './read-hashed.ts';
import type { Terminal } from './terminal.ts';
import { mustBeSource, readPolicy, readSince } from './verify-inputs.ts';
import { readHonouredReceipt } from './verify-receipt.ts';

export interface VerifyFileOptions {
  readonly policy?: string;
  readonly since?: string;
  /** Milliseconds. */
  readonly notBefore?: number;
  readonly allowUnwitnessed?: boolean;
  readonly allowWithdrawn?: boolean;
  readonly strictAuthors?: boolean;
  readonly threads?: number;
  /** Files of receipts that the archive has to honour. */
  readonly receipt?: readonly string[];
}

export interface VerifiedFile {
  readonly report: ArchiveReport;
  /** SHA-256 in hex of the file as it was read. */
  readonly digest: string;
}

/** A smaller archive is verified before threads have started. */
const SMALL = 1_000_000;

/** For whoever reads the file once. */
export function verifyFile(
  terminal: Terminal,
  file: string,
  options: VerifyFileOptions,
  crypto: Crypto,
): Promise<ArchiveReport> {
  return verify(terminal, { file, pieces: readPieces(file) }, options, crypto);
}

/** For whoever reads it again, and has to know that it is still the same. */
export async function verifyHashed(
  terminal: Terminal,
  file: string,
  options: VerifyFileOptions,
  crypto: Crypto,
): Promise<VerifiedFile> {
  const { chunks: pieces, digest } = readHashed(file);
  const report = await verify(terminal, { file, pieces }, options, crypto);
  return { report, digest: digest() };
}

async function verify(
  terminal: Terminal,
  { file, pieces }: { readonly file: string; readonly pieces: AsyncIterable<Uint8Array> },
  options: VerifyFileOptions,
  crypto: Crypto,
): Promise<ArchiveReport> {
  const size = await mustBeSource(file);
  const policy = await readPolicy(options.policy, crypto);
  const now = terminal.now();
  const receipts = await Promise.all(
    (options.receipt ?? []).map((kept) => readHonouredReceipt(kept, { crypto, now, ...policy })),
  );
  const since = await readSince(options.since, crypto);
  const threads = options.threads ?? (size < SMALL ? 1 : availableParallelism());
  const examiner = createExaminerPool(crypto, threads);
  const progress = startProgress(terminal, 'verifying');
  try {
    const report = await verifyArchive(pieces, {
      crypto,
      examiner,
      now,
      receipts,
      ...policy,
      ...since,
      ...(options.notBefore === undefined ? {} : { notBefore: options.notBefore }),
      allowUnwitnessed: options.allowUnwitnessed ?? false,
      allowWithdrawn: options.allowWithdrawn ?? false,
      strictAuthors: options.strictAuthors ?? false,
      progress: ({ objects, size: entries }) => progress.update(objects, entries ?? objects),
    });
    // What came through a pipe cannot be read again.
    const older = Number.isFinite(size) ? options.since : undefined;
    if (older === undefined) return report;
    return await compareOlder(report, { file, older }, { crypto, now, ...policy });
  } finally {
    progress.stop();
    await examiner.close();
  }
}
