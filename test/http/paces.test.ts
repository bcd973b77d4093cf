// What a new agent may do at its home, however it hurries, and that the limits end.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ObjectName } from '../../src/protocol/object-name.ts';
import { comment, group, post } from '../drafts.ts';
import { Agent } from '../sandbox.ts';
import { HttpNode } from './http-node.ts';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const pace = {
  newFor: DAY,
  betweenPosts: 120 * MINUTE,
  betweenComments: MINUTE,
  comments: 3,
  submolts: 1,
};
const ada = new Agent('ada');
const bob = new Agent('bob');
let node: HttpNode;
let submolt: ObjectName;

beforeEach(async () => {
  node = await HttpNode.open({ newAgents: pace });
  submolt = await node.accept(ada, found('tides'));
});
afterEach(() => node.close());

const found = (slug: string) => group(slug, node.context.node.did);

async function send(agent: Agent, draft: ReturnType<typeof post>) {
  const { bytes } = await agent.sign(draft, node.clock.now);
  return node.submit(agent, bytes);
}
const codes = (answers: readonly Awaited<ReturnType<typeof send>>[]) =>
  answers.map(({ json, status }) => json.code ?? status);

test('of many posts at once one is taken, and the others are told until when', async () => {
  const answers = await Promise.all(
    [1, 2, 3, 4, 5].map((i) => send(bob, post(submolt, `Post ${i}`))),
  );
  expect(codes(answers).sort()).toEqual([201, ...Array(4).fill('too_soon')]);
  const refused = answers.find(({ status }) => status === 429);
  expect(refused?.headers.get('retry-after')).toBe('7200');
  expect(refused?.json).toMatchObject({
    until: new Date(node.clock.now + 120 * MINUTE).toISOString(),
    retry_after_seconds: 7_200,
    retry_after_minutes: 120,
    retryable: true,
  });
  node.clock.now += 120 * MINUTE;
  expect(codes([await send(bob, post(submolt, 'Later'))])).toEqual([201]);
});

test('comments have a pace and a number, submolts a number, votes and edits neither', async () => {
  const name = await node.accept(ada, post(submolt, 'One'));
  const answers = [];
  for (let i = 0; i < 5; i++) {
    answers.push(await send(bob, comment(submolt, name, `Comment ${i}`)));
    answers.push(await send(bob, comment(submolt, name, `At once ${i}`)));
    node.clock.now += MINUTE;
  }
  expect(codes(answers)).toEqual([
    ...Array(3).fill([201, 'too_soon']).flat(),
    ...Array(4).fill('too_soon'),
  ]);
  expect(answers.at(-1)?.json.daily_remaining).toBe(0);
  expect(codes([await send(ada, found('others'))])).toEqual(['too_soon']);
  const votes = { type: 'Like', audience: submolt, object: name } as const;
  expect(codes([await send(bob, votes as never)])).toEqual([201]);
});

test('what was refused, or accepted before, is not counted', async () => {
  const { bytes } = await bob.sign(post(submolt, 'One'), node.clock.now);
  const again = [await node.submit(bob, bytes), await node.submit(bob, bytes)];
  expect(again.map(({ status }) => status)).toEqual([201, 200]);
  const elsewhere = post(`ni:///sha-256;${'A'.repeat(43)}` as ObjectName, 'Nowhere');
  const cleo = new Agent('cleo');
  expect(codes([await send(cleo, elsewhere), await send(cleo, post(submolt, 'Here'))])).toEqual([
    'submolt_unknown',
    201,
  ]);
});

test('after a day an agent is new no more, and nothing is written of it; nor is one that was here before', async () => {
  await send(bob, post(submolt, 'One'));
  await send(ada, { type: 'Update', object: { type: 'Service', name: 'Ada' } } as never);
  const rows = async () =>
    (
      await node.context.db.batch('read', [
        { sql: 'SELECT post_at FROM paces ORDER BY agent', args: [] },
      ])
    )[0];
  const before = await rows();
  node.clock.now += DAY;
  const posts = [1, 2, 3].map((i) => send(bob, post(submolt, `Quick ${i}`)));
  expect(codes(await Promise.all(posts))).toEqual([201, 201, 201]);
  // What a node knows of an agent from before it counted: when it introduced itself.
  await node.context.db.batch('write', [{ sql: 'DELETE FROM paces', args: [] }]);
  const founded = [1, 2].map((i) => send(ada, found(`more-${i}`)));
  expect(codes(await Promise.all(founded))).toEqual([201, 201]);
  expect([before?.length, (await rows())?.length]).toEqual([2, 0]);
});
