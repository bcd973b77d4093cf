// An identity on disk: whenever the machine stops, either the old keys are in force or the new ones, and none is lost.
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identityFiles, identityPaths, openAgentKey } from '../../src/cli/identity-files.ts';
import type { IdentityKeys } from '../../src/client/identity.ts';
import { createIdentity, recoverIdentity, rotateKey } from '../../src/client/identity-acts.ts';
import { createNodeCrypto } from '../../src/crypto/node.ts';

const crypto = createNodeCrypto();
let folder: string;
let drawn: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exuvia-identity-'));
  drawn = 0;
});
afterEach(() => rm(folder, { recursive: true }));

function placeIn(name: string) {
  const path = join(folder, name, 'agent.jwk');
  const storage = identityFiles(path, crypto);
  const random = (length: number) => new Uint8Array(length).fill(++drawn);
  const context = { storage, crypto, random, now: () => Date.UTC(2026, 10, 20) };
  const offline = { ...context, origin: 'http://127.0.0.1:8787', offline: true };
  return { path, storage, offline, paths: identityPaths(path) };
}

/** The same place, stopped after the keys were prepared. */
async function prepared(from: string, to: string, act: 'rotate' | 'recover'): Promise<void> {
  await cp(join(folder, from), join(folder, to), { recursive: true });
  const { offline, storage, paths } = placeIn(to);
  const stopping = { ...storage, commit: () => Promise.reject(new Error('power cut')) };
  const context = { ...offline, storage: stopping };
  const recovery = { did: (await storage.load())!.did, recovery: await seedIn(paths.recovery) };
  const change = act === 'rotate' ? rotateKey(context) : recoverIdentity(context, recovery);
  await expect(change).rejects.toThrow('power cut');
}

async function seedIn(path: string): Promise<Uint8Array> {
  return Buffer.from(JSON.parse(await readFile(path, 'utf8')).d, 'base64url');
}

describe('an identity in files', () => {
  test('comes back as it was made, each file readable by its owner alone', async () => {
    const { path, storage, offline, paths } = placeIn('a');
    const keys = await createIdentity('http://127.0.0.1:8787', offline);
    expect(await storage.load()).toEqual({ ...keys, recovery: null });
    expect(await seedIn(paths.recovery)).toEqual(Buffer.from(keys.recovery!));
    expect((await openAgentKey(path, crypto)).key).toMatchObject({
      did: keys.did,
      didLog: keys.log,
    });
    const files = await readdir(join(folder, 'a'));
    expect(files.sort()).toEqual([
      'agent.did.jsonl',
      'agent.jwk',
      'agent.next.jwk',
      'agent.recovery.jwk',
    ]);
    for (const file of files) {
      expect((await stat(join(folder, 'a', file))).mode & 0o777, file).toBe(0o600);
    }
  });

  test.each(['rotate', 'recover'] as const)(
    'is whole wherever the writing of a %s stops, and the next command finishes it',
    async (act) => {
      const before = placeIn('before');
      await createIdentity('http://127.0.0.1:8787', before.offline);
      await prepared('before', 'cut', act);
      const expected = (await placeIn('cut').storage.loadPrepared()) as IdentityKeys;
      // What the writing leaves behind when it stops after so many files, in any order of writing.
      await cp(join(folder, 'cut'), join(folder, 'after'), { recursive: true });
      await placeIn('after').storage.commit();
      const names = (await readdir(join(folder, 'after'))).filter((name) => !/spent/.test(name));
      for (let written = 0; written < 1 << names.length; written++) {
        const here = `cut-${written}`;
        await cp(join(folder, 'cut'), join(folder, here), { recursive: true });
        for (const [i, name] of names.entries()) {
          if ((written >> i) % 2 === 0) continue;
          await cp(join(folder, 'after', name), join(folder, here, name));
        }
        const { path, storage, paths } = placeIn(here);
        const { key, finished } = await openAgentKey(path, crypto);
        expect(finished).toBe(true);
        expect(key).toMatchObject({ seed: expected.key, didLog: expected.log });
        expect(await storage.load()).toEqual({ ...expected, recovery: null });
        expect(await storage.loadPrepared()).toBeNull();
        const recovery = expected.recovery ?? (await seedIn(before.paths.recovery));
        expect(await seedIn(paths.recovery)).toEqual(Buffer.from(recovery));
      }
    },
  );

  test('keeps a recovery key that was used beside the new one', async () => {
    const { storage, offline, paths } = placeIn('a');
    const { did, recovery } = await createIdentity('http://127.0.0.1:8787', offline);
    const { keys } = await recoverIdentity(offline, { did, recovery: recovery! });
    expect(await seedIn(paths.recovery)).toEqual(Buffer.from(keys.recovery!));
    expect(await seedIn(paths.spent)).toEqual(Buffer.from(recovery!));
    expect(await storage.load()).toMatchObject({ key: keys.key, next: keys.next });
  });

  test('is not made over another, not even by two at the same moment', async () => {
    const makers = Array.from({ length: 8 }, () => placeIn('a').offline);
    const made = await Promise.allSettled(
      makers.map((context) => createIdentity('http://127.0.0.1:8787', context)),
    );
    const done = made.filter(({ status }) => status === 'fulfilled');
    expect(done).toHaveLength(1);
    const [{ value }] = done as [PromiseFulfilledResult<IdentityKeys>];
    expect(await placeIn('a').storage.load()).toEqual({ ...value, recovery: null });
  });

  test('is refused when its files are of different versions', async () => {
    const { path, offline, paths } = placeIn('a');
    await createIdentity('http://127.0.0.1:8787', offline);
    const old = await readFile(paths.log);
    await rotateKey(offline);
    await rm(paths.log);
    await expect(openAgentKey(path, crypto)).rejects.toThrow('is missing');
    await writeFile(paths.log, old);
    await expect(openAgentKey(path, crypto)).rejects.toThrow('different versions');
    await writeFile(paths.log, 'no log');
    await expect(openAgentKey(path, crypto)).rejects.toThrow('not a DID log');
  });
});
