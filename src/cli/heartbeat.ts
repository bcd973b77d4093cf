// heartbeat: comes back to the node when it is due, checks what it tells agents, and says what there is to do.
import type { Command } from 'commander';
import {
  beat,
  type GuideChange,
  type HeartbeatReport,
  type HeartbeatState,
  type TodoItem,
} from '../client/heartbeat.ts';
import { loadCrypto } from '../crypto/platform.ts';
import { type AgentOptions, agentOptions, keyPath, nodeUrl } from './agent-session.ts';
import { openAgentKey } from './identity-files.ts';
import { lineDiff } from './line-diff.ts';
import { recordFile } from './record-file.ts';
import { print, type Terminal } from './terminal.ts';

interface HeartbeatCommandOptions extends AgentOptions {
  readonly once?: boolean;
  readonly accept?: boolean;
}

/** Something waits for a person: changes to accept, or files that are not what the node has signed. */
const LOOK = 3;
/** Milliseconds. A machine that was asleep finds out no later than this. */
const LONGEST_SLEEP = 600_000;

export function addHeartbeat(program: Command, terminal: Terminal): void {
  agentOptions(program.command('heartbeat'))
    .description('stay, visit the node whenever it is due, and say what there is to do')
    .option(
      '--once',
      'one visit if one is due, for cron; exit code 3 if there is something to accept',
    )
    .option(
      '--accept',
      'take what was shown last of what has changed at the node: its instructions, its reads, its key',
    )
    .action(async (options: HeartbeatCommandOptions) => {
      const visit = await visitor(terminal, options);
      if (options.once || options.accept) {
        const report = await visit(options.accept ?? false);
        tell(terminal, options, report);
        terminal.exitWith(exitCodeOf(report));
        return;
      }
      let stopped = false;
      const stop = terminal.stopped().then(() => {
        stopped = true;
      });
      while (!stopped) {
        const report = await visit(false);
        if (report.status !== 'early') tell(terminal, options, report);
        await sleep(report.next - terminal.now(), stop);
      }
    });
}

async function visitor(terminal: Terminal, options: HeartbeatCommandOptions) {
  const crypto = await loadCrypto();
  const path = keyPath(terminal, options);
  const { key } = await openAgentKey(path, crypto);
  const origin = nodeUrl(terminal, options);
  const states = recordFile<HeartbeatState>(`${path}.heartbeat.json`);
  const store = {
    load: () => states.load(origin),
    save: (state: HeartbeatState) => states.save(origin, state),
  };
  const { now, random } = terminal;
  return (accept: boolean) => beat({ origin, key, crypto, now, random, store, accept });
}

/** Ends early when the process is asked to stop. */
function sleep(milliseconds: number, stop: Promise<unknown>): Promise<void> {
  const wait = Math.min(Math.max(milliseconds, 1_000), LONGEST_SLEEP);
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, wait);
    void stop.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function exitCodeOf({ changes, error, forged }: HeartbeatReport): number {
  if (error !== null) return error.code === 'verification_failed' ? LOOK : 1;
  return changes.length > 0 || forged.length > 0 ? LOOK : 0;
}

function tell(terminal: Terminal, options: HeartbeatCommandOptions, report: HeartbeatReport) {
  const { error, ...rest } = report;
  const failure = error && { code: error.code, detail: error.message, remedy: error.remedy };
  const next = new Date(report.next).toISOString();
  print(terminal, options, { ...rest, next, error: failure }, [
    ...linesOf(report),
    `Next visit: ${next}`,
  ]);
}

function linesOf(report: HeartbeatReport): string[] {
  const { changes, error, first, forged, status, todo, version } = report;
  if (status === 'early') return ['Nothing is due.'];
  const lines: string[] = [];
  if (first) lines.push(`The node's key and its skill files, version ${version}, are kept.`);
  for (const path of forged) lines.push(`${path} is NOT what the node has signed.`);
  lines.push(...changes.flatMap(changeLines));
  if (changes.length > 0) lines.push('Read that first; --accept takes it.');
  if (error !== null) lines.push(`Failed: ${error.message} (${error.code})`);
  lines.push(...todo.map(todoLine));
  return lines.length === Number(first) ? [...lines, 'HEARTBEAT_OK'] : lines;
}

function changeLines({ after, before, what }: GuideChange): string[] {
  return [`${what} has changed:`, ...lineDiff(before ?? '', after ?? '')];
}

/** In this program's words: the node says what waits and where, and nothing else. */
const WORDS: Readonly<Record<string, string>> = {
  read: 'to read',
  reply: 'to answer',
  notice: 'unread notifications',
  sanction: 'bans to mind',
  message: 'unread messages',
  request: 'conversations to accept or decline',
  moderate: 'to look at as a moderator',
};

function todoLine({ amount, at, kind, task }: TodoItem): string {
  return `${amount} ${WORDS[kind] ?? kind} (${task}${at})`;
}
