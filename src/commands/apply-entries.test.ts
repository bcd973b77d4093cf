// Replicas: the same rows as at home, whenever they began to follow, and nothing that the home did not sign.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { comment, group, post } from '../../test/drafts.ts';
import { checkInvariants, dumpTables } from '../../test/invariants.ts';
import { catchUp, fetchBatch, follow } from '../../test/replica.ts';
import { Agent, crypto, Sandbox } from '../../test/sandbox.ts';
import { live } from '../../test/world.ts';
import { signCheckpoint } from '../log/checkpoint.ts';
import { commitment, encodeEntry, makeEntry, parseEntry } from '../log/entry.ts';
import { Frontier, leafHash } from '../log/merkle.ts';
import { NOTE_ED25519, noteSigner } from '../log/note-key.ts';
import type { ActivityDraft } from '../protocol/activity.ts';
import { canonicalize } from '../protocol/jcs.ts';
import { didKeyResolver } from '../protocol/object.ts';
import { hashOf, nameFromHash, nameOf, type ObjectName } from '../protocol/object-name.ts';
import { derivedDigest } from '../store/derived-digest.ts';
import { readObject } from '../store/queries/activity-status.ts';
import { findLog } from '../store/queries/logs.ts';
import { getThread } from '../store/queries/threads.ts';
import { applyEntries, type ReplicatedEntry } from './apply-entries.ts';

const ada = new Agent('ada');
const bob = new Agent('bob');
let home: Sandbox;
let replica: Sandbox;

beforeEach(async () => {
  home = await Sandbox.open('a');
  replica = await Sandbox.open('b', { clock: home.clock });
});
afterEach(async () => {
  await checkInvariants(replica.db, crypto);
  await home.close();
  await replica.close();
});

const apply = (batch: Parameters<typeof applyEntries>[2]) =>
  applyEntries(replica.context, replica.sequencer, batch, () => didKeyResolver);

describe('a replica', () => {
  test.each([7, 8, 9])(
    'derives what its home derives (seed %d)',
    { timeout: 60_000 },
    async (seed) => {
      const { submolts } = await live(home, seed, 350);
      for (const submolt of submolts) {
        const origin = await follow(replica, home, submolt);
        expect(await catchUp(replica, home, origin)).toMatchObject({ ok: true });
        expect(await derivedDigest(replica.db, submolt)).toBe(
          await derivedDigest(home.db, submolt),
        );
      }
    },
  );

  test('that followed from the start has the rows of one that came after an erasure', async () => {
    const late = await Sandbox.open('c', { clock: home.clock });
    const submolt = await home.accept(ada, group('general'));
    const early = await follow(replica, home, submolt);
    const thread = await home.accept(ada, post(submolt, 'One'));
    const reply = await home.accept(bob, comment(submolt, thread, 'reply'));
    await home.accept(ada, comment(submolt, reply, 'reply to the reply'));
    await home.accept(bob, { type: 'Like', audience: submolt, object: thread });
    await catchUp(replica, home, early);
    await home.accept(bob, { type: 'Delete', audience: submolt, object: reply });
    await home.accept(ada, { type: 'Delete', audience: submolt, object: thread });
    await catchUp(replica, home, early);
    await follow(late, home, submolt);
    expect(await catchUp(late, home, early)).toMatchObject({ ok: true, size: 7 });
    const digest = await derivedDigest(home.db, submolt);
    expect(await derivedDigest(replica.db, submolt)).toBe(digest);
    expect(await derivedDigest(late.db, submolt)).toBe(digest);
    for (const node of [replica, late]) {
      expect(await readObject(node.db, hashOf(thread))).toEqual({ erased: true });
      const { comments } = await getThread(node.db, thread, { sort: 'old', limit: 9 });
      expect(comments).toMatchObject([{ is_deleted: true, content: '', replies: [{ depth: 2 }] }]);
    }
    await checkInvariants(late.db, crypto);
    await late.close();
  });

  test('passes over entries it has, and answers a gap with its size', async () => {
    const { origin } = await posts(4);
    await apply(await fetchBatch(home, origin, 0, 3));
    expect(await apply(await fetchBatch(home, origin, 4, 5))).toMatchObject({
      reason: 'gap',
      size: 3,
    });
    expect(await apply(await fetchBatch(home, origin, 1, 5))).toMatchObject({ ok: true, size: 5 });
    expect(await apply(await fetchBatch(home, origin, 0, 5))).toMatchObject({ ok: true, size: 5 });
  });

  test('hands on submissions, and forgets them when they come back', async () => {
    const { origin, submolt } = await posts(1);
    await catchUp(replica, home, origin);
    const object = await bob.sign(post(submolt, 'From the other node'), home.clock.now);
    const pending = { kind: 'pending', id: object.name };
    expect(await replica.send(object, bob.did)).toEqual(pending);
    expect(await replica.send(object, bob.did)).toEqual(pending);
    expect(await home.send(object, bob.did)).toMatchObject({ kind: 'accepted' });
    await catchUp(replica, home, origin);
    expect(await replica.send(object, bob.did)).toMatchObject({
      kind: 'accepted',
      first: false,
      receipt: { log: origin, index: 2 },
    });
  });
});

/** A submolt with posts, followed and empty. */
async function posts(count: number) {
  const submolt = await home.accept(ada, group('general'));
  const origin = await follow(replica, home, submolt);
  for (let i = 0; i < count; i++) await home.accept(ada, post(submolt, `Post ${i}`));
  return { origin, submolt };
}

/** The batch of everything, and what a dishonest home makes of it: all signed by its real log key. */
async function forged(
  change: (entries: ReplicatedEntry[], submolt: ObjectName) => Promise<unknown> | unknown,
) {
  const { origin, submolt } = await posts(3);
  const batch = await fetchBatch(home, origin, 0, 9);
  const entries = [...batch.entries];
  await change(entries, submolt);
  const frontier = new Frontier(crypto);
  for (const { line } of entries) frontier.append(leafHash(line, crypto));
  const checkpoint = { origin, size: frontier.size, root: frontier.root() };
  const signer = noteSigner(origin, NOTE_ED25519, home.context.node.logSeed, crypto);
  return { ...batch, entries, checkpoint: signCheckpoint(checkpoint, signer, crypto) };
}

const salt = new Uint8Array(16);
async function logged(
  agent: Agent,
  draft: ActivityDraft,
  t = home.clock.now,
): Promise<ReplicatedEntry> {
  const object = await agent.sign(draft, home.clock.now);
  const entry = makeEntry(commitment(salt, object.bytes, crypto), object.activity.type, t);
  const body = {
    erased: false,
    object: JSON.parse(new TextDecoder().decode(object.bytes)),
    salt,
  } as const;
  return { line: encodeEntry(entry), body };
}

const nowhere = nameFromHash(new Uint8Array(32));

describe('what the home cannot make a replica believe', () => {
  type Change = Parameters<typeof forged>[0];
  const cases: [string, string, Change][] = [
    ['the same object twice', 'duplicate_object', (list) => list.push(list[1]!)],
    [
      'a body that does not open its entry',
      'commitment_mismatch',
      (list) => {
        list[2] = { line: list[2]!.line, body: list[3]!.body };
      },
    ],
    [
      'an act signed for another submolt',
      'wrong_log',
      async (list) => list.push(await logged(bob, post(nowhere, 'x'))),
    ],
    ['a log without its founding act', 'wrong_log', (list) => list.shift()],
    [
      'time that runs backwards',
      'time_backwards',
      async (list, submolt) => list.push(await logged(bob, post(submolt, 'x'), 5)),
    ],
    [
      'another kind than the body’s',
      'kind_mismatch',
      (list) => {
        const entry = parseEntry(list[3]!.line)!;
        list[3] = { ...list[3]!, line: encodeEntry({ ...entry, k: 'Like' }) };
      },
    ],
    [
      'a line that is not canonical',
      'entry_malformed',
      (list) => {
        list[3] = { ...list[3]!, line: new Uint8Array([...list[3]!.line, 0x20]) };
      },
    ],
    [
      'words the author did not sign',
      'object_refused',
      (list) => {
        const { body, line } = list[3]!;
        if (body.erased || body.object === undefined) return;
        const object = { ...body.object, object: { type: 'Article', name: 'Forged' } };
        list[3] = { line, body: { ...body, object } };
      },
    ],
    [
      'an erasure that no Delete demands',
      'erasure_unfounded',
      (list) => {
        const body = { erased: true, name: nowhere, by: 3, author: ada.did, parent: null } as const;
        list[2] = { line: list[2]!.line, body };
      },
    ],
    [
      'an erasure by somebody else’s Delete',
      'erasure_unfounded',
      async (list, submolt) => {
        const name = nameAt(list[2]!);
        list[2] = {
          line: list[2]!.line,
          body: { erased: true, name, by: 4, author: ada.did, parent: null },
        };
        list.push(await logged(bob, { type: 'Delete', audience: submolt, object: name }));
      },
    ],
    [
      'an erased vote',
      'erasure_unfounded',
      async (list, submolt) => {
        const vote = await logged(bob, {
          type: 'Like',
          audience: submolt,
          object: nameAt(list[1]!),
        });
        list.push({
          line: vote.line,
          body: { erased: true, name: nowhere, by: 5, author: null, parent: null },
        });
      },
    ],
  ];

  test.each(cases)('%s: %s', async (_, reason, change) => {
    const batch = await forged(change);
    const before = await dumpTables(replica.db);
    expect(await apply(batch)).toMatchObject({ ok: false, reason });
    expect(await dumpTables(replica.db)).toEqual(before);
  });

  function nameAt({ body }: ReplicatedEntry): ObjectName {
    if (body.erased || body.object === undefined) throw new Error('erased');
    return nameOf(canonicalize(body.object), crypto);
  }

  test('an entry from a time to come, until it has', async () => {
    const { origin } = await posts(1);
    home.clock.now += 3_600_000;
    await home.accept(ada, post((await findLog(home.db, origin))!.submolt!, 'Tomorrow'));
    const batch = await fetchBatch(home, origin, 0, 9);
    home.clock.now -= 600_001;
    expect(await apply(batch)).toMatchObject({ reason: 'too_early', index: 2 });
    home.clock.now += 1;
    expect(await apply(batch)).toMatchObject({ ok: true, size: 3 });
  });

  test('an erasure whose Delete comes later and is none', async () => {
    const { origin } = await posts(3);
    const batch = await fetchBatch(home, origin, 0, 9);
    const name = nameAt(batch.entries[1]!);
    const entries = [...batch.entries];
    entries[1] = {
      line: entries[1]!.line,
      body: { erased: true, name, by: 3, author: ada.did, parent: null },
    };
    expect(await apply({ ...batch, entries: entries.slice(0, 2) })).toMatchObject({ ok: true });
    expect(await apply({ ...batch, start: 2, entries: entries.slice(2) })).toMatchObject({
      reason: 'erasure_unfounded',
      index: 3,
    });
  });

  test('a checkpoint of another key, another root, or too few entries', async () => {
    const { origin } = await posts(2);
    const batch = await fetchBatch(home, origin, 0, 9);
    const note = (size: number, root: Uint8Array, seed: Uint8Array) =>
      signCheckpoint(
        { origin, size, root },
        noteSigner(origin, NOTE_ED25519, seed, crypto),
        crypto,
      );
    const { root, size } = (await findLog(home.db, origin))!;
    const { logSeed } = home.context.node;
    const answer = async (checkpoint: string) => apply({ ...batch, checkpoint });
    const before = await dumpTables(replica.db);
    expect(await answer(note(size, root, bob.seed))).toMatchObject({
      reason: 'checkpoint_invalid',
    });
    expect(await answer(note(size, salt2(root), logSeed))).toMatchObject({
      reason: 'root_mismatch',
    });
    expect(await answer(note(2, root, logSeed))).toMatchObject({ reason: 'beyond_checkpoint' });
    expect(await answer('nonsense')).toMatchObject({ reason: 'checkpoint_invalid' });
    expect(await dumpTables(replica.db)).toEqual(before);
  });

  const salt2 = (root: Uint8Array) => root.map((byte) => byte ^ 1);

  test('entries of a log it does not follow, or is home of', async () => {
    const { submolt } = await posts(1);
    const batch = await fetchBatch(home, `a.test/log/${submolt.split(';')[1]}`, 0, 9);
    const elsewhere = { ...batch, origin: 'a.test/log/system' };
    expect(await apply(elsewhere)).toMatchObject({ reason: 'log_unknown' });
    const { context, sequencer } = home;
    const own = await applyEntries(context, sequencer, batch, () => didKeyResolver);
    expect(own).toMatchObject({ reason: 'log_unknown' });
  });

  test('a submolt that names another node as its home', async () => {
    const submolt = await home.accept(ada, group('general'));
    const founding = await logged(ada, group('stolen', replica.context.node.did));
    const name = nameAt(founding);
    const origin = await follow(replica, home, name);
    const frontier = new Frontier(crypto);
    frontier.append(leafHash(founding.line, crypto));
    const checkpoint = { origin, size: 1, root: frontier.root() };
    const signer = noteSigner(origin, NOTE_ED25519, home.context.node.logSeed, crypto);
    const note = signCheckpoint(checkpoint, signer, crypto);
    const batch = { origin, start: 0, entries: [founding], checkpoint: note, caller: null };
    expect(await apply(batch)).toMatchObject({ reason: 'wrong_log' });
    expect(submolt).not.toBe(name);
  });
});
