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

describe('acts whose words are erased', () => {
  const remarks = (findings: readonly { code: number; index?: number }[]) =>
    findings.flatMap(({ code, index }) => (code === 0 && index !== undefined ? [index] : []));
  const law = { reason: reasonOf('legal') };
  const report = (log: SampleLog, by: Agent, post: Added) =>
    log.add(by, { type: 'Flag', object: post.name, content: 'An address' });

  test('are counted by their ground, and each is said to be the word of the home', async () => {
    const { log, post } = begun();
    const one = report(log, bob, post);
    const other = report(log, alice, post);
    erase(log, one, bob);
    erase(log, other, log.node, law);
    const { code, erasures, findings } = await verify(await log.archive());
    expect({ code, erasures }).toMatchObject({ code: 0, erasures: { author: 1, legal: 1 } });
    expect(remarks(findings)).toEqual([one.index, other.index]);
  });

  test('have done what they did: a role that was given is a role', async () => {
    const { log, post } = begun();
    const role = { type: 'Add', object: mallory.did, target: MODERATORS, summary: 'An address' };
    const given = log.add(alice, role);
    log.add(mallory, {
      type: 'Remove',
      object: post.name,
      origin: log.submolt,
      audience: log.submolt,
    });
    erase(log, given, log.node, law);
    expect(await verdict(log)).toEqual([0]);
    // Of what nobody was entitled to, it says so still.
    const wrong = log.add(bob, { ...role, object: bob.did });
    erase(log, wrong, log.node, law);
    expect(await verdict(log)).toEqual([24, wrong.index]);
  });

  test.each([
    ['a moderator, of a report', carol, 'report'],
    ['its author, of a ban', carol, 'ban'],
    ['the owner, of somebody’s tombstone', alice, 'tombstone'],
    ['its author, of a tombstone', bob, 'tombstone'],
    ['a stranger with a reason', mallory, 'report'],
  ])('not by %s: code 24', async (_, by, what) => {
    const { log, post } = begun();
    const acts = {
      report: () => report(log, bob, post),
      ban: () =>
        log.add(carol, { type: 'Block', object: bob.did, target: log.submolt, summary: 'x' }),
      tombstone: () => {
        const act = log.add(bob, { type: 'Delete', object: post.name, summary: 'x' });
        log.erase(post, act.index);
        return act;
      },
    };
    const at = erase(log, acts[what as keyof typeof acts](), by, law);
    expect(await verdict(log)).toEqual([24, at]);
  });

  test('a tombstone’s place is taken by the one that erases it, and by the one after that', async () => {
    const { log, post } = begun();
    const words = { type: 'Article', name: 'x', content: 'y', mediaType: 'text/plain' };
    const edit = log.add(bob, { type: 'Update', target: post.name, object: words });
    const first = log.add(bob, { type: 'Delete', object: post.name, summary: 'An address' });
    log.erase(post, first.index);
    log.erase(edit, first.index);
    const second = log.add(log.node, { type: 'Delete', object: first.name, ...law, summary: 'x' });
    log.erase(first, second.index);
    let report = await verify(await log.archive());
    expect(report).toMatchObject({ code: 0, erased: 3, erasures: { author: 0, legal: 3 } });
    erase(log, second, log.node, { reason: reasonOf('gdpr') });
    report = await verify(await log.archive());
    expect(report).toMatchObject({ code: 0, erased: 4, erasures: { legal: 0, gdpr: 4 } });
  });

  test('a home cannot make up a tombstone and leave it at that: code 20', async () => {
    const { log, post } = begun();
    const other = log.post(bob, 'Other');
    const made = log.add(mallory, { type: 'Delete', object: post.name });
    log.erase(post, made.index);
    log.erase(made, made.index + 2);
    log.post(bob, 'In between');
    // It names something else.
    const { index } = log.add(log.node, { type: 'Delete', object: other.name, ...law });
    log.erase(other, index);
    expect((await verdict(log))[0]).toBe(20);
  });

  test.each([
    ['of another type', 10, { type: 'Block', object: bob.did }],
    ['of another log', 22, { audience: `ni:///sha-256;${'A'.repeat(43)}` }],
  ])('what remains %s is code %i', async (_, code, change) => {
    const { log, post } = begun();
    const one = report(log, bob, post);
    erase(log, one, bob);
    const remains = { ...log.entries[one.index]?.remains, ...change };
    log.change(one.index, { remains: remains as never });
    expect(await verdict(log)).toEqual([code, one.index]);
  });

  test('the founding is none of them, in its own log', async () => {
    const { log } = begun();
    const founding = { index: 0, name: log.submolt as Added['name'] };
    erase(log, founding, log.node, law);
    expect((await verdict(log))[0]).toBe(22);
  });

  test('a gap in the counts of an author may be theirs', async () => {
    const { log, post } = begun();
    const flag = { type: 'Flag', object: post.name, content: 'An address' };
    log.add(bob, { ...flag, seq: 0 });
    const gone = log.add(bob, { ...flag, seq: 1 });
    log.add(bob, { ...flag, seq: 2 });
    erase(log, gone, bob);
    expect((await verify(await log.archive(), { strictAuthors: true })).code).toBe(0);
  });

  test('what a follower has withdrawn of them is code 26', async () => {
    const { log, post } = begun();
    const one = report(log, bob, post);
    withdraw(log, one, agent('follower'));
    expect(await verdict(log)).toEqual([26, one.index]);
  });
});
