// verify: checks an archive offline and says what holds.
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { loadCrypto } from '../crypto/platform.ts';
import { readArchive } from '../log/archive-reader.ts';
import { type ArchiveReport, verifyArchive } from '../log/archive-verify.ts';
import { parsePolicy } from '../log/policy.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { startProgress } from './progress.ts';
import { CommandError, print, type Terminal } from './terminal.ts';

interface VerifyOptions {
  readonly policy?: string;
  readonly since?: string;
  readonly allowUnwitnessed?: boolean;
  readonly strictAuthors?: boolean;
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
    .option('--strict-authors', "fail for gaps and forks in an author's sequence")
    .option('--json', 'print the report as JSON')
    .action(async (file: string, options: VerifyOptions) => {
      const crypto = await loadCrypto();
      const report = await verifyFile(terminal, file, options, crypto);
      print(terminal, options, report, reportLines(report, options));
      terminal.exitWith(report.code);
    });
}

async function verifyFile(
  terminal: Terminal,
  file: string,
  options: VerifyOptions,
  crypto: Crypto,
): Promise<ArchiveReport> {
  await mustExist(file);
  const policy = options.policy === undefined ? {} : await readPolicy(options.policy, crypto);
  const since =
    options.since === undefined ? {} : { since: await readSince(options.since, crypto) };
  const progress = startProgress(terminal, 'verifying');
  try {
    return await verifyArchive(createReadStream(file), {
      crypto,
      now: terminal.now(),
      ...policy,
      ...since,
      allowUnwitnessed: options.allowUnwitnessed ?? false,
      strictAuthors: options.strictAuthors ?? false,
      progress: ({ objects, size }) => progress.update(objects, size ?? objects),
    });
  } finally {
    progress.stop();
  }
}

async function mustExist(file: string): Promise<void> {
  const info = await stat(file).catch(() => null);
  if (info?.isFile() !== true) throw new CommandError(`There is no file ${file}.`, { exitCode: 2 });
}

async function readPolicy(file: string, crypto: Crypto) {
  await mustExist(file);
  const result = parsePolicy(await readFile(file), crypto);
  if (!result.ok) {
    throw new CommandError(`${file} is not a policy: ${result.detail}`, {
      exitCode: 2,
      remedy: 'The format is C2SP tlog-policy: log, witness, group and quorum lines.',
    });
  }
  return { policy: result.policy };
}

/** The checkpoint of an older archive, or the text of a checkpoint file. */
async function readSince(file: string, crypto: Crypto): Promise<string> {
  await mustExist(file);
  const { size } = await stat(file);
  // A signed note is at most 1 MB and has no NUL; a tar block of 512 bytes has many.
  if (size < 1_000_000) {
    const text = await readFile(file, 'utf8');
    if (!text.includes('\0')) return text;
  }
  for await (const part of readArchive(createReadStream(file), crypto)) {
    if (part.kind === 'checkpoint') return part.note;
  }
  throw new CommandError(`${file} has no checkpoint.`, { exitCode: 2 });
}

function reportLines(report: ArchiveReport, options: VerifyOptions): string[] {
  const lines = [
    report.ok ? 'VERIFIED' : `FAILED (exit code ${report.code})`,
    `  log        ${report.origin ?? 'unknown'}`,
    `  submolt    ${report.submolt ?? (report.ok ? 'none: a system log' : 'unknown')}`,
    `  home       ${report.home ?? 'unknown'}`,
    `  entries    ${report.size ?? 'unknown'}, root ${report.root ?? 'unknown'}`,
    `  objects    ${report.objects} verified, by ${report.authors} authors; ${report.erased} erased with a tombstone`,
    `  log key    ${report.signer ?? 'no valid signature'}`,
    witnessLine(report, options),
  ];
  for (const { code, index, message } of report.findings) {
    const at = index === undefined ? '' : ` entry ${index}:`;
    lines.push(`  ${code}:${at} ${message}`);
  }
  return lines;
}

function witnessLine({ witnesses }: ArchiveReport, { policy }: VerifyOptions): string {
  if (policy === undefined) {
    return '  witnesses  none asked for: without --policy the log key rests on the home node alone';
  }
  const names = witnesses.names.length === 0 ? 'none' : witnesses.names.join(', ');
  return `  witnesses  ${witnesses.met ? 'quorum met' : 'quorum NOT met'}: ${names}`;
}
