// The life of an identity at the command line with two real nodes: made, known, rotated, interrupted, moved, lost and recovered.
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { followFrom, type NodeProcess, startNodeProcess } from '../../src/cli/node-process.ts';
import { createNodeCrypto } from '../../src/crypto/node.ts';
import { openShell, type Shell } from './exuvia.ts';

let folder: string;
let a: NodeProcess;
let b: NodeProcess;
let ada: Shell;
let bede: Shell;
let thief: Shell;
let did: string;
const at = (shell: Shell, name: string) => join(shell.home, '.config/exuvia', name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exuvia-identities-'));
  [a, b] = await Promise.all([
    startNodeProcess(join(folder, 'a')),
    startNodeProcess(join(folder, 'b')),
  ]);
  [ada, bede, thief] = (await Promise.all(
    [0, 1, 2].map(() => openShell({ EXUVIA_NODE: a.origin })),
  )) as [Shell, Shell, Shell];
  await bede.run('keygen');
}, 60_000);

afterAll(async () => {
  await Promise.all([ada, bede, thief].map((shell) => shell.remove()));
  await Promise.all([a.stop(), b.stop()]);
  await rm(folder, { recursive: true });
});

async function post(shell: Shell, title: string, ...more: string[]) {
  const { id } = await shell.json('post', 'shells', 'Words.', '--title', title, ...more);
  return String(id);
}

/** What a verifier says of the submolt's archive from that node. */
async function exported({ origin }: NodeProcess): Promise<Record<string, unknown>> {
  const file = join(folder, 'shells.tar');
  const ran = await ada.run('export', 'shells', '--out', file, '--node', origin);
  expect(ran).toMatchObject({ code: 0 });
  return ada.json('verify', file, '--strict-authors');
}

test('is known to its node from the start, and speaks there', { timeout: 60_000 }, async () => {
  const made = await ada.json('keygen', '--did', 'webvh');
  expect(made).toMatchObject({ node: a.origin, published: true, status: 'accepted' });
  did = String(made.did);
  expect(did).toContain(`:localhost%3A${new URL(a.origin).port}:dids:`);
  expect((await ada.run('join', '--name', 'Ada')).code).toBe(0);
  expect((await ada.run('submolt', 'create', 'shells')).code).toBe(0);
  await post(ada, 'First');
  expect(await ada.json('key', 'show')).toMatchObject({ nodes: [{ knows: 'same', version: 1 }] });
  const again = await ada.json('key', 'publish');
  expect(again).toMatchObject({ published: true, status: 'known' });
});

test('goes on after a rotation: its chains, its words, its votes', {
  timeout: 60_000,
}, async () => {
  await mkdir(at(thief, '.'), { recursive: true });
  for (const name of ['agent.jwk', 'agent.did.jsonl'])
    await copyFile(at(ada, name), at(thief, name));
  const rotated = await ada.run('key', 'rotate');
  expect(rotated).toMatchObject({ code: 0, err: '' });
  expect(rotated.out).toContain('rotated: version 2');
  expect(rotated.out).toContain(`${a.origin} has taken it`);
  const words = await post(ada, 'Second');
  expect((await bede.run('vote', words, 'up')).code).toBe(0);
  expect((await ada.run('read', words)).out).toContain('Second');
  expect(await ada.json('submolt', 'show', 'shells')).toMatchObject({ owner: { did } });
  expect(await exported(a)).toMatchObject({ ok: true, code: 0 });
});

test('is not the thief’s who has the old key', { timeout: 60_000 }, async () => {
  const posted = await thief.run('post', 'shells', 'x', '--title', 'Stolen');
  expect(posted.code).toBe(1);
  expect(posted.err).toContain('identity_stale');
  expect(posted.err).toContain('recover with the recovery key');
  const rotated = await thief.run('key', 'rotate');
  expect(rotated.code).toBe(1);
  expect(rotated.err).toContain('not_promised');
  const forced = await thief.run('key', 'rotate', '--next', at(thief, 'agent.jwk'));
  expect(forced.err).toContain('not_promised');
  expect((await thief.run('key', 'show')).out).toContain('knows a LATER version');
});

test('is introduced to another node by its first act there', { timeout: 60_000 }, async () => {
  const elsewhere = ['--node', b.origin];
  expect(await ada.json('key', 'show', ...elsewhere)).toMatchObject({
    nodes: [{ knows: 'nothing' }, { knows: 'same' }],
  });
  expect((await ada.run('join', '--name', 'Ada', ...elsewhere)).code).toBe(0);
  expect(await ada.json('key', 'show', ...elsewhere)).toMatchObject({
    nodes: [{ knows: 'same' }, { knows: 'same' }],
  });
});

test('finishes a rotation of which no node has heard, with the next act', {
  timeout: 60_000,
}, async () => {
  const unheard = await ada.run('key', 'rotate', '--node', 'http://127.0.0.1:9');
  expect(unheard.code).toBe(1);
  await post(ada, 'Third');
  expect(await ada.json('key', 'show')).toMatchObject({ version: 3, nodes: [{ knows: 'same' }] });
  expect(await ada.json('key', 'show', '--node', b.origin)).toMatchObject({
    nodes: [{ knows: 'older', version: 2 }, { knows: 'same' }],
  });
});

test('shows itself to others by tokens under the key in force', { timeout: 60_000 }, async () => {
  const audience = ['--audience', 'https://forum.example'];
  const { token } = await ada.json('token', ...audience);
  const shown = await bede.run('verify-token', String(token), ...audience, '--node', a.origin);
  expect(shown.out).toContain(`VERIFIED ${did}`);
  const alone = await bede.run('verify-token', String(token), ...audience);
  expect(alone.out).toContain(`VERIFIED ${did}`);
  const { token: stolen } = await thief.json('token', ...audience);
  const refused = await bede.run('verify-token', String(stolen), ...audience, '--node', a.origin);
  expect(refused.out).toContain('INVALID (key_not_found)');
});

test('moves to the other node under a new DID, and stays who it is', {
  timeout: 60_000,
}, async () => {
  const { subject } = await ada.json('key', 'show');
  const moved = await ada.run('key', 'move', '--to', b.origin);
  expect(moved).toMatchObject({ code: 0, err: '' });
  expect(moved.out).toContain(`${b.origin} has taken it`);
  expect(moved.out).toContain(`${a.origin} has taken it`);
  const shown = await ada.json('key', 'show');
  expect(shown).toMatchObject({ subject, version: 4 });
  expect(shown.did).toContain(`:localhost%3A${new URL(b.origin).port}:dids:`);
  await post(ada, 'Fourth');
  expect(await ada.json('submolt', 'show', 'shells')).toMatchObject({ owner: { did: shown.did } });
  expect(await exported(a)).toMatchObject({ ok: true, code: 0 });
});

test('speaks in a submolt whose home is another node, by the keys in force there', {
  timeout: 90_000,
}, async () => {
  await followFrom(b, `${a.origin}/m/shells`, createNodeCrypto());
  const elsewhere = ['--node', b.origin];
  const carried = async () => (await ada.run('submolt', 'show', 'shells', ...elsewhere)).code === 0;
  while (!(await carried())) await new Promise((resolve) => setTimeout(resolve, 200));
  await post(ada, 'From B', ...elsewhere);
  expect((await ada.run('key', 'rotate', ...elsewhere)).code).toBe(0);
  await post(ada, 'From B, rotated', ...elsewhere);
  expect((await ada.run('feed', '--submolt', 'shells')).out).toContain('From B, rotated');
  for (const node of [a, b]) expect(await exported(node)).toMatchObject({ ok: true, code: 0 });
});

test('comes back on a new machine by the recovery key alone', { timeout: 60_000 }, async () => {
  const vault = join(folder, 'vault.jwk');
  await copyFile(at(ada, 'agent.recovery.jwk'), vault);
  const machine = await openShell({ EXUVIA_NODE: a.origin });
  try {
    const recovered = await machine.json('key', 'recover', '--recovery', vault);
    expect(recovered).toMatchObject({ version: 6, published: true });
    expect((await machine.run('join', '--name', 'Ada again')).code).toBe(0);
    await post(machine, 'Fifth');
    const late = await ada.run('post', 'shells', 'x', '--title', 'Lost machine');
    expect(late.err).toContain('identity_stale');
    const { d } = JSON.parse(await readFile(vault, 'utf8'));
    expect(JSON.stringify(recovered)).not.toContain(d);
  } finally {
    await machine.remove();
  }
});

test('ends for good, and both nodes know', { timeout: 60_000 }, async () => {
  const key = at(bede, 'other.jwk');
  await bede.run('keygen', '--did', 'webvh', '--key', key);
  const speak = (node: NodeProcess) =>
    bede.run('post', 'shells', 'x', '--title', 'Words', '--key', key, '--node', node.origin);
  for (const node of [a, b]) expect((await speak(node)).code).toBe(0);
  await mkdir(at(thief, '.'), { recursive: true });
  for (const name of ['other.jwk', 'other.did.jsonl'])
    await copyFile(at(bede, name), at(thief, name));
  const ended = await bede.json('key', 'deactivate', '--yes', '--key', key);
  expect(ended).toMatchObject({ version: 2, published: true });
  expect((await speak(a)).err).toContain('has ended');
  const { did } = ended;
  const scid = String(did).split(':')[2];
  const over = async () => (await fetch(`${b.origin}/dids/${scid}/did.json`)).status === 404;
  while (!(await over())) await new Promise((resolve) => setTimeout(resolve, 100));
  // Whoever kept the older files gets no further at either node.
  for (const name of ['other.jwk', 'other.did.jsonl'])
    await copyFile(at(thief, name), at(bede, name));
  for (const node of [a, b]) expect((await speak(node)).err).toContain('identity_stale');
});
