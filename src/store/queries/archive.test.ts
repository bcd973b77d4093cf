// Whose documents an archive carries: those of the did:webs that have signed in this log, on every node that has it; and who waits while it is read.
import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { group, post } from '../../../test/drafts.ts';
import { Network } from '../../../test/network.ts';
import { openFollowed, WebAgent } from '../../../test/replica-scene.ts';
import { crypto } from '../../../test/sandbox.ts';
import type { Did } from '../../protocol/did.ts';
import type { Database } from '../database.ts';
import { rebuildDerived } from '../rebuild.ts';
import { archiveSource, listWebDids, readKeyStatement } from './archive.ts';
import { findLog } from './logs.ts';

const network = new Network();
afterEach(() => network.close());

const web = async (db: Database, origin: string) =>
  listWebDids(db, (await findLog(db, origin)) ?? expect.fail(origin));

test('an archive carries the documents of its own signers, and of its home', async () => {
  const { a, b, ada, log, submolt } = await openFollowed(network);
  const [sage, mint] = [new WebAgent(network, 'sage'), new WebAgent(network, 'mint')];
  const other = await a.sandbox.accept(ada, group('other', a.identity.did));
  for (const [agent, where] of [
    [sage, submolt],
    [mint, other],
  ] as const) {
    agent.publish();
    const object = await agent.sign(post(where, 'From a host of its own'));
    expect(await a.sandbox.send(object, agent.did)).toMatchObject({ kind: 'accepted' });
    const deletion = await agent.sign({ type: 'Delete', audience: where, object: object.name });
    expect(await a.sandbox.send(deletion, agent.did)).toMatchObject({ kind: 'accepted' });
  }
  expect(await web(a.db, log)).toEqual([sage.did]);
  await network.pass(60_000);
  expect(await web(b.db, log)).toEqual([sage.did]);
  expect(await web(b.db, `${b.identity.authority}/log/system`)).toEqual([]);
  await rebuildDerived(b.db);
  expect(await web(b.db, log)).toEqual([sage.did]);
  const head = (await findLog(b.db, log)) ?? expect.fail(log);
  const home = 'did:web:home.example' as Did;
  expect(await listWebDids(b.db, { ...head, home })).toEqual([sage.did, home]);
});

test('everything else has its turn while an archive is read, however fast its reader is', async () => {
  const { a, log } = await openFollowed(network);
  const keyStatement = (await readKeyStatement(a.db, a.identity.did)) ?? expect.fail();
  const createdAt = '2026-11-21T00:00:00Z';
  const surroundings = { keyStatement, createdAt, contexts: [], didDocuments: [] };
  const source = (await archiveSource(a.db, log, surroundings, crypto)) ?? expect.fail();
  let [turns, reading] = [0, true];
  const other = (async () => {
    for (; reading; turns++) await setImmediate();
  })();
  for (let i = 0; i < 20; i++) expect(await source.entries(0, 1)).toHaveLength(1);
  reading = false;
  await other;
  expect(turns).toBeGreaterThanOrEqual(20);
});
