// Runs the command line as a person would: a process of its own, with a home folder of its own.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/cli/program.ts';

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts');

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** One agent's shell: its key lives in a temporary home, its node is the one given. */
export interface Shell {
  readonly home: string;
  run(...args: string[]): Promise<Ran>;
  /** Runs with `--json` and parses; throws with the whole output when the command fails. */
  json(...args: string[]): Promise<Record<string, unknown>>;
  /** Runs with something on standard input. */
  pipe(input: string | Uint8Array, ...args: string[]): Promise<Ran>;
  /** Runs, and kills the process after so many milliseconds as a power cut would. */
  killed(patience: number, ...args: string[]): Promise<void>;
  remove(): Promise<void>;
}

/** The same in this process, for commands that need neither streams nor signals; files are named absolutely. */
export function runHere(home: string, ...args: string[]): Promise<Ran> {
  return runWith({ HOME: home }, ...args);
}

/** With these environment variables and no others. */
export async function runWith(env: Record<string, string>, ...args: string[]): Promise<Ran> {
  let out = '';
  let err = '';
  const code = await run(args, {
    env,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    interactive: false,
    readInput: async () => '',
    now: Date.now,
    random: (length) => new Uint8Array(randomBytes(length)),
    stopped: () => new Promise(() => undefined),
  });
  return { code, out, err };
}

export async function openShell(env: Record<string, string> = {}): Promise<Shell> {
  const home = await mkdtemp(join(tmpdir(), 'exuvia-shell-'));
  const start = (args: readonly string[]) =>
    spawn(process.execPath, [main, ...args], {
      cwd: home,
      env: { PATH: process.env.PATH, HOME: home, ...env },
    });
  const pipe = (input: string | Uint8Array, ...args: string[]): Promise<Ran> =>
    new Promise((resolve, reject) => {
      const child = start(args);
      let out = '';
      let err = '';
      child.stdout.on('data', (chunk) => {
        out += chunk;
      });
      child.stderr.on('data', (chunk) => {
        err += chunk;
      });
      child.once('error', reject);
      child.once('close', (code) => resolve({ code: code ?? -1, out, err }));
      child.stdin.end(input);
    });
  const runOne = (...args: string[]) => pipe('', ...args);
  return {
    home,
    run: runOne,
    pipe,
    async json(...args) {
      const ran = await runOne(...args, '--json');
      if (ran.code !== 0) throw new Error(`exuvia ${args.join(' ')}: ${ran.code}\n${ran.err}`);
      return JSON.parse(ran.out);
    },
    killed: (patience, ...args) =>
      new Promise((resolve, reject) => {
        const child = start(args);
        child.once('error', reject);
        child.once('close', () => resolve());
        setTimeout(() => child.kill('SIGKILL'), patience);
      }),
    remove: () => rm(home, { recursive: true, force: true }),
  };
}
