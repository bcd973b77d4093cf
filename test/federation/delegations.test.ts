// Agents that act for each other on two real nodes: forwarded with their chain, shown with it, stopped when it is revoked.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { followFrom, type NodeProcess, startNodeProcess } from '../../src/cli/node-process.ts';
import type { ActingUnder } from '../../src/client/delegations.ts';
import { ExuviaClient } from '../../src/client/exuvia-client.ts';
import { agentKeyOf, type IdentityKeys, memoryIdentity } from '../../src/client/identity.ts';
import { createIdentity, publishIdentity, rotateKey } from '../../src/client/identity-acts.ts';
import { type AgentKey, createKey } from '../../src/client/keys.ts';
import { loadCrypto } from '../../src/crypto/platform.ts';
import { verifyArchive } from '../../src/log/archive-verify.ts';
import type { Crypto } from '../../src/protocol/crypto.ts';
import { idOf, type ObjectName } from '../../src/protocol/object-name.ts';
import { derivedDigest } from '../../src/store/derived-digest.ts';
import { readCopy } from '../copied-database.ts';
import { checkInvariants } from '../invariants.ts';
import { stream } from '../sample-log.ts';

let crypto: Crypto;
let folder: string;
let a: NodeProcess;
let b: NodeProcess;
/** At home at A, followed by B. */
let tide: ObjectName;
let founder: AgentKey;
/** The agent in whose name the others act: its keys change. */
let owner: IdentityKeys;
let kim: AgentKey;
let lea: AgentKey;
/** From the owner to kim, and from kim to lea. */
let one: string;
let two: string;
const storage = memoryIdentity();
const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));
const clientAt = ({ origin }: NodeProcess, key: AgentKey, under?: ActingUnder) =>
  new ExuviaClient({ origin, key, crypto, random, ...(under && { under }) });
const contextAt = ({ origin }: NodeProcess) => ({ storage, crypto, random, origin });
const ownerAt = (node: NodeProcess) => clientAt(node, agentKeyOf(owner, crypto));
const grant = (actions: readonly ('post' | 'vote')[]) =>
  ({ actions, submolts: [idOf(tide)], until: '2100-01-01T00:00:00Z' }) as const;

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function headOf({ origin }: NodeProcess): Promise<string> {
  const response = await fetch(`${origin}/log/${idOf(tide)}/checkpoint`);
  return (await response.text()).split('\n').slice(0, 3).join(' ');
}

beforeAll(async () => {
  crypto = await loadCrypto();
  folder = await mkdtemp(join(tmpdir(), 'exuvia-delegations-'));
  a = await startNodeProcess(join(folder, 'a'));
  b = await startNodeProcess(join(folder, 'b'));
  [founder, kim, lea] = [1, 2, 3].map(() => createKey(random, crypto)) as [
    AgentKey,
    AgentKey,
    AgentKey,
  ];
  tide = (await clientAt(a, founder).foundSubmolt({ slug: 'tide', name: 'Tide' })).id;
  await followFrom(b, `${a.origin}/m/tide`, crypto);
  await until('B has the log', async () => (await headOf(a)) === (await headOf(b)));
  owner = await createIdentity(b.origin, contextAt(b));
  await publishIdentity(agentKeyOf(owner, crypto), contextAt(b));
}, 60_000);

/** After each step both nodes have the same log and rows, and nothing on disk is out of order. */
afterEach(async () => {
  await until('both nodes have the same log', async () => (await headOf(a)) === (await headOf(b)));
  const digests: string[] = [];
  for (const { dataDir } of [a, b]) {
    await readCopy(dataDir, async (db) => {
      await checkInvariants(db, crypto);
      digests.push(await derivedDigest(db, tide));
    });
  }
  expect(digests[1]).toBe(digests[0]);
}, 60_000);

afterAll(async () => {
  await Promise.all([a.stop(), b.stop()]);
  await rm(folder, { recursive: true });
});

describe('delegations on two nodes', { timeout: 60_000 }, () => {
  test('a chain is forwarded with the act, and both nodes show it', async () => {
    one = (await ownerAt(b).delegate(kim.did, grant(['post', 'vote']))).id;
    const passed = { ...grant(['post']), parent: one };
    two = (await clientAt(b, kim).delegate(lea.did, passed)).id;
    const client = clientAt(b, lea, { delegation: two });
    const { id } = await client.post('tide', { title: 'By lea' });
    await client.waitFor(id);
    for (const node of [a, b]) {
      const shown = await clientAt(node, founder).read.post(id);
      expect(shown.did).toBe(owner.did);
      expect(shown.delegation).toMatchObject({
        ...{ object: two, principal: owner.did, signer: lea.did },
        chain: [
          { object: one, delegator: owner.did, delegate: kim.did, actions: ['post', 'vote'] },
          { object: two, delegator: kim.did, delegate: lea.did, actions: ['post'] },
        ],
      });
    }
    const { read } = clientAt(b, lea);
    expect((await read.delegations(kim.did)).map(({ object }) => object)).toEqual([two, one]);
    expect(await read.delegation(two)).toMatchObject({ principal: owner.did, revoked: null });
  });

  test('what is not delegated is refused, on either node', async () => {
    const { id } = await clientAt(a, founder).post('tide', { title: 'By the founder' });
    await until('B has it', async () => (await clientAt(b, lea).read.post(id)).object === id);
    for (const node of [a, b]) {
      const client = clientAt(node, lea, { delegation: two });
      await expect(client.vote(id, 'up')).rejects.toMatchObject({ code: 'delegation_scope' });
      const stranger = clientAt(node, founder, { delegation: two });
      await expect(stranger.post('tide', { title: 'Not mine' })).rejects.toMatchObject({
        code: 'not_delegate',
      });
    }
    const votes = clientAt(a, kim, { delegation: one });
    await votes.vote(id, 'up');
    await expect(ownerAt(a).vote(id, 'up')).rejects.toMatchObject({ code: 'vote_exists' });
  });

  test('a node that does not know the chain is sent it by the client', async () => {
    const given = await clientAt(b, founder).delegate(lea.did, grant(['post']));
    const refused = clientAt(a, lea, { delegation: given.id });
    await expect(refused.post('tide', { title: 'Too early' })).rejects.toBeInstanceOf(Error);
    const client = clientAt(a, lea, { delegation: given.id, from: b.origin });
    const { id } = await client.post('tide', { title: 'With its chain' });
    expect((await client.read.post(id)).did).toBe(founder.did);
  });

  test('a link that is revoked in the middle stops what hangs below it', async () => {
    await clientAt(a, kim).revoke(two);
    await clientAt(b, kim).revoke(two);
    for (const node of [a, b]) {
      const client = clientAt(node, lea, { delegation: two });
      await expect(client.post('tide', { title: 'Late' })).rejects.toMatchObject({
        code: 'delegation_revoked',
      });
      expect((await client.read.delegation(two)).revoked).not.toBeNull();
    }
    const client = clientAt(b, kim, { delegation: one });
    await client.waitFor((await client.post('tide', { title: 'Above it' })).id);
  });

  test('a key that is given up takes its delegations with it', async () => {
    ({ keys: owner } = await rotateKey(contextAt(b)));
    const title = 'By the new key';
    await ownerAt(b).waitFor((await ownerAt(b).post('tide', { title })).id);
    for (const node of [a, b]) {
      const client = clientAt(node, kim, { delegation: one });
      await expect(client.post('tide', { title: 'Late' })).rejects.toMatchObject({
        code: 'delegation_revoked',
      });
    }
    one = (await ownerAt(b).delegate(kim.did, grant(['post']))).id;
    const client = clientAt(b, kim, { delegation: one });
    await client.waitFor((await client.post('tide', { title: 'Again' })).id);
  });

  test('the archives of both nodes verify offline', async () => {
    for (const log of [idOf(tide), 'system']) {
      for (const { origin } of [a, b]) {
        const response = await fetch(`${origin}/log/${log}/archive`);
        const tar = new Uint8Array(await response.arrayBuffer());
        const report = await verifyArchive(stream(tar), { crypto, now: Date.now() });
        expect([report.code, report.findings]).toEqual([0, expect.any(Array)]);
      }
    }
  });
});
