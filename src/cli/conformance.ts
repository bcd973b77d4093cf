// conformance: runs the vectors and the promises of the specification against a running node, like a test runner.
import type { Command } from 'commander';
import { loadCrypto } from '../crypto/platform.ts';
import { ACTIVITYPUB_CASES } from './conformance-activitypub.ts';
import { ACT_CASES } from './conformance-acts.ts';
import { ADMISSION_CASES } from './conformance-admission.ts';
import type { Case, Outcome } from './conformance-case.ts';
import { DISCOVERY_CASES } from './conformance-discovery.ts';
import { EDGE_CASES } from './conformance-edge.ts';
import { ENROLMENT_CASES } from './conformance-enrolments.ts';
import { LIMIT_CASES } from './conformance-limits.ts';
import { type Live, openLive } from './conformance-live.ts';
import { LOG_CASES } from './conformance-logs.ts';
import { MESSAGE_CASES } from './conformance-messages.ts';
import { NOTIFICATION_CASES } from './conformance-notifications.ts';
import { objectCases } from './conformance-objects.ts';
import { ONBOARDING_CASES } from './conformance-onboarding.ts';
import { OWNER_CASES } from './conformance-owners.ts';
import { READ_CASES } from './conformance-reads.ts';
import { RECEIPT_CASES } from './conformance-receipts.ts';
import { requestCases } from './conformance-requests.ts';
import { RULE_CASES } from './conformance-rules.ts';
import { SEARCH_CASES } from './conformance-searches.ts';
import { STREAM_CASES } from './conformance-stream.ts';
import { textCases } from './conformance-texts.ts';
import { CommandError, plain, type Terminal } from './terminal.ts';

interface ConformanceOptions {
  readonly strict?: boolean;
  readonly filter?: string;
  readonly bail?: boolean;
  readonly json?: boolean;
}

type Result = { readonly group: string; readonly name: string } & Outcome;

/** Every case, in the order in which they are run. */
function conformanceCases(): readonly Case[] {
  return [
    ...DISCOVERY_CASES,
    ...ONBOARDING_CASES,
    ...ACT_CASES,
    ...EDGE_CASES,
    ...requestCases(),
    ...ENROLMENT_CASES,
    ...textCases(),
    ...objectCases(),
    ...RULE_CASES,
    ...OWNER_CASES,
    ...ADMISSION_CASES,
    ...LIMIT_CASES,
    ...STREAM_CASES,
    ...MESSAGE_CASES,
    // Last, so that the log has everything that the other cases may have got into it.
    ...READ_CASES,
    ...SEARCH_CASES,
    ...NOTIFICATION_CASES,
    ...ACTIVITYPUB_CASES,
    ...LOG_CASES,
    ...RECEIPT_CASES,
  ];
}

export function addConformance(program: Command, terminal: Terminal): void {
  program
    .command('conformance')
    .description('test a running node, ours or another implementation, against the specification')
    .argument('<url>', 'origin of the node; a submolt of the run is left behind there')
    .option(
      '--strict',
      'ask for the exact status and code of spec/errors.md, not only for a refusal',
    )
    .option('--filter <text>', 'only the cases with this text in group or name')
    .option('--bail', 'stop at the first case that fails')
    .option('--json', 'print the results as JSON')
    .action(async (url: string, options: ConformanceOptions) => {
      const live = await openLive(
        originOf(url),
        options.strict ?? false,
        await loadCrypto(),
        terminal,
      );
      const began = terminal.now();
      const results = await runCases(terminal, live, options);
      const seconds = (terminal.now() - began) / 1000;
      report(terminal, live, results, options, seconds);
      terminal.exitWith(results.some(({ kind }) => kind === 'failed') ? 1 : 0);
    });
}

function originOf(url: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return new URL(url).origin;
  throw new CommandError(`${url} is not the address of a node.`, {
    exitCode: 2,
    remedy: 'Write it like http://127.0.0.1:8787 or https://node.example.',
  });
}

async function runCases(
  terminal: Terminal,
  live: Live,
  { filter = '', bail = false, json = false }: ConformanceOptions,
): Promise<Result[]> {
  const wanted = filter.toLowerCase();
  const cases = conformanceCases().filter(({ group, name }) =>
    `${group} ${name}`.toLowerCase().includes(wanted),
  );
  if (cases.length === 0) throw new CommandError(`No case has "${filter}" in it.`, { exitCode: 2 });
  const results: Result[] = [];
  let group = '';
  for (const one of cases) {
    const outcome = await one.run(live).catch((error: unknown): Outcome => {
      return { kind: 'failed', expected: 'an answer to judge', got: causeOf(error) };
    });
    results.push({ group: one.group, name: one.name, ...outcome });
    if (!json) {
      if (one.group !== group) terminal.out(`${group === '' ? '' : '\n'}${one.group}\n`);
      group = one.group;
      terminal.out(`${linesOf(one.name, outcome).join('\n')}\n`);
    }
    if (bail && outcome.kind === 'failed') break;
  }
  return results;
}

function causeOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What comes from the node is a stranger's text. */
function linesOf(name: string, outcome: Outcome): string[] {
  switch (outcome.kind) {
    case 'passed': {
      const note = outcome.note === undefined ? '' : ` (${outcome.note})`;
      return [`  ✓ ${name}: ${plain(outcome.got + note)}`];
    }
    case 'skipped':
      return [`  - ${name}: left out, ${outcome.reason}`];
    case 'failed':
      return [
        `  ✗ ${name}`,
        `      expected  ${plain(outcome.expected)}`,
        `      came      ${plain(outcome.got)}`,
      ];
  }
}

function report(
  terminal: Terminal,
  live: Live,
  results: readonly Result[],
  { json = false, strict = false }: ConformanceOptions,
  seconds: number,
): void {
  const count = (kind: Outcome['kind']) => results.filter((result) => result.kind === kind).length;
  const counts = { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
  const leftBehind = live.hasStage ? `conformance-${live.tag}` : null;
  const { origin, did, software } = live.node;
  if (json) {
    const value = {
      ok: counts.failed === 0,
      origin,
      did,
      software,
      strict,
      ...counts,
      leftBehind,
      results,
    };
    terminal.out(`${JSON.stringify(value, null, 2)}\n`);
    return;
  }
  const left =
    leftBehind === null
      ? []
      : [`Left behind at ${origin}: the submolts ${leftBehind} and ${leftBehind}-b.`];
  const summary = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} left out in ${seconds.toFixed(1)} s`;
  terminal.out(`\n${[summary, ...left].map(plain).join('\n')}\n`);
}
