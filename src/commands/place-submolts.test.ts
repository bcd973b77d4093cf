// The system log says which submolts were founded at a node and which have moved away: at once, or at the next start.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { group, post } from '../../test/drafts.ts';
import { checkInvariants } from '../../test/invariants.ts';
import { ShiftingAgent } from '../../test/rotating-agent.ts';
import { Agent, crypto, identityOf, Sandbox } from '../../test/sandbox.ts';
import { verifyStatedFounding } from '../log/founding-proof.ts';
import { formatSystemEntry } from '../log/system-entry.ts';
import type { JsonObject } from '../protocol/json.ts';
import { idOf, type ObjectName } from '../protocol/object-name.ts';
import { getActivityStatus } from '../store/queries/activity-status.ts';
import { readLeaves } from '../store/queries/bodies.ts';
import { listLogs } from '../store/queries/logs.ts';
import { openNode } from './open-node.ts';
import { proveStatedFounding } from './prove-head.ts';

const ada = new Agent('ada');
let node: Sandbox;

beforeEach(async () => {
  node = await Sandbox.open();
});
afterEach(async () => {
  await checkInvariants(node.db, crypto);
  await node.close();
});

async function logged(of: ObjectName | null = null): Promise<ObjectName[]> {
  const log = (await listLogs(node.db)).find((head) => head.submolt === of)!;
  return (await readLeaves(node.db, log, 0, log.size)).map(({ body }) => body.name);
}

const move = (submolt: ObjectName) => ({
  ...({ type: 'Move', audience: submolt, object: submolt } as const),
  origin: node.context.node.did,
  target: identityOf('b').did,
});

/** As it was before system logs had foundings: whatever `act` adds to this one is taken out again. */
async function unplaced<T>(act: () => Promise<T>): Promise<T> {
  const system = "(SELECT id FROM logs WHERE origin = 'a.test/log/system')";
  const columns = 'size, root, frontier, last_t, signed_size, checkpoint';
  const [[row] = []] = await node.db.batch('read', [
    { sql: `SELECT ${columns} FROM logs WHERE id = ${system}`, args: [] },
  ]);
  const result = await act();
  const [size, ...others] = row!.map((cell) => (typeof cell === 'number' ? BigInt(cell) : cell));
  await node.db.batch('write', [
    { sql: `DELETE FROM entries WHERE log = ${system} AND idx >= ?`, args: [size!] },
    {
      sql: `UPDATE logs SET (${columns}) = (?, ?, ?, ?, ?, ?) WHERE id = ${system}`,
      args: [size!, ...others] as bigint[],
    },
  ]);
  return result;
}

test('a founding and a move stand in both logs, and have their receipt in that of the submolt', async () => {
  const before = await logged();
  const submolt = await node.accept(ada, group('tea'));
  const moved = await node.accept(ada, move(submolt));
  expect(await logged()).toEqual([...before, submolt, moved]);
  expect(await logged(submolt)).toEqual([submolt, moved]);
  for (const [index, act] of [submolt, moved].entries()) {
    expect(await getActivityStatus(node.db, act)).toMatchObject({
      status: 'accepted',
      receipt: { log: `a.test/log/${idOf(submolt)}`, index },
    });
  }
});

test('what is refused is not said', async () => {
  const before = await logged();
  await node.accept(ada, group('tea'));
  expect(await node.submit(new Agent('bob'), group('tea'))).toMatchObject({ code: 'slug_taken' });
  expect(await logged()).toHaveLength(before.length + 1);
});

test('what an older version has left out is said at the next start, once', async () => {
  const tea = await unplaced(() => node.accept(ada, group('tea')));
  const moved = await unplaced(async () => {
    await node.accept(ada, post(tea, 'One'));
    return node.accept(ada, move(tea));
  });
  const bay = await node.accept(ada, group('bay'));
  const before = await logged();
  expect(before).toContain(bay);
  await openNode(node.context);
  expect(await logged()).toEqual([...before, tea, moved]);
  await openNode(node.context);
  expect(await logged()).toEqual([...before, tea, moved]);
});

test('a founder whose key has changed since is left out: nobody could check it there', async () => {
  const founder = new ShiftingAgent('founder');
  const other = new ShiftingAgent('other');
  for (const agent of [founder, other]) await node.accept(agent, agent.statement);
  const tea = await unplaced(() => node.accept(founder, group('tea')));
  const bay = await unplaced(() => node.accept(other, group('bay')));
  founder.rotate();
  await node.accept(founder, founder.statement);
  await openNode(node.context);
  expect(await logged()).not.toContain(tea);
  expect(await logged()).toContain(bay);
});

test('that a submolt was founded here is proven to who has the act', async () => {
  const tea = await node.accept(ada, group('tea'));
  const bay = await node.accept(ada, group('bay'));
  const proof = formatSystemEntry((await proveStatedFounding(node.context, tea))!);
  expect(verifyStatedFounding(proof, tea, crypto)).toMatchObject({
    ok: true,
    authority: 'a.test',
    entry: { t: node.clock.now },
  });
  expect(verifyStatedFounding(proof, bay, crypto)).toMatchObject({ reason: 'not_stated' });
  expect(
    await proveStatedFounding(node.context, await node.accept(ada, post(bay, 'x'))),
  ).toBeNull();
  const entry = proof.entry as JsonObject;
  const other = formatSystemEntry((await proveStatedFounding(node.context, bay))!);
  const swapped = { ...proof, entry: { ...entry, o: (other.entry as JsonObject).o! } };
  expect(verifyStatedFounding(swapped, bay, crypto)).toMatchObject({
    reason: 'commitment_mismatch',
  });
});
