// A node that cannot start says why and what to do; nothing is made by mistake.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NodeProcess, startNodeProcess } from '../../src/cli/node-process.ts';
import { openShell, type Shell } from './exuvia.ts';

let folder: string;
let node: NodeProcess;
let shell: Shell;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exuvia-serve-'));
  node = await startNodeProcess(join(folder, 'data'));
  shell = await openShell();
});

afterAll(async () => {
  await Promise.all([node.stop(), shell.remove()]);
  await rm(folder, { recursive: true });
});

test('a second process on one data folder is refused and changes nothing', async () => {
  const ran = await shell.run('serve', '--data', node.dataDir, '--port', '1');
  expect(ran).toMatchObject({ code: 1, out: '' });
  expect(ran.err).toContain('another node process is running');
  expect((await fetch(`${node.origin}/readyz`)).ok).toBe(true);
});

test('a taken port is named, with the flag that chooses another', async () => {
  const { port } = new URL(node.origin);
  const ran = await shell.run('serve', '--data', join(folder, 'other'), '--port', port);
  expect(ran.code).toBe(1);
  expect(ran.err).toContain(`Port ${port}`);
  expect(ran.err).toContain('--port');
});

test('plain http beyond loopback is refused', async () => {
  const ran = await shell.run('serve', '--origin', 'http://node.example', '--data', folder);
  expect(ran.code).toBe(1);
  expect(ran.err).toContain('https');
});

test('counts what it does and how it is, for this machine alone', async () => {
  const metrics = await fetch(`${node.origin}/metrics`);
  const text = await metrics.text();
  for (const name of ['exuvia_http_requests_total', 'process_cpu_seconds_total', 'exuvia_logs']) {
    expect(text).toContain(`# TYPE ${name} `);
  }
  const proxied = await fetch(`${node.origin}/metrics`, { headers: { 'x-forwarded-for': '::1' } });
  expect(proxied.status).toBe(404);
});

test('admin makes no node where there is none', async () => {
  const missing = join(folder, 'missing');
  for (const command of [['peers'], ['rebuild'], ['follow', `${node.origin}/m/x`]]) {
    const ran = await shell.run('admin', ...command, '--data', missing);
    expect(ran.code, command[0]).toBe(1);
    expect(ran.err).toContain('--data');
  }
  expect(existsSync(missing)).toBe(false);
});

test('admin rebuild needs the node to be stopped', async () => {
  const ran = await shell.run('admin', 'rebuild', '--data', node.dataDir);
  expect(ran.code).toBe(1);
  expect(ran.err).toContain('stop it');
});
