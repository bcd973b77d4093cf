// Owners at the command line with a real node: accepted, listed with what they prove, revoked and withdrawn.
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NodeProcess, startNodeProcess } from '../../src/cli/node-process.ts';
import { openShell, type Shell } from './exuvia.ts';

let folder: string;
let node: NodeProcess;
let site: Server;
let ada: Shell;
let corp: Shell;
let did: string;
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exuvia-owners-'));
  node = await startNodeProcess(join(folder, 'node'));
  [ada, corp] = (await Promise.all([0, 1].map(() => openShell({ EXUVIA_NODE: node.origin })))) as [
    Shell,
    Shell,
  ];
  site = createServer((_, outgoing) => {
    readFile(file('list.vc')).then(
      (text) => outgoing.end(text),
      () => outgoing.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  did = String((await ada.json('keygen')).did);
  await corp.json('keygen', '--key', file('owner.jwk'));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = JSON.stringify(privateKey.export({ format: 'jwk' }));
  await writeFile(file('p256.jwk'), jwk, { mode: 0o600 });
  expect((await ada.run('join', '--name', 'Ada')).code).toBe(0);
}, 60_000);

afterAll(async () => {
  await Promise.all([ada.remove(), corp.remove(), node.stop()]);
  site.close();
  await rm(folder, { recursive: true });
});

async function attested(name: string, ...args: string[]): Promise<string> {
  const ran = await corp.run('owner', 'attest', '--agent', did, '--out', file(name), ...args);
  expect(ran).toMatchObject({ code: 0 });
  return file(name);
}

const own = () => ['--key', file('owner.jwk')];

test('an owner of an Ed25519 key is accepted, shown, and revokes', {
  timeout: 60_000,
}, async () => {
  const empty = await ada.run('owner', 'list');
  expect(empty.out).toContain('has accepted no owner');
  const credential = await attested('one.vc', '--role', 'operator', ...own());
  const refused = await corp.run('owner', 'revoke', credential, ...own());
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.err).toContain('ownership_unknown');
  expect(await ada.json('owner', 'accept', credential)).toMatchObject({ status: 'accepted' });
  const listed = await ada.run('owner', 'list');
  expect(listed.out).toMatch(/^COUNTS {2}did:key:z6Mk/);
  expect(listed.out).toContain('continuity');
  expect(listed.out).toContain('operator');
  const stranger = await corp.run('keygen');
  expect(stranger.code).toBe(0);
  const { owners } = await corp.json('owner', 'list', '--agent', did);
  expect(owners).toMatchObject([{ verdict: { ok: true }, acceptance: 'signed', domain: null }]);
  const other = await corp.run('owner', 'accept', credential);
  expect(other.err).toContain('is about');
  expect(await corp.json('owner', 'revoke', credential, ...own())).toMatchObject({
    status: 'accepted',
  });
  expect((await ada.json('owner', 'list')).owners).toEqual([]);
});

test('an owner of another key revokes in a list; the agent withdraws', {
  timeout: 60_000,
}, async () => {
  const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/list`;
  const key = ['--key', file('p256.jwk')];
  const list = ['owner', 'status-list', '--url', url, '--out', file('list.vc'), ...key];
  expect((await corp.run(...list)).code).toBe(0);
  const status = ['--status-list', url, '--status-index', '5'];
  const credential = await attested('two.jwt', ...status, ...key);
  await ada.json('owner', 'accept', credential);
  const signed = await corp.run('owner', 'revoke', credential, ...key);
  expect(signed).toMatchObject({ code: 1 });
  expect(signed.err).toContain('--list');
  const revoke = ['owner', 'revoke', credential, '--list', file('list.vc'), ...key];
  expect((await corp.run(...revoke)).code).toBe(0);
  const listed = await ada.run('owner', 'list');
  expect(listed.out).toMatch(/^DOES NOT COUNT/);
  expect(listed.out).toContain('revoked');
  expect(await ada.json('owner', 'withdraw', credential)).toMatchObject({ status: 'accepted' });
  expect((await ada.json('owner', 'list')).owners).toEqual([]);
});
