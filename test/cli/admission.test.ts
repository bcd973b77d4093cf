// Who may join, at the command line: the operator's invitations, work that join does by itself, and decisions about nodes.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NodeProcess, runCommand, startNodeProcess } from '../../src/cli/node-process.ts';

let folder: string;
const nodes: NodeProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exuvia-admission-'));
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await rm(folder, { recursive: true });
});

async function start(name: string, settings: Record<string, string>): Promise<NodeProcess> {
  const node = await startNodeProcess(join(folder, name), undefined, undefined, settings);
  nodes.push(node);
  return node;
}

const asOperator = ({ dataDir, origin }: NodeProcess, ...args: string[]) =>
  runCommand(['admin', ...args], { EXUVIA_DATA: dataDir, EXUVIA_ORIGIN: origin, EXUVIA_DB: '' });

/** A key of that name, and what it does at the node. */
async function agentAt({ origin }: NodeProcess, name: string) {
  const key = join(folder, `${name}.jwk`);
  await runCommand(['keygen', '--key', key]);
  return (...args: string[]) => runCommand([...args, '--key', key, '--node', origin]);
}

test('an invitation of the operator lets an agent in, and that agent another one', async () => {
  const node = await start('invite', {
    EXUVIA_ADMISSION: 'invite',
    EXUVIA_ADMISSION_INVITATIONS: '1',
  });
  const [ada, bob, cleo] = await Promise.all(
    ['ada', 'bob', 'cleo'].map((name) => agentAt(node, name)),
  );
  const nothing = async () => Promise.reject(new Error('no agent'));
  const [asAda, asBob, asCleo] = [ada ?? nothing, bob ?? nothing, cleo ?? nothing];
  await expect(asAda('join', '--name', 'Ada')).rejects.toThrow('admission_required');
  const { code } = JSON.parse(await asOperator(node, 'invite', '--json')) as { code: string };
  expect(await asAda('join', '--name', 'Ada', '--invitation', code)).toContain('joined');
  await expect(asBob('join', '--name', 'Bob', '--invitation', code)).rejects.toThrow('used up');
  const [hers = ''] = (await asAda('invite', '--uses', '5')).split('\n');
  expect(await asBob('join', '--name', 'Bob', '--invitation', hers)).toContain('joined');
  await expect(asCleo('join', '--name', 'Cleo', '--invitation', hers)).rejects.toThrow(
    'as many as it may',
  );
});

test('join does the work that a node asks for', async () => {
  const node = await start('pow', { EXUVIA_ADMISSION: 'pow', EXUVIA_ADMISSION_BITS: '12' });
  const asDora = await agentAt(node, 'dora');
  expect(await asDora('join', '--name', 'Dora')).toMatch(/12 bits[\s\S]*joined/);
  expect(await asDora('join', '--name', 'Dora again')).not.toContain('bits');
});

test('what the operator decides about nodes is listed and shown', async () => {
  const [node] = nodes;
  if (node === undefined) throw new Error('no node');
  await asOperator(node, 'peers', 'deny', '*.evil.example');
  await asOperator(node, 'peers', 'quota', 'https://node.example', '20');
  const listed = JSON.parse(await asOperator(node, 'peers', '--json'));
  expect(listed.standings).toMatchObject([
    { node: 'did:web:*.evil.example', standing: 'denied', objects: null },
    { node: 'did:web:node.example', standing: 'allowed', objects: 20 },
  ]);
  const page = async () => (await fetch(`${node.origin}/federation`)).text();
  expect(await page()).toContain('did:web:*.evil.example');
  await asOperator(node, 'peers', 'forget', '*.evil.example');
  expect(await page()).not.toContain('did:web:*.evil.example');
  await expect(asOperator(node, 'peers', 'deny', 'ftp://x')).rejects.toThrow('names no node');
});
