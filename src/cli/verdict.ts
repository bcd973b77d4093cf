// Tells the verdict on an archive: a report, the exit code, and the evidence if the log has signed two histories.
import { writeFile } from 'node:fs/promises';
import type { ArchiveReport } from '../log/archive-verify.ts';
import { canonicalize } from '../protocol/jcs.ts';
import type { JsonObject } from '../protocol/json.ts';
import { reportJson, reportLines } from './archive-report.ts';
import { tellKind } from './file-kind.ts';
import { STANDARD_INPUT } from './read-hashed.ts';
import { print, type Terminal } from './terminal.ts';

export interface VerdictOptions {
  readonly json?: boolean;
  readonly policy?: string;
  /** Where evidence goes; beside the archive unless told. */
  readonly evidence?: string;
}

export async function tellVerdict(
  terminal: Terminal,
  file: string,
  options: VerdictOptions,
  report: ArchiveReport,
  more: readonly string[] = [],
): Promise<void> {
  const policy = options.policy !== undefined;
  const lines = [...reportLines(report, policy), ...more];
  if (report.fork !== null) {
    const evidence =
      options.evidence ?? `${file === STANDARD_INPUT ? 'archive' : file}.evidence.json`;
    lines.push('', ...(await writeEvidence(evidence, report.fork)));
  }
  print(terminal, options, reportJson(report, policy), lines);
  if (report.code === 10 && report.origin === null) await tellKind(terminal, file, 'archive');
  terminal.exitWith(report.code);
}

/** The verdict is told even where the evidence cannot be kept. */
async function writeEvidence(path: string, file: JsonObject): Promise<string[]> {
  try {
    await writeFile(path, canonicalize(file));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [`EVIDENCE that could not be written (${why}): the log has signed two histories.`];
  }
  return [
    `EVIDENCE: the log has signed two histories. Keep ${path} and show it to others:`,
    `exuvia verify-evidence ${path} checks it, anywhere.`,
  ];
}
