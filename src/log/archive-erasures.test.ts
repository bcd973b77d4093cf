// Missing bodies in an archive: on whose word they are missing, and how many on each.
import { describe, expect, test } from 'vitest';
import { agents, verdict, verify } from '../../test/archive-verdict.ts';
import { type Added, type Agent, agent, SampleLog, webAgent } from '../../test/sample-log.ts';
import { OPERATOR_GROUNDS, reasonOf } from '../protocol/erasure-grounds.ts';
import type { JsonObject } from '../protocol/json.ts';
import { MODERATORS } from '../protocol/labels.ts';

const { alice, bob, carol, mallory } = agents;

/** The log of a submolt of alice's with a moderator, carol, and a post of bob's. */
function begun(node?: Agent) {
  const log = SampleLog.founded(alice, node);
  log.add(alice, { type: 'Add', object: carol.did, target: MODERATORS });
  return { log, post: log.post(bob, 'A post') };
}

function erase(log: SampleLog, post: Added, by: Agent, more: JsonObject = {}): number {
  const { index } = log.add(by, { type: 'Delete', object: post.name, ...more });
  log.erase(post, index);
  return index;
}

/** Says that `maker`, who makes the archive, has dropped the body. */
function withdraw(log: SampleLog, post: Added, maker: Agent, change: JsonObject = {}): void {
  const draft = { type: 'Delete', object: post.name, origin: log.submolt, ...change };
  const { bytes } = log.sign(maker, { reason: reasonOf('legal'), ...draft });
  log.erase(post, 0);
  log.change(post.index, { erasedBy: null, withdrawal: bytes });
}

describe('a body that the log has erased is counted', () => {
  test.each([
    ['author', bob],
    ['moderator', carol],
    ['moderator', alice],
  ] as const)('for its %s', async (ground, by) => {
    const { log, post } = begun();
    erase(log, post, by);
    const { code, erased, erasures } = await verify(await log.archive());
    expect({ code, erased, count: erasures[ground] }).toEqual({ code: 0, erased: 1, count: 1 });
  });

  test.each(OPERATOR_GROUNDS)('for the home, on the ground %s', async (ground) => {
    const { log, post } = begun();
    erase(log, post, log.node, { reason: reasonOf(ground) });
    const { code, erasures } = await verify(await log.archive());
    expect({ code, count: erasures[ground] }).toEqual({ code: 0, count: 1 });
  });

  test('together with its edits, and each ground by itself', async () => {
    const { log, post } = begun();
    const words = { type: 'Article', name: 'x', content: 'y', mediaType: 'text/plain' };
    const edit = log.add(bob, { type: 'Update', target: post.name, object: words });
    const other = log.post(bob, 'Another');
    log.erase(edit, erase(log, post, carol));
    erase(log, other, log.node, { reason: reasonOf('gdpr') });
    const { code, erasures } = await verify(await log.archive());
    expect({ code, erasures }).toMatchObject({ code: 0, erasures: { moderator: 2, gdpr: 1 } });
  });
});

describe('code 24: erased without a ground', () => {
  test.each([
    ['by the home without a reason', () => ({})],
    ['by the home for a reason that is none', () => ({ reason: 'https://example.com/because' })],
  ])('%s', async (_, more) => {
    const { log, post } = begun();
    const by = erase(log, post, log.node, more());
    expect(await verdict(log)).toEqual([24, by]);
    expect((await verify(await log.archive())).erasures).toMatchObject({ legal: 0, moderator: 0 });
  });

  test('by another node, a moderator of before, or anybody with a reason', async () => {
    for (const by of [agent('another node'), carol, mallory]) {
      const { log, post } = begun();
      log.add(alice, { type: 'Remove', object: carol.did, target: MODERATORS });
      expect(await verdict(log)).toEqual([0]);
      const at = erase(log, post, by, { reason: reasonOf('legal') });
      expect(await verdict(log)).toEqual([24, at]);
    }
  });
});

describe('in a system log', () => {
  const text = (log: SampleLog, summary: string) =>
    log.add(bob, { type: 'Update', object: { type: 'Service', name: 'Bob', summary } });

  test('the texts of a profile are erased by the agent, or by the node on a ground', async () => {
    for (const by of [bob, agent('node')]) {
      const log = SampleLog.ofSystem();
      const texts = [text(log, 'one'), text(log, 'two')];
      const reason = reasonOf('gdpr');
      const { index } = log.add(by, { type: 'Delete', object: bob.did, reason });
      for (const one of texts) log.erase(one, index);
      const { code, erasures } = await verify(await log.archive());
      const ground = by === bob ? 'author' : 'gdpr';
      expect({ code, count: erasures[ground] }).toEqual({ code: 0, count: 2 });
    }
  });

  test('and by nobody else', async () => {
    const log = SampleLog.ofSystem();
    const one = text(log, 'one');
    const { index } = log.add(mallory, { type: 'Delete', object: bob.did });
    log.erase(one, index);
    expect(await verdict(log)).toEqual([24, index]);
  });

  test('what the node has withdrawn elsewhere is said by the node alone', async () => {
    const { post, log: elsewhere } = begun();
    const draft = { type: 'Delete', object: post.name, origin: elsewhere.submolt };
    for (const [by, code] of [
      [agent('node'), 0],
      [bob, 24],
    ] as const) {
      const log = SampleLog.ofSystem();
      log.add(by, { ...draft, reason: reasonOf('illegal') });
      expect((await verdict(log))[0]).toBe(code);
    }
  });
});

describe('code 26: withdrawn by whoever made the archive', () => {
  test.each([
    ['a did:key', agent('follower')],
    ['a did:web whose document is in the archive', webAgent('follower.example')],
  ])(
    'who is %s: it is told from an erasure, and does not count if the reader says so',
    async (_, maker) => {
      const { log, post } = begun();
      withdraw(log, post, maker);
      const archive = await log.archive();
      expect(await verdict(archive)).toEqual([26, post.index]);
      const report = await verify(archive, { allowWithdrawn: true });
      expect(report).toMatchObject({ ok: true, erased: 1, erasures: { withdrawn: 1, legal: 0 } });
      expect(report.findings.slice(-1)).toMatchObject([
        { code: 26, message: expect.stringContaining(maker.did) },
      ]);
    },
  );

  test('is code 20 where it is said of something else, or on no ground', async () => {
    const elsewhere = `ni:///sha-256;${'A'.repeat(43)}`;
    for (const change of [
      { origin: elsewhere },
      { object: elsewhere },
      { reason: 'https://example.com/because' },
    ]) {
      const { log, post } = begun();
      withdraw(log, post, agent('follower'), change);
      expect(await verdict(log)).toEqual([20, post.index]);
    }
  });

  test('is code 20 where somebody else signed it, or nobody has a key for it', async () => {
    const { log, post } = begun();
    withdraw(log, post, agent('follower'));
    const text = new TextDecoder().decode(log.entries[post.index]?.withdrawal ?? undefined);
    const withdrawal = new TextEncoder().encode(text.replaceAll(agent('follower').did, bob.did));
    log.change(post.index, { withdrawal: withdrawal as never });
    expect(await verdict(log)).toEqual([20, post.index]);
    const second = begun();
    withdraw(second.log, second.post, webAgent('follower.example'));
    const archive = await second.log.archive({ didDocuments: [] });
    expect(await verdict(archive)).toEqual([20, second.post.index]);
  });
});
