// A verdict on an archive in plain words: what was proven, what was found, and what nobody can catch.
import { limitsOf } from '../log/archive-limits.ts';
import type { ArchiveReport } from '../log/archive-verify.ts';
import { formatDateTime } from '../protocol/date-time.ts';
import { idOf } from '../protocol/object-name.ts';
import { WHO_IS_ASKED } from './wait-cosigned.ts';

/** As `--json` prints it. */
export function reportJson(report: ArchiveReport, policy: boolean) {
  return { ...report, limits: limitsOf(report, policy) };
}

export function reportLines(report: ArchiveReport, policy: boolean): string[] {
  const lines = [
    report.ok ? 'VERIFIED' : `FAILED (exit code ${report.code})`,
    `  log        ${report.origin ?? 'unknown'}`,
    `  submolt    ${report.submolt ?? (report.ok ? 'none: a system log' : 'unknown')}`,
    `  home       ${report.home ?? 'unknown'}`,
    `  entries    ${report.size ?? 'unknown'}, root ${report.root ?? 'unknown'}`,
    `  objects    ${report.objects} ${report.ok ? 'verified' : 'open their commitments'}, by ${report.authors} authors; ${report.erased} erased${groundsOf(report)}`,
    `  log key    ${report.signer ?? 'no valid signature'}`,
    witnessLine(report, policy),
    ...evidenceLine(report),
  ];
  if (report.ok)
    lines.push('', 'Proven:', ...provenLines(report, policy).map((line) => `  - ${line}`));
  if (report.findings.length > 0) lines.push('', report.ok ? 'To know:' : 'Found:');
  for (const { code, index, message } of report.findings) {
    const at = index === undefined ? '' : ` entry ${index}:`;
    lines.push(`  ${code}:${at} ${message}`);
  }
  const limits = limitsOf(report, policy);
  return [
    ...lines,
    '',
    'No verifier can catch, from this file:',
    ...limits.map((one) => `  - ${one}`),
    ...(report.code === 12 ? ['', ...howToGetCosigned(report)] : []),
  ];
}

function howToGetCosigned({ submolt }: ArchiveReport): string[] {
  return [
    'An archive is of the newest checkpoint, which witnesses see a few seconds later. Get it again, as they have seen it:',
    `  exuvia export ${submolt === null ? 'system' : idOf(submolt)} --out FILE --wait-cosigned`,
    WHO_IS_ASKED,
  ];
}

function provenLines(report: ArchiveReport, policy: boolean): string[] {
  const { authors, erased, founding, history, objects, since, size, system, witnesses } = report;
  const lines = [
    `The log has signed exactly these ${size} entries, in this order; none is missing.`,
    `${objects} objects are signed by those who are named as their authors, ${authors} in all.`,
  ];
  const explained = erased - report.erasures.withdrawn;
  if (explained > 0) lines.push(`${explained} bodies are gone, each by a later act that names it.`);
  if (since !== null) lines.push(`It continues the older checkpoint, of ${since.size} entries.`);
  if (history.checkpoints > 0) {
    const seen = policy ? `, ${history.witnessed} of them seen by your quorum` : '';
    lines.push(`It continues ${history.checkpoints} checkpoints of earlier days${seen}.`);
  }
  if (system !== null) {
    const seen = system.witnessed ? ', which your quorum saw' : '';
    lines.push(`The home states the first ${system.size} of them in its system log${seen}.`);
  }
  if (founding !== null) {
    const at = formatDateTime(Math.floor(founding.statedAt / 1000));
    const seen = founding.witnessed ? ', which your quorum saw' : '';
    lines.push(`Since ${at} the home says in its system log that it was founded there${seen}.`);
  }
  if (policy && witnesses.met && witnesses.names.length > 0) {
    lines.push(`${witnesses.names.join(', ')} saw this history${asOf(report)}.`);
  } else {
    lines.push(`Its last entry is${asOf(report)}, by the home’s own clock.`);
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

/** What was brought along counts for itself and changes no verdict. */
function evidenceLine({ evidence }: ArchiveReport): string[] {
  if (evidence.length === 0) return [];
  const against = evidence.filter(({ kind }) => kind === 'histories').length;
  const receipts = evidence.filter((piece) => piece.kind === 'receipt');
  const honoured = receipts.filter((piece) => piece.honoured).length;
  return [
    `  evidence   ${against} proofs that the home has shown two histories; ${honoured} of ${receipts.length} receipts honoured`,
  ];
}

function asOf({ asOf: time }: ArchiveReport): string {
  return time === null ? '' : ` of ${formatDateTime(Math.floor(time / 1000))}`;
}

function witnessLine({ witnesses }: ArchiveReport, policy: boolean): string {
  if (!policy) {
    return '  witnesses  none asked for: without --policy the log key rests on the home node alone';
  }
  const names = witnesses.names.length === 0 ? 'none' : witnesses.names.join(', ');
  return `  witnesses  ${witnesses.met ? 'quorum met' : 'quorum NOT met'}: ${names}`;
}
