// admin recover: brings back what a restored node has signed and lost, from the nodes that have it.
import type { Command } from 'commander';
import type { Recovery } from '../federation/recover-logs.ts';
import { type AdminOptions, adminOptions, configOf } from './operator.ts';
import { startProgress } from './progress.ts';
import { print, type Terminal, wrongCall } from './terminal.ts';

interface RecoverOptions extends AdminOptions {
  readonly from?: readonly string[];
}

type Log = Recovery['logs'][number];

export function addRecover(admin: Command, terminal: Terminal): void {
  adminOptions(admin.command('recover'))
    .description(
      'after a restore: bring back from other nodes what this one has signed and lost; the node must be stopped; exits 1 if something stays held',
    )
    .option(
      '--from <url...>',
      'nodes to ask besides the known peers and those of EXUVIA_PEERS, such as https://node.example',
    )
    .action(async (options: RecoverOptions) => {
      const config = await configOf(terminal, options);
      const from = (options.from ?? []).map(originOf);
      const { recoverNode } = await import('../recover-node.ts');
      const bar = startProgress(terminal, 'recovering');
      const recovery = await recoverNode(config, terminal, { from, progress: bar.update }).finally(
        bar.stop,
      );
      const ok = isWhole(recovery);
      print(terminal, options, summary(recovery, ok), report(recovery, ok));
      terminal.exitWith(ok ? 0 : 1);
    });
}

function originOf(text: string): string {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw wrongCall(`${text} is no URL of a node; write https://node.example.`);
  }
  return url.origin;
}

function isWhole({ answered, logs, untouched }: Recovery): boolean {
  return untouched ? answered.length > 0 : logs.every(({ state }) => state === 'whole');
}

function summary({ answered, logs, silent, untouched }: Recovery, ok: boolean) {
  return {
    ok,
    untouched,
    answered,
    silent,
    logs: logs.map((log) => ({
      log: log.origin,
      state: log.state,
      from: log.from,
      size: log.size,
      ...(log.state === 'short' && {
        signed: log.head.checkpoint.size,
        seen_at: log.head.sources,
        detail: log.detail,
      }),
      ...(log.state === 'forked' && { heads: log.heads, seen_at: log.sources }),
    })),
  };
}

function report({ answered, logs, silent, untouched }: Recovery, ok: boolean): string[] {
  const quiet = silent.map((url) => `  no answer    ${url}`);
  if (answered.length === 0) {
    return [
      'NOBODY COULD BE ASKED. Nothing was changed.',
      ...quiet,
      'Run it again when a node that follows this one is up, or name one: --from https://node.example',
    ];
  }
  if (untouched) {
    return ['NOTHING IS MISSING: nobody has a head that is not here.', ...quiet];
  }
  const lines = [ok ? 'RECOVERED' : 'NOT ALL RECOVERED', ...logs.flatMap(describe), ...quiet];
  if (ok) return [...lines, 'Start the node: it goes on where it was.'];
  return [
    ...lines,
    'Logs that are held can be read and take nothing more; the others go on when the node is started.',
  ];
}

function describe(log: Log): string[] {
  const { from, origin, size } = log;
  const came = size > from ? `${size - from} of ${size} entries came back` : `${size} entries`;
  switch (log.state) {
    case 'whole':
      return [`  whole        ${origin}: ${came}`];
    case 'short':
      return [
        `  HELD, SHORT  ${origin}: ${came}; signed up to ${log.head.checkpoint.size}, as ${log.head.sources.join(', ')} shows`,
        `               ${log.detail}`,
        '               A node that has the rest: exuvia admin recover --from URL. Or a newer copy of the database.',
      ];
    case 'forked':
      return [
        `  HELD, FORKED ${origin}: two histories are signed by this node, as ${log.sources.join(', ') || 'the database'} shows`,
        '               Nothing was chosen. exuvia admin evidence has the proof, once the node runs.',
        '               For the history of the others: put the database and signed-heads.ndjson away, then exuvia admin recover --from URL makes a new one.',
      ];
    case 'unproven':
      return [
        `  HELD         ${origin}: ${came}, and nobody could say whether that is all`,
        '               A node that has it: exuvia admin recover --from URL. Or a newer copy of the database.',
      ];
  }
}
