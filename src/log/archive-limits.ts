// What an archive's verdict does not say, in plain words: no verifier can catch it from one file.
import type { ArchiveReport } from './archive-verify.ts';

/** The limits of this verdict (archive.md §3). `policy` is true if the verifier brought one. */
export function limitsOf(report: ArchiveReport, policy: boolean): string[] {
  const { erased, witnesses } = report;
  const limits = [
    'Acts that the home refused or never logged, unless somebody holds a receipt.',
    policy && witnesses.quorum !== 'none'
      ? 'Another history, if the home and enough witnesses of your policy lie together.'
      : 'Whether others are shown another history: no witness was asked. Bring a --policy of your own.',
    'The order of acts of the same moment, and the home’s clock between two cosignatures.',
    'Decisions that rest on more than authors and roles: bans, locks, second votes.',
  ];
  if (erased > 0)
    limits.push(
      `What ${erased} erased bodies said, that they were whose they are said to be, and of edits that they were of what was erased.`,
    );
  if (report.documents > 0) {
    const copies = `${report.documents} did:web documents`;
    limits.push(`That the archive’s copies of ${copies} are right, and were seen when it says.`);
  }
  return limits;
}
