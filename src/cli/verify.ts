// verify: checks an archive offline and says what holds.
import { type Command, InvalidArgumentError } from 'commander';
import { loadCrypto } from '../crypto/platform.ts';
import type { ArchiveReport } from '../log/archive-verify.ts';
import { print, type Terminal } from './terminal.ts';
import { type VerifyFileOptions, verifyFile } from './verify-file.ts';

interface VerifyOptions extends VerifyFileOptions {
  readonly json?: boolean;
}

export function addVerify(program: Command, terminal: Terminal): void {
  program
    .command('verify')
    .description('check an archive offline; the exit code says what failed (spec/archive.md)')
    .argument('<file>', 'the archive')
    .option(
      '--policy <file>',
      'your own trust policy (C2SP tlog-policy): log keys, witnesses, quorum',
    )
    .option('--since <file>', 'an older archive or checkpoint that this one must extend')
    .option('--allow-unwitnessed', 'do not fail when the quorum is not met')
    .option('--receipt <files...>', 'receipts that the archive must honour')
    .option(
      '--allow-withdrawn',
      'do not fail for bodies that the maker of the archive has withdrawn',
    )
    .option('--strict-authors', "fail for gaps and forks in an author's sequence")
    .option(
      '--threads <n>',
      'threads to verify on (default: as many as there are cores)',
      readThreads,
    )
    .option('--json', 'print the report as JSON')
    .action(async (file: string, options: VerifyOptions) => {
      const crypto = await loadCrypto();
      const report = await verifyFile(terminal, file, options, crypto);
      print(terminal, options, report, reportLines(report, options));
      terminal.exitWith(report.code);
    });
}

function readThreads(text: string): number {
  const threads = Number(text);
  if (Number.isInteger(threads) && threads >= 1 && threads <= 1024) return threads;
  throw new InvalidArgumentError('It is a number from 1.');
}

function reportLines(report: ArchiveReport, options: VerifyOptions): string[] {
  const lines = [
    report.ok ? 'VERIFIED' : `FAILED (exit code ${report.code})`,
    `  log        ${report.origin ?? 'unknown'}`,
    `  submolt    ${report.submolt ?? (report.ok ? 'none: a system log' : 'unknown')}`,
    `  home       ${report.home ?? 'unknown'}`,
    `  entries    ${report.size ?? 'unknown'}, root ${report.root ?? 'unknown'}`,
    `  objects    ${report.objects} verified, by ${report.authors} authors; ${report.erased} erased${groundsOf(report)}`,
    `  log key    ${report.signer ?? 'no valid signature'}`,
    witnessLine(report, options),
  ];
  for (const { code, index, message } of report.findings) {
    const at = index === undefined ? '' : ` entry ${index}:`;
    lines.push(`  ${code}:${at} ${message}`);
  }
  return lines;
}

/** Who has erased how many bodies: a purge shows as one. */
function groundsOf({ erasures }: ArchiveReport): string {
  const counts = Object.entries(erasures).filter(([, count]) => count > 0);
  return counts.length === 0
    ? ''
    : `: ${counts.map(([ground, count]) => `${ground} ${count}`).join(', ')}`;
}

function witnessLine({ witnesses }: ArchiveReport, { policy }: VerifyOptions): string {
  if (policy === undefined) {
    return '  witnesses  none asked for: without --policy the log key rests on the home node alone';
  }
  const names = witnesses.names.length === 0 ? 'none' : witnesses.names.join(', ');
  return `  witnesses  ${witnesses.met ? 'quorum met' : 'quorum NOT met'}: ${names}`;
}
