// Holds an older archive against one that has fewer entries: unless that is its beginning, the two checkpoints convict the log.
import { type ArchiveReport, verifyArchive } from '../log/archive-verify.ts';
import type { Policy } from '../log/policy.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { readPieces } from './read-hashed.ts';
import { readSince } from './verify-inputs.ts';

export interface Compared {
  readonly crypto: Crypto;
  /** Milliseconds. */
  readonly now: number;
  readonly policy?: Policy;
}

/**
 * An archive that is cut back *and* goes another way has no entries to prove that with; the older archive has. The report then has
 * code 14 and the evidence, or is as it was.
 */
export async function compareOlder(
  report: ArchiveReport,
  files: { readonly file: string; readonly older: string },
  { crypto, now, policy }: Compared,
): Promise<ArchiveReport> {
  if (report.fork !== null || (report.since?.size ?? 0) <= (report.size ?? 0)) return report;
  const { knownStatement } = await readSince(files.older, crypto);
  const { since } = await readSince(files.file, crypto);
  // Of a checkpoint alone there are no entries.
  if (knownStatement === undefined || since === undefined) return report;
  const { fork } = await verifyArchive(readPieces(files.older), {
    ...{ crypto, now, since },
    ...(policy && { policy }),
  });
  if (fork === null) return report;
  const message = `these ${report.size} entries are not the first ${report.size} of the older archive`;
  return {
    ...report,
    code: Math.min(report.code, 14) as ArchiveReport['code'],
    fork,
    findings: [...report.findings, { code: 14 as const, message }].toSorted(
      (a, b) => a.code - b.code,
    ),
    counts: { ...report.counts, 14: (report.counts[14] ?? 0) + 1 },
  };
}
