// A node states its witness key once, again when the key is another, and can say what it has stated.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Agent, crypto, Sandbox, seedOf } from '../../test/sandbox.ts';
import { didKeyOf } from '../protocol/did.ts';
import { WITNESSES } from '../protocol/labels.ts';
import { findLog } from '../store/queries/logs.ts';
import type { CommandContext } from './context.ts';
import { openNode } from './open-node.ts';
import { OwnStatements } from './own-statements.ts';
import { stateOwn } from './sign-own.ts';

let node: Sandbox;
beforeEach(async () => {
  node = await Sandbox.open('a');
});
afterEach(() => node.close());

const sizeOf = async () => (await findLog(node.db, 'a.test/log/system'))?.size;
const keyOf = (seed: Uint8Array) => didKeyOf(crypto.publicKeyOf(seed));
const statedBy = async (context: CommandContext) => {
  const { witnessKeys } = await new OwnStatements(context).read();
  return [...witnessKeys.keys()];
};

test('the witness key is stated after the log key, and once', async () => {
  expect(await statedBy(node.context)).toEqual([keyOf(node.context.node.witnessSeed)]);
  expect(await sizeOf()).toBe(2);
  await (await openNode(node.context)).close();
  expect(await sizeOf()).toBe(2);
});

test('another witness key takes the place of the one before', async () => {
  const witnessSeed = seedOf('another witness key');
  const context = { ...node.context, node: { ...node.context.node, witnessSeed } };
  await (await openNode(context)).close();
  expect(await statedBy(context)).toEqual([keyOf(witnessSeed)]);
  expect(await sizeOf()).toBe(4);
});

test('witnesses come and go, and nobody else has a say in it', async () => {
  const { context, sequencer } = node;
  const statements = new OwnStatements(context);
  const [one, two, eve] = ['one', 'two', 'eve'].map((name) => new Agent(name)) as [
    Agent,
    Agent,
    Agent,
  ];
  const say = (type: 'Add' | 'Remove', object = one.did) =>
    stateOwn(context, sequencer, { type, object, target: WITNESSES });
  await say('Add');
  await say('Add', two.did);
  expect([...(await statements.read()).witnesses]).toEqual([one.did, two.did]);
  await say('Remove');
  const refused = await node.submit(eve, { type: 'Add', object: eve.did, target: WITNESSES });
  expect(refused).toMatchObject({ kind: 'refused', code: 'not_this_node' });
  const answers = await Promise.all([1, 2, 3].map(() => statements.read()));
  for (const { witnesses } of answers) expect([...witnesses]).toEqual([two.did]);
});

test('what the own rules refuse is a fault of the node', async () => {
  const { context, sequencer } = node;
  const draft = { type: 'Follow', object: context.node.did } as const;
  await expect(stateOwn(context, sequencer, draft)).rejects.toMatchObject({ code: 'failed' });
});
