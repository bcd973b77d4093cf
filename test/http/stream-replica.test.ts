// The stream of a node that replicates: what the home and its own operator take away, and several logs at once.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ActivityDraft } from '../../src/protocol/activity.ts';
import { formatDateTime } from '../../src/protocol/date-time.ts';
import { reasonOf } from '../../src/protocol/erasure-grounds.ts';
import { signObject } from '../../src/protocol/object.ts';
import { idOf, type ObjectName } from '../../src/protocol/object-name.ts';
import { comment, group, post } from '../drafts.ts';
import { Agent, crypto, identityOf } from '../sandbox.ts';
import { HttpNode, POSTED } from './http-node.ts';
import { StreamReader } from './stream-reader.ts';

const ada = new Agent('ada');
const bob = new Agent('bob');
const SLUGS = ['tides', 'waves'];
let home: HttpNode;
let follower: HttpNode;
let submolts: ObjectName[];

beforeAll(async () => {
  home = await HttpNode.open({ name: 'home', federated: true });
  follower = await HttpNode.open({
    name: 'follower',
    federated: true,
    pace: { read: 1, votes: 5 },
  });
  submolts = [];
  for (const slug of SLUGS) {
    submolts.push(await home.accept(ada, group(slug, home.context.node.did)));
    const body = JSON.stringify({ submolt: `${home.origin}/m/${slug}` });
    const told = await follower.ask(operatorOf(follower), '/federation/follows', {
      ...POSTED,
      body,
    });
    expect(told.status).toBe(202);
  }
});
afterAll(() => Promise.all([home.close(), follower.close()]));

const operatorOf = ({ context }: HttpNode) => context.node as unknown as Agent;

/** Signed by the node itself. */
async function say(node: HttpNode, draft: ActivityDraft): Promise<ObjectName> {
  const { did, seed, keyId } = node.context.node;
  const created = formatDateTime(Math.floor(node.clock.now / 1000));
  const options = { did, seed, verificationMethod: keyId, created };
  const { bytes, name } = signObject(draft, options, crypto);
  const answer = await node.submit(operatorOf(node), bytes);
  if (answer.status !== 201) throw new Error(answer.text);
  return name;
}

it('tells of what comes by replication, and of what is taken away there and here', async () => {
  const [tides, waves] = submolts as [ObjectName, ObjectName];
  const reader = await StreamReader.open(follower, bob);
  const first = await home.accept(ada, post(tides, 'In one log'));
  const second = await home.accept(bob, post(waves, 'In another'));
  const reply = await home.accept(bob, comment(tides, first, 'A reply'));
  await home.accept(bob, { type: 'Like', audience: tides, object: first } as ActivityDraft);
  const came = [first, second, reply];
  for (const act of came) await reader.until(({ data }) => data.act === act);
  await reader.until(({ data }) => data.votes?.[0]?.id === idOf(first));
  expect(reader.of('post')[0]!.data.post.submolt.home).toBe(home.context.node.did);

  const deleted = await home.accept(bob, {
    type: 'Delete',
    audience: waves,
    object: second,
  } as ActivityDraft);
  await reader.until(({ data }) => data.act === deleted);
  const law = { reason: reasonOf('legal'), origin: tides };
  const withdrawn = await say(follower, { type: 'Delete', object: reply, ...law } as ActivityDraft);
  await reader.until(({ data }) => data.act === withdrawn);
  expect(reader.of('gone').map(({ data }) => [data.act, data.gone.id, data.gone.reason])).toEqual([
    [deleted, idOf(second), 'deleted'],
    [withdrawn, idOf(reply), 'withdrawn'],
  ]);

  const again = await StreamReader.open(follower, bob, '', reader.received[0]!.id);
  await again.until(({ data }) => data.act === withdrawn);
  expect(again.text).not.toMatch(/In another|A reply/);
  expect(again.of('post').map(({ data }) => data.act)).toEqual([first]);
  expect(again.of('comment')).toEqual([]);
  await Promise.all([reader.drop(), again.drop()]);
});

it('does not take the ids of the home, nor gives it its own', async () => {
  const [there, here] = [
    await StreamReader.open(home, bob),
    await StreamReader.open(follower, bob),
  ];
  for (const [node, { lastId }] of [
    [home, here],
    [follower, there],
  ] as const) {
    const refused = await StreamReader.open(node, bob, '', lastId);
    expect([409, 410]).toContain(refused.status);
  }
  expect(identityOf('home').did).not.toBe(identityOf('follower').did);
  await Promise.all([there.drop(), here.drop()]);
});
