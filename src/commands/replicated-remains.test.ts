// What a replica takes of acts whose words are erased, and what not: nothing of it is signed.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { group, post } from '../../test/drafts.ts';
import { checkInvariants } from '../../test/invariants.ts';
import { fetchBatch, follow } from '../../test/replica.ts';
import { Agent, crypto, Sandbox } from '../../test/sandbox.ts';
import type { ActivityDraft } from '../protocol/activity.ts';
import { reasonOf } from '../protocol/erasure-grounds.ts';
import { didKeyResolver } from '../protocol/object.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import type { Remains } from '../protocol/remains.ts';
import { derivedDigest } from '../store/derived-digest.ts';
import { applyEntries } from './apply-entries.ts';
import type { ReplicatedEntry } from './replicated-entry.ts';

const [ada, bob] = [new Agent('ada'), new Agent('bob')];
let home: Sandbox;
let replica: Sandbox;
let submolt: ObjectName;
let origin: string;

/** Entries: founding, post, report, ban, Deletes of report and ban. */
beforeEach(async () => {
  home = await Sandbox.open('a');
  replica = await Sandbox.open('b', { clock: home.clock });
  submolt = await home.accept(ada, group('tea', home.context.node.did));
  const to = { audience: submolt };
  const object = await home.accept(ada, post(submolt, 'Post'));
  const report = await home.accept(bob, { ...to, type: 'Flag', object, content: 'words' });
  const ban = { type: 'Block', object: bob.did, target: submolt, summary: 'words' };
  const banned = await home.accept(ada, { ...to, ...ban } as ActivityDraft);
  const operator = Object.assign(new Agent('operator'), home.context.node);
  for (const name of [report, banned]) {
    await home.accept(operator, { ...to, type: 'Delete', object: name, reason: reasonOf('legal') });
  }
  origin = await follow(replica, home, submolt);
});
afterEach(async () => {
  await checkInvariants(replica.db, crypto);
  await home.close();
  await replica.close();
});

type Erased = Extract<ReplicatedEntry['body'], { erased: true }>;

/** The whole log, with another record of the erased entry. */
async function applyWith(index: number, change: (body: Erased) => object) {
  const batch = await fetchBatch(home, origin, 0, 9);
  const entries = batch.entries.map((entry, i): ReplicatedEntry => {
    if (i !== index) return entry;
    return { ...entry, body: { ...entry.body, ...change(entry.body as Erased) } as Erased };
  });
  const { context, sequencer } = replica;
  return applyEntries(context, sequencer, { ...batch, entries }, () => didKeyResolver);
}

test('what the home gives has the rows of the home', async () => {
  expect(await applyWith(2, () => ({}))).toMatchObject({ ok: true, size: 6 });
  expect(await derivedDigest(replica.db, submolt)).toBe(await derivedDigest(home.db, submolt));
});

describe('refused is', () => {
  const left = ({ remains }: Erased, change: Partial<Remains> | Record<string, unknown>) => ({
    remains: { ...remains, ...change },
  });
  test.each<[string, number, string, (body: Erased) => object]>([
    ['a report of which nothing remains', 2, 'erasure_unfounded', () => ({ remains: null })],
    ['a ban under a report', 2, 'erasure_unfounded', (body) => left(body, { type: 'Block' })],
    ['one of another log', 2, 'wrong_log', (body) => left(body, { audience: body.name })],
    ['one of no log', 2, 'wrong_log', (body) => left(body, { audience: undefined })],
    ['one erased by the Delete of another', 2, 'erasure_unfounded', () => ({ by: 5 })],
    ['one erased before it was said', 3, 'erasure_unfounded', () => ({ by: 2 })],
    ['one whose Delete the home has not signed yet', 2, 'gap', () => ({ by: 6 })],
    ['one with an author beside', 2, 'erasure_unfounded', () => ({ author: bob.did })],
    [
      'a founding',
      0,
      'erasure_unfounded',
      () => ({
        ...{ erased: true, name: submolt, by: 4, author: null, parent: null },
        remains: { type: 'Create', actor: ada.did, target: ada.did, object: { type: 'Group' } },
      }),
    ],
  ])('%s', async (_, index, reason, change) => {
    expect(await applyWith(index, change)).toMatchObject({ ok: false, reason });
  });
});
