// research: verifies an archive, then computes from it what studies of agents' networks ask.
import { type Command, InvalidArgumentError } from 'commander';
import { loadCrypto } from '../crypto/platform.ts';
import { readArchiveRows } from '../log/archive-rows.ts';
import { computeResearch, type ResearchFigures } from '../log/research.ts';
import { Owners } from '../log/research-owners.ts';
import type { Crypto } from '../protocol/crypto.ts';
import type { Did } from '../protocol/did.ts';
import { reportJson } from './archive-report.ts';
import { explainKind } from './file-kind.ts';
import { readHashed } from './read-hashed.ts';
import { CommandError, print, type Terminal } from './terminal.ts';
import { type VerifiedFile, type VerifyFileOptions, verifyHashed } from './verify-file.ts';
import { mustExist } from './verify-inputs.ts';

interface ResearchOptions extends Pick<VerifyFileOptions, 'policy' | 'allowUnwitnessed'> {
  readonly system?: readonly string[];
  readonly window: number;
  readonly json?: boolean;
}

export function addResearch(program: Command, terminal: Terminal): void {
  program
    .command('research')
    .description('figures about an archive, once it is verified (docs/research.md)')
    .argument('<file>', 'the archive; it is read twice')
    .option('--system <files...>', 'archives of system logs, which show the owners of agents')
    .option('--window <days>', 'days in a window of the convergence', readDays, 7)
    .option('--policy <file>', 'your own trust policy (C2SP tlog-policy)')
    .option('--allow-unwitnessed', 'do not fail when the quorum is not met')
    .option('--json', 'print JSON, with the formulas')
    .action(async (file: string, options: ResearchOptions) => {
      for (const one of [file, ...(options.system ?? [])]) await mustExist(one);
      const crypto = await loadCrypto();
      const archive = await verified(terminal, file, options, crypto);
      const owners =
        options.system && (await readOwners(terminal, options.system, options, crypto));
      const source = readHashed(file);
      const figures = await computeResearch(readArchiveRows(source.chunks, crypto), {
        crypto,
        windowDays: options.window,
        owners: owners ?? null,
      });
      mustBeSame(file, source.digest(), archive);
      const { origin, root, size } = archive.report;
      print(terminal, options, { origin, size, root, ...figures }, lines(origin ?? '', figures));
    });
}

function readDays(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days >= 1 && days <= 3660) return days;
  throw new InvalidArgumentError('It is a number of days from 1.');
}

/** Figures of what does not verify would be about nothing. */
async function verified(
  terminal: Terminal,
  file: string,
  options: ResearchOptions,
  crypto: Crypto,
): Promise<VerifiedFile> {
  const archive = await verifyHashed(terminal, file, options, crypto);
  const { code, ok, origin } = archive.report;
  if (ok) return archive;
  if (options.json) {
    const report = reportJson(archive.report, options.policy !== undefined);
    print(terminal, options, { file, ...report }, []);
  }
  const kind = origin === null ? await explainKind(file, 'archive') : undefined;
  throw new CommandError(`${file} does not verify (exit code ${code}).`, {
    exitCode: code,
    remedy: kind ?? `exuvia verify ${file} says why.`,
  });
}

async function readOwners(
  terminal: Terminal,
  files: readonly string[],
  options: ResearchOptions,
  crypto: Crypto,
): Promise<ReadonlyMap<Did, string>> {
  const owners = new Owners();
  for (const file of files) {
    const archive = await verified(terminal, file, options, crypto);
    if (archive.report.submolt !== null) {
      throw new CommandError(`${file} is no archive of a system log.`, {
        exitCode: 2,
        remedy: 'exuvia export system --out FILE makes one.',
      });
    }
    const source = readHashed(file);
    for await (const row of readArchiveRows(source.chunks, crypto)) owners.take(row);
    mustBeSame(file, source.digest(), archive);
  }
  return owners.byAgent();
}

function mustBeSame(file: string, digest: string, archive: VerifiedFile): void {
  if (digest !== archive.digest) throw new CommandError(`${file} changed after it was verified.`);
}

const percent = (share: number | null): string =>
  share === null ? 'nothing to tell' : `${(share * 100).toFixed(1)} %`;
const number = (value: number | null): string =>
  value === null ? 'nothing to tell' : value.toFixed(3);

function lines(origin: string, figures: ResearchFigures): string[] {
  const { activity, convergence, duplicates, reciprocity, replies, votes } = figures;
  const { windows } = convergence;
  const owners =
    votes.owners === null
      ? 'owners not shown: give --system'
      : `${votes.owners} owners of ${votes.voters_with_owner} of them, ${votes.parties} parties`;
  return [
    `${origin}: ${figures.entries} entries, ${figures.erased} erased`,
    `  replies      ${percent(replies.reply_rate)} of ${replies.posts} posts are answered by another, ${percent(replies.comment_reply_rate)} of ${replies.comments} comments`,
    `  reciprocity  ${percent(reciprocity.reciprocity)} of ${reciprocity.pairs} pairs (who answered whom) are mutual`,
    `  duplicates   ${percent(duplicates.duplicate_share)} of ${duplicates.texts} texts; near-duplicates ${percent(duplicates.near_duplicate_share)} of ${duplicates.compared}`,
    `  convergence  over ${windows.length} windows of ${convergence.window_days} days: topics ${number(convergence.topics_trend)}, phrasing ${number(convergence.phrasing_trend)} per window`,
    ...windows.map(
      ({ from, phrasing, texts, topics }) =>
        `    ${from}  ${texts} texts, topics ${number(topics)}, phrasing ${number(phrasing)}`,
    ),
    `  activity     ${activity.authors} authors, Gini ${number(activity.gini)}, the busiest tenth wrote ${percent(activity.top_tenth_share)}`,
    `  votes        ${votes.up} up, ${votes.down} down, ${votes.undone} taken back; by ${votes.voters} agents (${votes.signers} signers), ${owners}`,
  ];
}
