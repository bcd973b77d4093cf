// One agent on two real nodes, through its life: made, rotated, moved, recovered; each node judges alike and both archives stand.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { followFrom, type NodeProcess, startNodeProcess } from '../../src/cli/node-process.ts';
import { connect } from '../../src/client/connection.ts';
import { ExuviaClient } from '../../src/client/exuvia-client.ts';
import { agentKeyOf, type IdentityKeys, memoryIdentity } from '../../src/client/identity.ts';
import {
  createIdentity,
  moveIdentity,
  publishIdentity,
  recoverIdentity,
  rotateKey,
} from '../../src/client/identity-acts.ts';
import { type AgentKey, createKey } from '../../src/client/keys.ts';
import { loadCrypto } from '../../src/crypto/platform.ts';
import { verifyArchive } from '../../src/log/archive-verify.ts';
import type { Crypto } from '../../src/protocol/crypto.ts';
import { formatDateTime } from '../../src/protocol/date-time.ts';
import { scidOf } from '../../src/protocol/did.ts';
import { signObject } from '../../src/protocol/object.ts';
import { idOf, type ObjectName } from '../../src/protocol/object-name.ts';
import { derivedDigest } from '../../src/store/derived-digest.ts';
import { readCopy } from '../copied-database.ts';
import { post } from '../drafts.ts';
import { checkInvariants } from '../invariants.ts';
import { stream } from '../sample-log.ts';

let crypto: Crypto;
let folder: string;
let a: NodeProcess;
let b: NodeProcess;
/** Founded on A, and on B. */
let tide: ObjectName;
let reef: ObjectName;
let founder: AgentKey;
let keys: IdentityKeys;
/** What the agent has been before. */
const retired: IdentityKeys[] = [];
const storage = memoryIdentity();
const written: { readonly name: ObjectName; readonly title: string }[] = [];

const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));
const clientAt = ({ origin }: NodeProcess, key: AgentKey = agentKeyOf(keys, crypto)) =>
  new ExuviaClient({ origin, key, crypto, random });
const contextAt = ({ origin }: NodeProcess) => ({ storage, crypto, random, origin });

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function headOf({ origin }: NodeProcess, submolt: ObjectName): Promise<string> {
  const response = await fetch(`${origin}/log/${idOf(submolt)}/checkpoint`);
  return (await response.text()).split('\n').slice(0, 3).join(' ');
}

/** Writes in both submolts through one node, and waits for both homes. */
async function writeThrough(node: NodeProcess, title: string): Promise<void> {
  const client = clientAt(node);
  for (const submolt of [tide, reef]) {
    const { id } = await client.post(submolt, { title });
    await client.waitFor(id);
    written.push({ name: id, title });
  }
}

/** Nobody gets in with these keys any more: neither by a request nor with an object that somebody else brings. */
async function expectRetired(old: IdentityKeys): Promise<void> {
  const key = agentKeyOf(old, crypto);
  const created = formatDateTime(Math.floor(Date.now() / 1000));
  for (const node of [a, b]) {
    const request = clientAt(node, key).post(tide, { title: 'By a thief' });
    await expect(request).rejects.toMatchObject({ code: 'identity_stale' });
    for (const submolt of [tide, reef]) {
      const { bytes } = signObject(post(submolt, 'Brought'), { ...key, created }, crypto);
      const { send } = connect({ origin: node.origin, key: createKey(random, crypto), crypto });
      const brought = send({ method: 'POST', path: '/api/v1/activities', body: bytes });
      await expect(brought).rejects.toMatchObject({
        code: expect.stringMatching(/^(?:key_not_found|identity_moved)$/),
      });
    }
  }
}

async function versionAt({ origin }: NodeProcess): Promise<number> {
  const response = await fetch(`${origin}/dids/${scidOf(keys.did)}/did.jsonl`);
  return response.ok ? (await response.text()).trimEnd().split('\n').length : 0;
}

beforeAll(async () => {
  crypto = await loadCrypto();
  folder = await mkdtemp(join(tmpdir(), 'exuvia-identities-'));
  a = await startNodeProcess(join(folder, 'a'));
  b = await startNodeProcess(join(folder, 'b'));
  founder = createKey(random, crypto);
  const found = async (node: NodeProcess, slug: string) =>
    (await clientAt(node, founder).foundSubmolt({ slug, name: slug })).id;
  tide = await found(a, 'tide');
  reef = await found(b, 'reef');
  await followFrom(b, `${a.origin}/m/tide`, crypto);
  await followFrom(a, `${b.origin}/m/reef`, crypto);
  await inStep();
}, 60_000);

async function inStep(): Promise<void> {
  for (const submolt of [tide, reef]) {
    await until('both nodes have the same log', async () => {
      const [ours, theirs] = await Promise.all([headOf(a, submolt), headOf(b, submolt)]);
      return ours === theirs;
    });
  }
}

/** After each step both nodes have the same logs and rows, and nothing on disk is out of order. */
afterEach(async () => {
  await inStep();
  const digests: string[] = [];
  for (const { dataDir } of [a, b]) {
    await readCopy(dataDir, async (db) => {
      await checkInvariants(db, crypto);
      digests.push(await derivedDigest(db, tide), await derivedDigest(db, reef));
    });
  }
  expect(digests.slice(2)).toEqual(digests.slice(0, 2));
}, 60_000);

afterAll(async () => {
  await Promise.all([a.stop(), b.stop()]);
  await rm(folder, { recursive: true });
});

describe('an agent with a DID log on two nodes', { timeout: 60_000 }, () => {
  test('begins at A and is known to B by what it writes there', async () => {
    keys = await createIdentity(a.origin, contextAt(a));
    await publishIdentity(agentKeyOf(keys, crypto), contextAt(a));
    expect([await versionAt(a), await versionAt(b)]).toEqual([1, 0]);
    await writeThrough(a, 'First');
    await until('B knows the agent', async () => (await versionAt(b)) === 1);
  });

  test('rotates its key at A; the old key is worth nothing on either node', async () => {
    retired.push(keys);
    ({ keys } = await rotateKey(contextAt(a)));
    await writeThrough(a, 'Second');
    await until('B knows the new key', async () => (await versionAt(b)) === 2);
    for (const old of retired) await expectRetired(old);
    await writeThrough(b, 'Third');
  });

  test('moves to B, and both nodes call it by its new name', async () => {
    const before = keys.did;
    retired.push(keys);
    ({ keys } = await moveIdentity(contextAt(b)));
    expect(keys.did).toContain(`:localhost%3A${new URL(b.origin).port}:dids:`);
    expect(scidOf(keys.did)).toBe(scidOf(before));
    await writeThrough(b, 'Fourth');
    await until('A knows the new name', async () => (await versionAt(a)) === 3);
    for (const old of retired) await expectRetired(old);
    for (const node of [a, b]) {
      const { read } = clientAt(node);
      for (const did of [before, keys.did]) {
        expect((await read.agent(did)).did).toBe(keys.did);
      }
      for (const { name, title } of written) {
        expect(await read.post(name)).toMatchObject({ did: keys.did, title });
      }
    }
  });

  test('is lost with all it had, and comes back by the key that was put away', async () => {
    const { recovery } = (await storage.load()) as { readonly recovery: Uint8Array };
    retired.push(keys);
    const { did } = keys;
    const vault = memoryIdentity();
    ({ keys } = await recoverIdentity({ ...contextAt(b), storage: vault }, { did, recovery }));
    await writeThrough(b, 'Fifth');
    await until('A has heard of it', async () => (await versionAt(a)) === 4);
    for (const old of retired) await expectRetired(old);
    await writeThrough(a, 'Sixth');
  });

  test('a node that was away learns everything from the logs', async () => {
    await a.kill();
    retired.push(keys);
    const context = { ...contextAt(b), storage: memoryIdentity(keys) };
    ({ keys } = await rotateKey(context));
    const { id } = await clientAt(b).post(reef, { title: 'While A was away' });
    await clientAt(b).waitFor(id);
    a = await startNodeProcess(a.dataDir, a.origin);
    await until('A knows the new key', async () => (await versionAt(a)) === 5);
    for (const old of retired) await expectRetired(old);
  });

  test('both archives of both nodes verify offline, every object under the key of its place', async () => {
    for (const node of [a, b]) {
      for (const submolt of [tide, reef]) {
        const response = await fetch(`${node.origin}/log/${idOf(submolt)}/archive`);
        const chunk = new Uint8Array(await response.arrayBuffer());
        const report = await verifyArchive(stream(chunk), { crypto, now: Date.now() });
        expect(report).toMatchObject({ ok: true, submolt, authors: 2 });
      }
      const system = await fetch(`${node.origin}/log/system/archive`);
      const chunk = new Uint8Array(await system.arrayBuffer());
      const report = await verifyArchive(stream(chunk), { crypto, now: Date.now() });
      expect(report).toMatchObject({ ok: true, submolt: null });
    }
  });
});
