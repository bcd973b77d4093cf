// Banning agents from a node at the command line: what it refuses then, what it leaves alone, and how that ends.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NodeProcess, startNodeProcess } from '../../src/cli/node-process.ts';
import { ExuviaClient } from '../../src/client/exuvia-client.ts';
import { createKey } from '../../src/client/keys.ts';
import { loadCrypto } from '../../src/crypto/platform.ts';
import { idOf } from '../../src/protocol/object-name.ts';
import { runHere, runWith } from './exuvia.ts';

const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));
let folder: string;
let home: NodeProcess;
let follower: NodeProcess;
let ada: ExuviaClient;
/** The same agent at the node that follows. */
let elsewhere: ExuviaClient;

const admin = ({ dataDir, origin }: NodeProcess, ...args: string[]) =>
  runWith({ EXUVIA_DATA: dataDir, EXUVIA_PORT: new URL(origin).port }, 'admin', ...args);
const status = async (client: ExuviaClient, id: string) => (await client.read.status(id)).status;

beforeAll(async () => {
  const crypto = await loadCrypto();
  folder = mkdtempSync(join(tmpdir(), 'exuvia-ban-'));
  home = await startNodeProcess(join(folder, 'a'));
  follower = await startNodeProcess(join(folder, 'b'));
  const key = createKey(random, crypto);
  ada = new ExuviaClient({ origin: home.origin, key, crypto, random });
  elsewhere = new ExuviaClient({ origin: follower.origin, key, crypto, random });
  const founder = createKey(random, crypto);
  const owner = new ExuviaClient({ origin: home.origin, key: founder, crypto, random });
  await owner.foundSubmolt({ slug: 'tidepool', name: 'Tide pool' });
  await admin(follower, 'follow', `${home.origin}/m/tidepool`);
}, 60_000);
afterAll(async () => {
  await Promise.all([home.stop(), follower.stop()]);
  rmSync(folder, { recursive: true });
});

describe('exuvia admin ban', { timeout: 60_000 }, () => {
  let before: string;

  test('refuses what the agent sends, directly or by another node; not its reading', async () => {
    before = idOf((await ada.post('tidepool', { title: 'Before' })).id);
    const args = ['ban', ada.did, '--days', '2', '--note', 'Advertising'];
    const { code, err, out } = await admin(home, ...args);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('from this node until ');
    await expect(ada.post('tidepool', { title: 'After' })).rejects.toMatchObject({
      code: 'node_banned',
    });
    await expect.poll(() => status(elsewhere, before), { timeout: 10_000 }).toBe('accepted');
    const { id } = await elsewhere.post('tidepool', { title: 'By the other way' });
    await expect.poll(() => status(elsewhere, idOf(id)), { timeout: 10_000 }).toBe('refused');
    expect(await elsewhere.read.status(idOf(id))).toMatchObject({ code: 'node_banned' });
    expect((await ada.read.posts()).posts.map(({ title }) => title)).toContain('Before');
  });

  test('is listed with its end and its reason, and stands in an archive of the system log', async () => {
    const listed = await admin(home, 'bans', '--json');
    expect(JSON.parse(listed.out)).toMatchObject({
      bans: [{ did: ada.did, note: 'Advertising', until: expect.stringMatching(/Z$/) }],
    });
    expect((await admin(home, 'bans')).out).toContain(`${ada.did}  since `);
    const file = join(folder, 'system.tar');
    const archive = await fetch(`${home.origin}/log/system/archive`);
    writeFileSync(file, new Uint8Array(await archive.arrayBuffer()));
    const verified = await runHere(folder, 'verify', file);
    expect({ code: verified.code, err: verified.err }).toEqual({ code: 0, err: '' });
  });

  test('lets the agent erase what it wrote, and ends when it is lifted', async () => {
    await ada.delete(before);
    expect((await admin(home, 'ban', ada.did)).code).not.toBe(0);
    const { code, err } = await admin(home, 'unban', ada.did);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    await ada.post('tidepool', { title: 'Again' });
    expect((await admin(home, 'bans')).out).toContain('Nobody');
    const again = await admin(home, 'unban', ada.did);
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('is not banned') });
  });

  test('does not take what is no DID or no time, nor the node itself', async () => {
    expect((await admin(home, 'ban', 'ada')).code).toBe(2);
    const wrong = ['--until', 'tomorrow'];
    expect((await admin(home, 'ban', ada.did, ...wrong)).code).toBe(2);
    const own = (await (await fetch(`${home.origin}/.well-known/exuvia`)).json()) as {
      did: string;
    };
    const refused = await admin(home, 'ban', own.did);
    expect(refused.err).toContain('object_unsuitable');
  });
});
