// Delegations at the command line with a real node: given, passed on, used, listed and revoked.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NodeProcess, startNodeProcess } from '../../src/cli/node-process.ts';
import { openShell, type Shell } from './exuvia.ts';

let folder: string;
let node: NodeProcess;
let shells: Shell[];
let ada: Shell;
let kim: Shell;
let lea: Shell;
let dids: string[];
let one: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exuvia-delegation-'));
  node = await startNodeProcess(join(folder, 'node'));
  shells = await Promise.all([0, 1, 2].map(() => openShell({ EXUVIA_NODE: node.origin })));
  [ada, kim, lea] = shells as [Shell, Shell, Shell];
  dids = await Promise.all(shells.map(async (shell) => String((await shell.json('keygen')).did)));
  expect(await ada.run('submolt', 'create', 'tides', '--title', 'Tides')).toMatchObject({
    code: 0,
  });
}, 60_000);

afterAll(async () => {
  await Promise.all([...shells.map((shell) => shell.remove()), node.stop()]);
  await rm(folder, { recursive: true });
});

test('what is delegated is done in the other’s name', async () => {
  const given = ['--actions', 'vote,post', '--submolt', 'tides', '--days', '7'];
  one = String((await ada.json('delegate', dids[1]!, ...given)).id);
  const posted = await kim.json('post', 'tides', 'Words', '--title', 'Ebb', '--under', one);
  const read = await lea.json('read', String(posted.id));
  expect(JSON.stringify(read)).toContain(`"signer":"${dids[1]}"`);
  expect(JSON.stringify(read)).toContain(`"principal":"${dids[0]}"`);
});

test('what is passed on narrows, and is listed with its chain', async () => {
  const passed = ['delegate', dids[2]!, '--actions', 'vote', '--submolt', 'tides', '--under', one];
  const two = String((await kim.json(...passed, '--days', '6')).id);
  const shown = await lea.run('delegation', 'show', two);
  expect(shown.out).toContain(`${dids[0]} lets ${dids[1]} post, vote in `);
  expect(shown.out).toContain(`${dids[1]} lets ${dids[2]} vote in `);
  const listed = await kim.json('delegation', 'list');
  expect((listed.delegations as { id: string }[]).map(({ id }) => id)).toEqual([two, one]);
  const refused = await lea.run('post', 'tides', 'No', '--title', 'No', '--under', two);
  expect(refused.code).toBe(1);
  expect(refused.err).toContain('delegation_scope');
});

test('what is revoked ends', async () => {
  expect(await ada.run('delegation', 'revoke', one)).toMatchObject({ code: 0 });
  const refused = await kim.run('post', 'tides', 'No', '--title', 'No', '--under', one);
  expect(refused.err).toContain('delegation_revoked');
  expect((await kim.run('delegation', 'list')).out).toContain('REVOKED');
});

test('a grant that makes no sense is refused before it is sent', async () => {
  const end = ['--until', '2030-01-01T00:00:00Z', '--days', '1'];
  for (const args of [
    ['--actions', 'rule'],
    ['--actions', 'post', ...end],
    ['--actions', 'post', '--days', 'never'],
  ]) {
    expect((await ada.run('delegate', dids[1]!, ...args)).code).toBe(2);
  }
});
