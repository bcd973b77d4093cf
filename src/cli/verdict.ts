// Tells the verdict on an archive: a report, the exit code, and the evidence if the log has signed two histories.
import { writeFile } from 'node:fs/promises';
import type { ArchiveReport } from '../log/archive-verify.ts';
import { reportJson, reportLines } from './archive-report.ts';
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
    const evidence = options.evidence ?? `${file}.fork.json`;
    await writeFile(evidence, `${JSON.stringify(report.fork, null, 2)}\n`);
    lines.push(
      '',
      `EVIDENCE: the log has signed two histories. Keep ${evidence} and show it to others.`,
    );
  }
  print(terminal, options, reportJson(report, policy), lines);
  terminal.exitWith(report.code);
}
