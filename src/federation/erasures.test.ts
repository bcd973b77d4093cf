// Erasures between nodes that miss each other: a peer that was away, one that comes anew, a push that is under way.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { comment, post } from '../../test/drafts.ts';
import { FederatedNode, Network } from '../../test/network.ts';
import { expectReplica, openFollowed } from '../../test/replica-scene.ts';
import { Agent } from '../../test/sandbox.ts';
import { NetError } from '../net/error.ts';
import type { ActivityDraft } from '../protocol/activity.ts';
import { reasonOf } from '../protocol/erasure-grounds.ts';
import { hashOf, type ObjectName } from '../protocol/object-name.ts';
import { readObject } from '../store/queries/activity-status.ts';
import { getSubmolt } from '../store/queries/submolts.ts';

const MARKER = 'zzyzx-quetzalcoatl';
const WEEK = 7 * 24 * 3600 * 1000;
const bob = new Agent('bob');
let network: Network;
type Scene = Awaited<ReturnType<typeof openFollowed>>;
let scene: Scene;
/** A post, a comment on what stays, a report, a ban, the description of the submolt: all with the marker. */
let said: ObjectName[];

const filesWith = ({ sandbox }: FederatedNode) =>
  readdirSync(sandbox.folder).filter((file) =>
    readFileSync(join(sandbox.folder, file)).includes(MARKER),
  );
const gone = (node: FederatedNode) =>
  expect.poll(() => filesWith(node), { timeout: 5000 }).toEqual([]);
const operatorOf = ({ identity }: FederatedNode) =>
  Object.assign(new Agent('operator'), { did: identity.did, seed: identity.seed });

const reportOf = ({ ada, submolt }: Scene) =>
  ({ type: 'Flag', audience: submolt, object: ada.did, content: MARKER }) as ActivityDraft;

async function sayAll(): Promise<ObjectName[]> {
  const { a, ada, submolt } = scene;
  const to = { audience: submolt };
  const kept = await a.sandbox.accept(ada, post(submolt, 'Stays'));
  const object = { type: 'Group', preferredUsername: 'tea', name: MARKER, summary: MARKER };
  const drafts: [Agent, object][] = [
    [ada, post(submolt, MARKER)],
    [bob, comment(submolt, kept, MARKER)],
    [bob, { ...to, type: 'Flag', object: kept, content: MARKER }],
    [ada, { ...to, type: 'Block', object: bob.did, target: submolt, summary: MARKER }],
    [ada, { ...to, type: 'Update', target: submolt, object }],
  ];
  const names: ObjectName[] = [];
  for (const [by, draft] of drafts) names.push(await a.sandbox.accept(by, draft as ActivityDraft));
  return names;
}

async function eraseAll(): Promise<void> {
  const { a, submolt } = scene;
  for (const object of said) {
    const draft = {
      type: 'Delete',
      audience: submolt,
      object,
      reason: reasonOf('illegal'),
    } as const;
    await a.sandbox.accept(operatorOf(a), draft);
  }
}

async function expectErased(node: FederatedNode): Promise<void> {
  await expectReplica(scene.a, node, scene.log);
  for (const name of said) {
    expect(await readObject(node.db, hashOf(name))).toEqual({ erased: true });
  }
  expect(await getSubmolt(node.db, scene.submolt)).toMatchObject({
    display_name: 'tea',
    description: '',
  });
  await gone(node);
}

beforeEach(async () => {
  network = new Network();
  scene = await openFollowed(network);
});
afterEach(() => network.close());

test('a peer that was away for a week erases when it is back', async () => {
  const { b } = scene;
  said = await sayAll();
  await network.settle();
  expect(filesWith(b)).not.toEqual([]);
  network.fault = () => Promise.reject(new NetError('connection_failed', 'down'));
  await eraseAll();
  await network.pass(WEEK);
  expect(filesWith(b)).not.toEqual([]);
  network.fault = (_, next) => next();
  await network.pass(3_600_000);
  await expectErased(b);
});

test('a peer that missed what was said as well never gets a word of it', async () => {
  const { b } = scene;
  network.fault = () => Promise.reject(new NetError('connection_failed', 'down'));
  said = await sayAll();
  await eraseAll();
  network.fault = (_, next) => next();
  await network.pass(3_600_000);
  await expectErased(b);
});

test('a peer that follows anew gets what remains, and the same rows', async () => {
  const { a } = scene;
  said = await sayAll();
  await eraseAll();
  await network.settle();
  const c = await FederatedNode.open(network, 'c');
  const seen: string[] = [];
  network.fault = async (_, next) => {
    const answer = await next();
    seen.push(
      typeof answer.body === 'string' ? answer.body : new TextDecoder().decode(answer.body),
    );
    return answer;
  };
  await c.follow(a, 'tea');
  await network.settle();
  await expectErased(c);
  expect(seen.join('\n')).not.toContain(MARKER);
});

test('a push that was under way brings the words, and the next one takes them', async () => {
  const { b } = scene;
  let held: (() => Promise<unknown>) | null = null;
  network.fault = (sent, next) => {
    const body = sent.request.body;
    const isPush = sent.url.pathname === '/federation/entries' && body !== undefined;
    if (!isPush || held !== null || !new TextDecoder().decode(body).includes(MARKER)) return next();
    held = next;
    return Promise.reject(new NetError('connection_failed', 'on its way'));
  };
  said = await sayAll();
  await network.settle();
  expect(held).not.toBeNull();
  await eraseAll();
  await (held as unknown as () => Promise<unknown>)();
  await network.pass(3_600_000);
  await expectErased(b);
});

describe('what a node holds for another home', () => {
  test('is not kept once it is refused', async () => {
    const { a, b, ada, submolt } = scene;
    await a.sandbox.accept(ada, {
      type: 'Block',
      audience: submolt,
      object: bob.did,
      target: submolt,
    });
    await network.settle();
    const object = await bob.sign(post(submolt, MARKER), network.clock.now);
    await b.sandbox.send(object, bob.did);
    expect(filesWith(b)).not.toEqual([]);
    await network.settle();
    const [rows] = await b.db.batch('read', [
      { sql: 'SELECT code, length(bytes) FROM pending', args: [] },
    ]);
    expect(rows).toEqual([['banned', 0]]);
    await gone(b);
    await b.check();
  });

  test.each([
    ['post', (scene: Scene) => post(scene.submolt, MARKER)],
    ['report', (scene: Scene) => reportOf(scene)],
  ])('does not come back if the home had taken it: a %s', async (_, draft) => {
    const { a, b, ada, submolt } = scene;
    const down = () => Promise.reject(new NetError('connection_failed', 'down'));
    network.fault = async (sent, next) => {
      if (sent.url.pathname !== '/federation/submissions') return down();
      await next();
      return down();
    };
    const object = await ada.sign(draft(scene), network.clock.now);
    await b.sandbox.send(object, ada.did);
    await network.settle();
    expect(await readObject(a.db, hashOf(object.name))).toMatchObject({ bytes: expect.anything() });
    const drop = {
      type: 'Delete',
      object: object.name,
      origin: submolt,
      reason: reasonOf('legal'),
    };
    await b.sandbox.accept(operatorOf(b), drop as ActivityDraft);
    network.fault = (_sent, next) => next();
    await network.pass(3_600_000);
    await gone(b);
    expect(filesWith(a)).not.toEqual([]);
    expect(await readObject(b.db, hashOf(object.name))).toEqual({ erased: true, withdrawn: true });
    await b.check();
  });

  test('is dropped while it waits, by its operator', async () => {
    const { a, b, ada, submolt } = scene;
    network.fault = () => Promise.reject(new NetError('connection_failed', 'down'));
    const waiting = await ada.sign(post(submolt, MARKER), network.clock.now);
    await b.sandbox.send(waiting, ada.did);
    const draft = {
      type: 'Delete',
      object: waiting.name,
      origin: submolt,
      reason: reasonOf('legal'),
    };
    await b.sandbox.accept(operatorOf(b), draft as ActivityDraft);
    await gone(b);
    network.fault = (_, next) => next();
    await network.pass(3_600_000);
    expect(await readObject(a.db, hashOf(waiting.name))).toBeNull();
    await expectReplica(a, b, scene.log);
  });

  test('is refused when it is sent again after that', async () => {
    const { b, ada, submolt } = scene;
    network.fault = () => Promise.reject(new NetError('connection_failed', 'down'));
    const object = await ada.sign(post(submolt, MARKER), network.clock.now);
    expect(await b.sandbox.send(object, ada.did)).toMatchObject({ kind: 'pending' });
    const law = { reason: reasonOf('legal'), origin: submolt };
    const drop = { type: 'Delete', object: object.name, ...law };
    await b.sandbox.accept(operatorOf(b), drop as ActivityDraft);
    const again = await b.sandbox.send(object, ada.did);
    expect(again).toMatchObject({ kind: 'refused', code: 'already_deleted' });
    await gone(b);
  });
});

test('an edit of what an operator has withdrawn goes when it comes', async () => {
  const { a, b, ada, log, submolt } = scene;
  const object = await a.sandbox.accept(ada, post(submolt, MARKER));
  const change = { ...post(submolt, MARKER), type: 'Update', target: object };
  const first = await a.sandbox.accept(ada, change as ActivityDraft);
  await network.settle();
  const drop = { type: 'Delete', object, origin: submolt, reason: reasonOf('legal') };
  await b.sandbox.accept(operatorOf(b), drop as ActivityDraft);
  const draft = { ...post(submolt, `${MARKER} again`), type: 'Update', target: object };
  const edit = await a.sandbox.accept(ada, draft as ActivityDraft);
  await network.settle();
  await gone(b);
  expect(filesWith(a)).not.toEqual([]);
  expect(await b.sizeOf(log)).toBe(await a.sizeOf(log));
  expect(await readObject(b.db, hashOf(edit))).toEqual({ erased: true, withdrawn: true });
  await b.check();
  const erased = { type: 'Delete', audience: submolt, object } as const;
  await a.sandbox.accept(ada, erased);
  await network.settle();
  await gone(a);
  // The home's Delete is what is said of all of them from then on.
  for (const one of [object, first, edit]) {
    expect(await readObject(b.db, hashOf(one))).toEqual({ erased: true });
  }
  await expectReplica(a, b, log);
});
