// Runs nodes and commands as processes of their own, as a shell would.
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { connect } from '../client/connection.ts';
import { readOpen } from '../client/read-open.ts';
import { readConfig } from '../config.ts';
import { readNodeIdentity } from '../node-identity.ts';
import { utf8 } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { CommandError } from './terminal.ts';

export interface NodeProcess {
  readonly origin: string;
  readonly dataDir: string;
  readonly pid: number;
  /** Asks it to stop and waits until it has. */
  stop(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
}

// The source in a repository, the built file in an installed package.
const main = fileURLToPath(new URL(`../main.${import.meta.url.slice(-2)}`, import.meta.url));

/**
 * Starts a node on a free loopback port, or on the port of `origin`; resolves when it is ready. With `behind`
 * something else answers at `origin`, and the node listens on that port. `settings` are further variables.
 */
export async function startNodeProcess(
  dataDir: string,
  origin?: string,
  behind?: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<NodeProcess> {
  const own = origin === undefined ? await freePort() : Number(new URL(origin).port);
  const port = behind ?? own;
  const env = {
    ...process.env,
    EXUVIA_ORIGIN: `http://127.0.0.1:${own}`,
    EXUVIA_HOST: '127.0.0.1',
    EXUVIA_PORT: String(port),
    EXUVIA_DATA: dataDir,
    EXUVIA_DB: '',
    EXUVIA_PEERS: '',
    EXUVIA_LOG: 'warn',
    ...settings,
  };
  const child = spawn(process.execPath, [main, 'serve'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collect(child);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };
  const node: NodeProcess = {
    origin: env.EXUVIA_ORIGIN,
    dataDir,
    pid: child.pid ?? 0,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) throw new CommandError(`A node did not start: ${output()}`);
    const ready = await readOpen(`http://127.0.0.1:${port}/readyz`).catch(() => null);
    if (ready?.ok) return node;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await node.stop();
  throw new CommandError(`A node was not ready in time: ${output()}`);
}

/**
 * What `exuvia admin follow` does: asks the node, with its own key, to carry the submolt at this URL.
 * Throws ClientError with the node's refusal.
 */
export async function followFrom(
  { origin, dataDir }: NodeProcess,
  submolt: string,
  crypto: Crypto,
): Promise<void> {
  const config = readConfig({ EXUVIA_ORIGIN: origin, EXUVIA_DATA: dataDir });
  const { did, seed, keyId } = await readNodeIdentity(config, crypto);
  const key = { did, seed, verificationMethod: keyId };
  const body = utf8(JSON.stringify({ submolt }));
  await connect({ origin, key, crypto }).json({
    method: 'POST',
    path: '/federation/follows',
    body,
  });
}

/** Runs one command line to its end and gives what it printed. Throws if it fails. `settings` are further variables. */
export async function runCommand(
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = { ...process.env, ...settings };
  const child = spawn(process.execPath, [main, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collect(child);
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new CommandError(`exuvia ${args[0]} failed (${code}): ${output()}`);
  return output();
}

function collect(child: ChildProcess): () => string {
  let text = '';
  const add = (chunk: Buffer) => {
    text += chunk.toString('utf8');
  };
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  return () => text;
}

/** A port of this machine where nothing listened a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('no free port')),
      );
    });
  });
}
