// The figures of archives that were made by hand are those that a person computes.
import { describe, expect, test } from 'vitest';
import { agents } from '../../test/archive-verdict.ts';
import { crypto, SampleLog, START, stream, webAgent } from '../../test/sample-log.ts';
import { utf8 } from '../protocol/bytes.ts';
import { formatDateTime } from '../protocol/date-time.ts';
import type { Did } from '../protocol/did.ts';
import { OWNERS } from '../protocol/labels.ts';
import { draftAcceptance } from '../protocol/owner-acceptance.ts';
import { draftOwnerCredential } from '../protocol/ownership.ts';
import { secureCredential } from '../protocol/secured-credential.ts';
import { readArchiveRows } from './archive-rows.ts';
import { computeResearch } from './research.ts';
import { giniOf, slopeOf, topTenth } from './research-numbers.ts';
import { Owners } from './research-owners.ts';
import { Texts } from './research-texts.ts';
import { NumberSet, normalText, phrasesOf, sketchOf, wordsOf } from './text-sketch.ts';

const { alice, bob, carol, mallory } = agents;

/** Three posts and four comments, of which two are answers by the author itself or to nobody else. */
function village() {
  const log = SampleLog.founded(alice);
  const note = (author: typeof bob, inReplyTo: string, content: string) =>
    log.add(author, {
      type: 'Create',
      object: { type: 'Note', content, mediaType: 'text/plain', inReplyTo },
    });
  const first = log.post(bob, 'First');
  const second = log.post(bob, 'Second');
  const third = log.post(carol, 'Third');
  const answer = note(carol, first.name, 'Why so?');
  note(bob, answer.name, 'Because.');
  note(carol, third.name, 'To myself.');
  const late = note(mallory, third.name, 'Because.');
  log.add(alice, { type: 'Like', object: first.name });
  log.add(mallory, { type: 'Like', object: first.name });
  const vote = log.add(mallory, { type: 'Dislike', object: second.name });
  log.add(mallory, { type: 'Undo', object: vote.name });
  return { log, late };
}

async function figuresOf(log: SampleLog, owners: ReadonlyMap<Did, string> | null = null) {
  const rows = readArchiveRows(stream(await log.archive()), crypto);
  return computeResearch(rows, { crypto, windowDays: 1, owners });
}

describe('a village', () => {
  test('who answers whom, and how much each writes', async () => {
    const figures = await figuresOf(village().log);
    expect(figures).toMatchObject({
      ...{ entries: 12, erased: 0 },
      replies: {
        ...{ posts: 3, posts_answered: 2, reply_rate: 0.666667 },
        ...{ comments: 4, comments_answered: 1, comment_reply_rate: 0.25 },
      },
      reciprocity: { pairs: 3, mutual: 2, reciprocity: 0.666667 },
      activity: { authors: 3, gini: 0.190476, top_tenth_share: 0.428571 },
      duplicates: { texts: 7, duplicates: 1, duplicate_share: 0.142857, compared: 0 },
    });
  });

  test('who stands behind votes', async () => {
    const { log } = village();
    expect((await figuresOf(log)).votes).toEqual({
      ...{ up: 2, down: 1, undone: 1, signers: 2, voters: 2, votes_gini: 0.166667 },
      ...{ owners: null, voters_with_owner: null, parties: null, largest_owner_share: null },
    });
    const one = new Map([[mallory.did, 'did:web:firm.example']]);
    expect((await figuresOf(log, one)).votes).toMatchObject({
      ...{ owners: 1, voters_with_owner: 1, parties: 2, largest_owner_share: 0.666667 },
    });
    const both = new Map([...one, [alice.did, 'did:web:firm.example']]);
    expect((await figuresOf(log, both)).votes).toMatchObject({
      ...{ owners: 1, voters_with_owner: 2, parties: 1, largest_owner_share: 1 },
    });
  });

  test('what was erased was there all the same, but for its words', async () => {
    const { log, late } = village();
    const { index } = log.add(mallory, { type: 'Delete', object: late.name });
    log.erase(late, index);
    const figures = await figuresOf(log);
    expect(figures).toMatchObject({
      ...{ erased: 1, replies: { posts_answered: 2, comments: 4 }, duplicates: { texts: 6 } },
      duplicates: { duplicates: 0 },
    });
  });

  test('the same archive gives the same figures', async () => {
    const { log } = village();
    expect(JSON.stringify(await figuresOf(log))).toBe(JSON.stringify(await figuresOf(log)));
  });
});

describe('owners', () => {
  const accept = async (log: SampleLog, agent: typeof bob, issuer: string, days = 90) => {
    const says = { issuer, agent: agent.did, validFrom: '2026-11-20T09:11:00Z' };
    const until = START + 5_227_260 + days * 86_400;
    const credential = draftOwnerCredential({ ...says, validUntil: formatDateTime(until) });
    const form = agent === carol ? 'application/vc+jwt' : 'application/vc';
    const key = { kind: 'Ed25519', secret: agent.seed } as const;
    const signer = { key, keyId: `${issuer}#key` };
    const text = await secureCredential(credential, form, signer, START, crypto);
    const draft = draftAcceptance(text, form, crypto) as { object: string };
    return { ...log.add(agent, draft as never), credential: draft.object };
  };
  const ownersOf = async (...logs: SampleLog[]) => {
    const found = new Owners();
    for (const log of logs) {
      for await (const row of readArchiveRows(stream(await log.archive()), crypto)) found.take(row);
    }
    return Object.fromEntries(found.byAgent());
  };
  const [one, two] = ['did:web:one.example', 'did:web:two.example'];

  test('the last acceptance that nobody has withdrawn', async () => {
    const log = SampleLog.ofSystem();
    await accept(log, bob, one);
    const second = await accept(log, bob, two);
    const shared = await accept(log, carol, one);
    expect(await ownersOf(log)).toEqual({ [bob.did]: two, [carol.did]: one });
    log.add(bob, { type: 'Remove', object: second.credential, target: OWNERS });
    expect((await ownersOf(log))[bob.did]).toBe(one);
    // Neither agent nor owner has said so, whatever the home has let in.
    log.add(bob, { type: 'Remove', object: shared.credential, target: OWNERS });
    expect((await ownersOf(log))[carol.did]).toBe(one);
    log.add(webAgent('one.example'), { type: 'Remove', object: shared.credential, target: OWNERS });
    expect(await ownersOf(log)).not.toHaveProperty(carol.did);
  });

  test('of several logs, in whatever order they are given', async () => {
    const [here, there] = [SampleLog.ofSystem(), SampleLog.ofSystem(webAgent('there.example'))];
    await accept(here, bob, one);
    there.add(alice, { type: 'Update', object: { type: 'Service', name: 'Something before' } });
    await accept(there, bob, two);
    const ended = await accept(there, carol, one);
    here.add(carol, { type: 'Remove', object: ended.credential, target: OWNERS });
    expect(await ownersOf(here, there)).toEqual({ [bob.did]: two });
    expect(await ownersOf(there, here)).toEqual({ [bob.did]: two });
  });

  test('unknown where the words of the last acceptance are gone', async () => {
    const [log, other] = [SampleLog.ofSystem(), SampleLog.ofSystem()];
    await accept(log, bob, one);
    const last = await accept(log, bob, two, 30);
    await accept(other, bob, two, 30);
    const { index } = log.add(bob, { type: 'Delete', object: last.name });
    log.erase(last, index);
    expect(await ownersOf(log)).toEqual({});
    expect(await ownersOf(log, other)).toEqual({ [bob.did]: two });
  });

  test('only by a credential about the agent', async () => {
    const log = SampleLog.ofSystem();
    const { name } = await accept(log, bob, one);
    const {
      '@context': _,
      actor: __,
      proof: ___,
      ...draft
    } = JSON.parse(new TextDecoder().decode(log.entries[1]?.bytes as Uint8Array));
    log.add(mallory, draft);
    expect(name).toMatch(/^ni:/);
    expect(await ownersOf(log)).toEqual({ [bob.did]: one });
  });
});

test('a vote that a home lets be taken back twice is taken back once', async () => {
  const { log } = village();
  const { name } = log.add(bob, { type: 'Like', object: log.post(carol, 'Fourth').name });
  for (let n = 0; n < 2; n++) log.add(bob, { type: 'Undo', object: name, seq: n });
  expect((await figuresOf(log)).votes).toMatchObject({ up: 3, undone: 2 });
});

test('a founding in a system log is no post, erased or not', async () => {
  const log = SampleLog.ofSystem();
  const object = { type: 'Group', preferredUsername: 'molting', name: 'Molting' };
  const founding = log.add(alice, { type: 'Create', target: log.node.did, object });
  expect((await figuresOf(log)).replies.posts).toBe(0);
  const legal = 'https://w3id.org/exuvia/reason#legal';
  const { index } = log.add(log.node, { type: 'Delete', object: founding.name, reason: legal });
  log.erase(founding, index);
  expect((await figuresOf(log)).replies.posts).toBe(0);
});

describe('texts', () => {
  const day = (n: number) => (START + n * 86_400) * 1000;

  test('resemble each other by their words and phrases, window by window', () => {
    const texts = new Texts(crypto, 1);
    for (const text of ['apple banana', 'apple cherry']) texts.take(text, day(0));
    for (const text of ['one two six seven', 'one two six eight']) texts.take(text, day(1));
    texts.take('alone', day(2));
    expect(texts.convergence()).toEqual({
      window_days: 1,
      windows: [
        { from: '2026-09-21', texts: 2, topics: 0.5, phrasing: null },
        { from: '2026-09-22', texts: 2, topics: 0, phrasing: 0.5 },
        { from: '2026-09-23', texts: 1, topics: null, phrasing: null },
      ],
      topics_trend: -0.5,
      phrasing_trend: null,
    });
  });

  test('show a trend over time, silence included', () => {
    const texts = new Texts(crypto, 1);
    for (const text of ['apple banana', 'apple cherry']) texts.take(text, day(0));
    for (const text of ['grape lemon', 'peach olive']) texts.take(text, day(10));
    expect(texts.convergence()).toMatchObject({ topics_trend: -0.05 });
  });

  test('are duplicates but for case and space, and near-duplicates but for a word', () => {
    const words = Array.from({ length: 60 }, (_, n) => `word${n * n}`);
    const text = words.join(' ');
    const texts = new Texts(crypto, 7);
    texts.take(text, day(0));
    texts.take(`  ${text.toUpperCase().replaceAll(' ', '\n')} `, day(0));
    texts.take(words.with(30, 'changed').join(' '), day(0));
    texts.take(words.toReversed().join(' '), day(0));
    texts.take('too short', day(0));
    texts.take('Too  short', day(0));
    texts.take('', day(0));
    expect(texts.duplicates()).toEqual({
      ...{ texts: 6, duplicates: 2, duplicate_share: 0.333333 },
      ...{ compared: 4, near_duplicates: 2, near_duplicate_share: 0.5 },
    });
  });

  test('are compared in one normal form and by words of every script', () => {
    expect(normalText('  Ａ\u00a0ﬁne\n\tDay ')).toBe('a fine day');
    expect(wordsOf(normalText("Don't — 東京 is naïve, 42!"))).toEqual([
      "don't",
      '東京',
      'is',
      'naïve',
      '42',
    ]);
  });

  test('share a band of their sketches the more often the more alike they are', () => {
    const phrases = (from: number) => new Set(Array.from({ length: 100 }, (_, n) => n + from));
    let [near, far] = [0, 0];
    for (let n = 0; n < 200; n++) {
      const base = sketchOf(phrases(n * 1000));
      // A similarity of 95/105, and of 50/150.
      if (sketchOf(phrases(n * 1000 + 5)).some((hash, band) => hash === base[band])) near += 1;
      if (sketchOf(phrases(n * 1000 + 50)).some((hash, band) => hash === base[band])) far += 1;
    }
    expect(near).toBeGreaterThan(190);
    expect(far).toBeLessThan(10);
    expect(sketchOf(phrasesOf(['a', 'b', 'c', 'd']))).toEqual(
      sketchOf(phrasesOf(['a', 'b', 'c', 'd'])),
    );
  });

  test('numbers that were met are known again', () => {
    const numbers = new NumberSet();
    const values = Array.from({ length: 5000 }, (_, n) =>
      new DataView(crypto.sha256(utf8(`${n}`)).buffer).getUint32(0),
    ).concat(0, 0xffffffff);
    expect(values.map((value) => numbers.add(value))).not.toContain(false);
    expect(values.map((value) => numbers.add(value))).not.toContain(true);
  });
});

test('the formulas of numbers', () => {
  expect([giniOf([1, 1, 1]), giniOf([0, 0, 4]), giniOf([]), giniOf([0])]).toEqual([
    ...[0, 0.666667, null, null],
  ]);
  expect(topTenth(Array.from({ length: 11 }, (_, n) => n))).toBe(0.345455);
  const slope = (...values: (number | null)[]) => slopeOf(values.map((y, x) => ({ x, y })));
  expect([slope(1, null, 3, 4), slope(1), slope(2, 2), slope()]).toEqual([1, null, 0, null]);
});
