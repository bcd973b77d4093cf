// Whose documents an archive carries: those of the did:webs that have signed in this log, on every node that has it.
import { afterEach, expect, test } from 'vitest';
import { group, post } from '../../../test/drafts.ts';
import { Network } from '../../../test/network.ts';
import { openFollowed, WebAgent } from '../../../test/replica-scene.ts';
import type { Did } from '../../protocol/did.ts';
import type { Database } from '../database.ts';
import { rebuildDerived } from '../rebuild.ts';
import { listWebDids } from './archive.ts';
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
