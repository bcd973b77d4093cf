// verify: checks an archive offline and says what holds.
import { type Command, InvalidArgumentError } from 'commander';
import { loadCrypto } from '../crypto/platform.ts';
import { parseDateTime } from '../protocol/date-time.ts';
import { ANALYSIS_FILES, writeAnalysisFiles } from './analysis-files.ts';
import type { Terminal } from './terminal.ts';
import { tellVerdict, type VerdictOptions } from './verdict.ts';
import { type VerifyFileOptions, verifyFile, verifyHashed } from './verify-file.ts';
import { mustExist } from './verify-inputs.ts';

interface VerifyOptions extends VerifyFileOptions, VerdictOptions {
  readonly out?: string;
}

export function addVerify(program: Command, terminal: Terminal): void {
  program
    .command('verify')
    .description('check an archive offline; the exit code says what failed (spec/archive.md)')
    .argument('<file>', 'the archive; - for standard input')
    .option(
      '--policy <file>',
      'your own trust policy (C2SP tlog-policy): log keys, witnesses, quorum',
    )
    .option('--since <file>', 'an older archive or checkpoint that this one must extend')
    .option(
      '--not-before <time>',
      'fail when the log is not known as of this time (YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ)',
      readTime,
    )
    .option(
      '--evidence <file>',
      'where evidence goes if the log has signed two histories (default: beside the archive)',
    )
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
    .option('--out <folder>', 'write what was verified as NDJSON and CSV (docs/analysis.md)')
    .option('--json', 'print the report as JSON')
    .action(async (file: string, options: VerifyOptions) => {
      const crypto = await loadCrypto();
      if (options.out === undefined) {
        await tellVerdict(
          terminal,
          file,
          options,
          await verifyFile(terminal, file, options, crypto),
        );
        return;
      }
      await mustExist(file);
      const { digest, report } = await verifyHashed(terminal, file, options, crypto);
      if (!report.ok) {
        await tellVerdict(terminal, file, options, report);
        return;
      }
      try {
        const rows = await writeAnalysisFiles(file, options.out, digest, crypto);
        const told = `${rows} rows in ${options.out}: ${ANALYSIS_FILES.join(', ')}`;
        await tellVerdict(terminal, file, options, report, ['', told]);
      } catch (error) {
        // The verdict stands, whatever became of the rows.
        await tellVerdict(terminal, file, options, report);
        throw error;
      }
    });
}

function readThreads(text: string): number {
  const threads = Number(text);
  if (Number.isInteger(threads) && threads >= 1 && threads <= 1024) return threads;
  throw new InvalidArgumentError('It is a number from 1.');
}

function readTime(text: string): number {
  const seconds = parseDateTime(text.length === 10 ? `${text}T00:00:00Z` : text);
  if (seconds !== null) return seconds * 1000;
  throw new InvalidArgumentError('It is YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ, of UTC.');
}
