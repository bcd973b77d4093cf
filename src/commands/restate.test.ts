// Statements that acts depend on: logged again in the submolt's log, before the first act there and once.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { group, post } from '../../test/drafts.ts';
import { checkInvariants } from '../../test/invariants.ts';
import { ShiftingAgent } from '../../test/rotating-agent.ts';
import { Agent, crypto, Sandbox } from '../../test/sandbox.ts';
import type { VerifiedObject } from '../protocol/object.ts';
import { hashOf, type ObjectName } from '../protocol/object-name.ts';
import type { Statement } from '../store/database.ts';
import { readLeaves } from '../store/queries/bodies.ts';
import { findDidLog, findIdentity } from '../store/queries/identities.ts';
import { listLogs } from '../store/queries/logs.ts';
import { rebuildDerived } from '../store/rebuild.ts';

const bob = new Agent('bob');
let ada: ShiftingAgent;
let node: Sandbox;
let submolt: ObjectName;

beforeEach(async () => {
  node = await Sandbox.open();
  submolt = await node.accept(bob, group('general'));
  ada = new ShiftingAgent('ada');
});
afterEach(async () => {
  await checkInvariants(node.db, crypto);
  await node.close();
});

const sign = (draft: Parameters<ShiftingAgent['sign']>[0]) => ada.sign(draft, node.clock.now);
const together = (objects: readonly VerifiedObject[]) =>
  Promise.all(objects.map((object) => node.send(object, object.activity.actor)));

async function logged(of: ObjectName | null): Promise<ObjectName[]> {
  const log = (await listLogs(node.db)).find((head) => head.submolt === of)!;
  return (await readLeaves(node.db, log, 0, log.size)).map(({ body }) => body.name);
}

test('a statement has its receipt in the system log, and keeps it', async () => {
  const statement = await sign(ada.statement);
  const first = await node.send(statement, ada.did);
  expect(first).toMatchObject({ kind: 'accepted', first: true });
  await node.accept(ada, post(submolt, 'One'));
  expect(await node.send(statement, ada.did)).toMatchObject({
    ...{ kind: 'accepted', first: false },
    receipt: {
      log: 'a.test/log/system',
      index: 3,
      salt: first.kind === 'accepted' && first.receipt.salt,
    },
  });
});

test('the act has the place after the statement, under one checkpoint', async () => {
  const statement = await node.accept(ada, ada.statement);
  const outcome = await node.submit(ada, post(submolt, 'One'));
  expect(outcome).toMatchObject({ kind: 'accepted', receipt: { index: 2 } });
  if (outcome.kind !== 'accepted') return;
  expect(outcome.receipt.checkpoint).toContain('\n3\n');
  expect(await logged(submolt)).toEqual([submolt, statement, outcome.receipt.id]);
});

test('in each log the statement has a salt of its own', async () => {
  const statement = await node.accept(ada, ada.statement);
  await node.accept(ada, post(submolt, 'One'));
  const sql = `SELECT salt, commitment FROM entries WHERE object = (SELECT id FROM objects WHERE hash = ?)`;
  const [rows = []] = await node.db.batch('read', [{ sql, args: [hashOf(statement)] }]);
  expect(rows).toHaveLength(2);
  expect(rows[0]?.[0]).not.toEqual(rows[1]?.[0]);
  expect(rows[0]?.[1]).not.toEqual(rows[1]?.[1]);
});

test('several versions and acts of one group stand in their order, none twice', async () => {
  const objects = [await sign(ada.statement), await sign(post(submolt, 'One'))];
  objects.push(await sign(post(submolt, 'Two')));
  ada.rotate();
  objects.push(await sign(ada.statement), await sign(post(submolt, 'Three')));
  const outcomes = await together(objects);
  expect(outcomes.map(({ kind }) => kind)).toEqual(objects.map(() => 'accepted'));
  expect(await logged(submolt)).toEqual([submolt, ...objects.map(({ name }) => name)]);
  await node.accept(ada, post(submolt, 'Four'));
  expect((await logged(submolt)).slice(0, -1)).toEqual([
    submolt,
    ...objects.map(({ name }) => name),
  ]);
});

test('a submolt that such an agent founds begins with its statement', async () => {
  const statement = await node.accept(ada, ada.statement);
  const sand = await node.accept(ada, group('sand'));
  const first = await node.accept(ada, post(sand, 'One'));
  expect(await logged(sand)).toEqual([statement, sand, first]);
});

test('statement and founding of one group begin a log together', async () => {
  const objects = [await sign(ada.statement), await sign(group('sand'))];
  await together(objects);
  expect(await logged(objects[1]!.name)).toEqual(objects.map(({ name }) => name));
});

test('what was verified by a key that has changed before it is written is refused', async () => {
  await node.accept(ada, ada.statement);
  const late = await sign(post(submolt, 'Late'));
  ada.rotate();
  const outcomes = await together([await sign(ada.statement), late]);
  expect(outcomes[1]).toMatchObject({ kind: 'refused', code: 'key_retired' });
  expect(await logged(submolt)).toEqual([submolt]);
});

test('an author nobody has stated waits for no home', async () => {
  expect(await node.submit(ada, post(submolt, 'One'))).toMatchObject({ code: 'identity_unknown' });
});

test('what a node knows can be asked for, and comes back from a rebuild', async () => {
  const home = node.context.node.did;
  expect(await findDidLog(node.db, ada.subject, home)).toBeNull();
  await node.accept(ada, ada.statement);
  ada.rotate().move('elsewhere.example');
  const statement = await node.accept(ada, ada.statement);
  const expected = { did: ada.did, statement, text: ada.text, witnesses: null };
  expect(await findDidLog(node.db, ada.subject, home)).toEqual(expected);
  const identity = await findIdentity(node.db, ada.subject, home);
  expect(identity).toMatchObject({ version: 3, did: ada.did, statement });
  await rebuildDerived(node.db);
  expect(await findIdentity(node.db, ada.subject, home)).toEqual(identity);
});

test('of agents whose DID is their key nothing more is read', async () => {
  const read: (readonly Statement[])[] = [];
  const { db } = node.context;
  Object.assign(node.context, {
    db: {
      durable: db.durable,
      batch(mode: 'read' | 'write', statements: readonly Statement[]) {
        if (mode === 'read') read.push(statements);
        return db.batch(mode, statements);
      },
      close: () => db.close(),
    },
  });
  await node.accept(bob, post(submolt, 'One'));
  expect(read).toHaveLength(1);
  expect(read.flat().some(({ sql }) => sql.includes('identit'))).toBe(false);
  read.length = 0;
  await node.accept(ada, ada.statement);
  await node.accept(ada, post(submolt, 'Two'));
  expect(read).toHaveLength(2);
});
