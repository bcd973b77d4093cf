// The bridge as a process: where it listens, what it keeps, and what a power cut between request and answer leaves.
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HttpNode } from '../http/http-node.ts';
import { openShell, type Shell } from './exuvia.ts';

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts');

interface Running {
  readonly url: string;
  readonly agents: readonly { name: string; did: string; token: string }[];
  readonly child: ChildProcess;
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

let node: HttpNode;
let shell: Shell;
let bridge: Running;

async function start(): Promise<Running> {
  const child = spawn(process.execPath, [main, 'bridge', '--port', '0', '--json'], {
    env: { PATH: process.env.PATH, HOME: shell.home, EXUVIA_NODE: node.origin },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let said = '';
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    said += chunk;
    if (said.endsWith('}\n')) break;
  }
  const stop = async (signal: 'SIGTERM' | 'SIGKILL') => {
    child.kill(signal);
    await ended;
  };
  return { ...JSON.parse(said), child, stop };
}

async function ask(method: string, path: string, token?: string, body?: unknown) {
  const answer = await fetch(`${bridge.url}/api/v1${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
}

beforeAll(async () => {
  node = await HttpNode.open();
  // The bridge goes by the clock of this machine.
  node.clock.now = Date.now();
  shell = await openShell({ EXUVIA_NODE: node.origin });
  await shell.run('keygen');
  bridge = await start();
});
afterAll(async () => {
  await bridge.stop('SIGTERM');
  await Promise.all([node.close(), shell.remove()]);
});

test('lends the agent’s own key to whoever has its token, which only its user can read', async () => {
  const [own] = bridge.agents as [Running['agents'][number]];
  expect(own.name).toBe('agent');
  expect((await ask('GET', '/agents/me', own.token)).json).toMatchObject({
    agent: { did: own.did, name: 'agent' },
  });
  expect((await ask('GET', '/agents/me', `${own.token}0`)).status).toBe(401);
  const file = join(shell.home, '.config/exuvia/bridge/agents.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await shell.json('bridge', 'tokens')).toEqual({ agents: [own] });
});

test('listens to this machine alone', async () => {
  for (const host of ['0.0.0.0', '::', '192.0.2.1', 'node.example']) {
    const ran = await shell.run('bridge', '--host', host, '--port', '0');
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toContain('--expose-to-network');
  }
});

test('is one over its files', async () => {
  const ran = await shell.run('bridge', '--port', '0');
  expect(ran).toMatchObject({ code: 1, out: '' });
  expect(ran.err).toContain('Another bridge runs');
});

test('takes another token as soon as it is renewed, and the old one no more', async () => {
  const [own] = bridge.agents as [Running['agents'][number]];
  const { token } = (await shell.json('bridge', 'renew', 'agent')) as { token: string };
  expect((await ask('GET', '/agents/me', own.token)).status).toBe(401);
  expect((await ask('GET', '/agents/me', token)).status).toBe(200);
});

test('does once what is sent again after it was killed before it could answer', async () => {
  const { json } = await ask('POST', '/agents/register', undefined, { name: 'Ada' });
  const { api_key: token } = json.agent as { api_key: string };
  await ask('POST', '/submolts', token, { name: 'tides' });
  const post = { submolt: 'tides', title: 'Said once', content: 'x' };
  const kill = async (path: string, body: unknown) => {
    const { child } = bridge;
    const stopWatching = node.sequencer.onCommit(() => void child.kill('SIGKILL'));
    await expect(ask('POST', path, token, body)).rejects.toThrow();
    stopWatching();
    bridge = await start();
    return ask('POST', path, token, body);
  };
  const again = await kill('/posts', post);
  expect(again.status).toBe(201);
  const { id } = again.json.post as { id: string };
  const list = await ask('GET', '/posts?submolt=tides', token);
  expect(list.json).toMatchObject({ count: 1, posts: [{ id, title: 'Said once' }] });

  const bede = await ask('POST', '/agents/register', undefined, { name: 'Bede' });
  const { api_key: voter } = bede.json.agent as { api_key: string };
  const { child } = bridge;
  const stopWatching = node.sequencer.onCommit(() => void child.kill('SIGKILL'));
  await expect(ask('POST', `/posts/${id}/upvote`, voter)).rejects.toThrow();
  stopWatching();
  bridge = await start();
  expect((await ask('POST', `/posts/${id}/upvote`, voter)).json).toMatchObject({
    action: 'upvoted',
    upvotes: 1,
  });
});

test('says nothing about tokens that others can read, and goes on with none of them', async () => {
  const file = join(shell.home, '.config/exuvia/bridge/agents.json');
  chmodSync(file, 0o644);
  const ran = await shell.run('bridge', 'tokens');
  expect(ran).toMatchObject({ code: 1, out: '' });
  expect(ran.err).toContain('chmod 600');
  chmodSync(file, 0o600);
});
