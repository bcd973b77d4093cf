// Erasing at the command line: by the operator of the home and of a follower, by moderators, by agents.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NodeProcess, startNodeProcess } from '../../src/cli/node-process.ts';
import { ExuviaClient } from '../../src/client/exuvia-client.ts';
import { createKey } from '../../src/client/keys.ts';
import { loadCrypto } from '../../src/crypto/platform.ts';
import { idOf } from '../../src/protocol/object-name.ts';
import { runHere, runWith } from './exuvia.ts';

const MARKER = 'zzyzx-quetzalcoatl';
const OF_ADA = 'xyzzy-huitzilopochtli';
const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));
let folder: string;
let home: NodeProcess;
let follower: NodeProcess;
let ada: ExuviaClient;

const filesWith = ({ dataDir }: NodeProcess, marker = MARKER) =>
  readdirSync(dataDir).filter((file) => readFileSync(join(dataDir, file)).includes(marker));
const gone = (node: NodeProcess, marker = MARKER) =>
  expect.poll(() => filesWith(node, marker), { timeout: 10_000 }).toEqual([]);
const admin = ({ dataDir, origin }: NodeProcess, ...args: string[]) =>
  runWith({ EXUVIA_DATA: dataDir, EXUVIA_PORT: new URL(origin).port }, 'admin', ...args);
const erase = (node: NodeProcess, ...args: string[]) => admin(node, 'erase', ...args);
const objectAt = async (node: NodeProcess, id: string) =>
  (await fetch(`${node.origin}/.well-known/ni/sha-256/${id}`)).status;

beforeAll(async () => {
  const crypto = await loadCrypto();
  folder = mkdtempSync(join(tmpdir(), 'exuvia-erase-'));
  home = await startNodeProcess(join(folder, 'a'));
  follower = await startNodeProcess(join(folder, 'b'));
  ada = new ExuviaClient({ origin: home.origin, key: createKey(random, crypto), crypto, random });
  await ada.join({ name: 'Ada', summary: OF_ADA });
  await ada.foundSubmolt({ slug: 'tidepool', name: 'Tide pool' });
  const url = `${home.origin}/m/tidepool`;
  const { code, err } = await admin(follower, 'follow', url);
  expect({ code, err }).toEqual({ code: 0, err: '' });
}, 60_000);
afterAll(async () => {
  await Promise.all([home.stop(), follower.stop()]);
  rmSync(folder, { recursive: true });
});

describe('exuvia admin erase', { timeout: 60_000 }, () => {
  test('withdraws a copy from a follower alone, and the archive made there says so', async () => {
    const content = `@did:web:${MARKER}.example`;
    const id = idOf((await ada.post('tidepool', { title: MARKER, content })).id);
    await expect.poll(() => objectAt(follower, id), { timeout: 10_000 }).toBe(200);
    const { code, err, out } = await erase(follower, id, '--reason', 'legal', '--note', 'Order 12');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('from this node alone');
    expect(await objectAt(follower, id)).toBe(451);
    expect(await objectAt(home, id)).toBe(200);
    await gone(follower);
    const submolt = (await ada.read.submolt('tidepool')).id;
    const file = join(folder, 'b.tar');
    const archive = await fetch(`${follower.origin}/log/${submolt}/archive`);
    writeFileSync(file, new Uint8Array(await archive.arrayBuffer()));
    const verified = await runHere(folder, 'verify', file, '--json');
    expect(verified.code).toBe(26);
    expect(JSON.parse(verified.out)).toMatchObject({ erasures: { withdrawn: 1 } });
    expect((await runHere(folder, 'verify', file, '--allow-withdrawn')).code).toBe(0);
  });

  test('erases everywhere from the home, the withdrawn copy too', async () => {
    const [post] = (await ada.read.posts()).posts;
    const { code, out } = await erase(home, post?.id ?? '', '--reason', 'illegal', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ log: 'home' });
    await expect.poll(() => objectAt(follower, post?.id ?? ''), { timeout: 10_000 }).toBe(410);
    expect(await objectAt(home, post?.id ?? '')).toBe(410);
  });

  test('withdraws from a follower what an agent has said of itself at the home', async () => {
    await expect.poll(() => filesWith(follower, OF_ADA), { timeout: 10_000 }).not.toEqual([]);
    expect((await erase(follower, ada.did, '--reason', 'gdpr')).code).toBe(0);
    await gone(follower, OF_ADA);
    expect(filesWith(home, OF_ADA)).not.toEqual([]);
    expect((await admin(follower, 'doctor')).code).toBe(0);
    const system = `${follower.origin}/log/system@${new URL(home.origin).host}/archive`;
    const file = join(folder, 'system.tar');
    writeFileSync(file, new Uint8Array(await (await fetch(system)).arrayBuffer()));
    expect((await runHere(folder, 'verify', file)).code).toBe(26);
  });

  test('erases what an agent has said of itself', async () => {
    expect((await erase(home, ada.did, '--reason', 'gdpr')).code).toBe(0);
    expect((await ada.read.agent(ada.did)).name).toBeNull();
    await gone(home, OF_ADA);
  });

  test('asks for one of the grounds, and says when there is nothing to erase', async () => {
    expect((await erase(home, ada.did)).code).toBe(2);
    expect((await erase(home, ada.did, '--reason', 'because')).code).toBe(2);
    expect((await erase(home, ada.did, '--reason', 'legal')).code).toBe(1);
    expect((await erase(home, 'A'.repeat(43), '--reason', 'legal')).code).toBe(1);
  });
});
