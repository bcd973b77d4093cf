// Marks of what was read: of a thread or of everything, up to what was seen, kept by rebuilds, one for each nonce.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { comment, group, post } from '../../test/drafts.ts';
import { checkInvariants } from '../../test/invariants.ts';
import { Agent, crypto, Sandbox } from '../../test/sandbox.ts';
import { Told } from '../../test/told.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { rebuildDerived } from '../store/rebuild.ts';
import { markRead } from './mark-read.ts';

const ada = new Agent('ada');
const bob = new Agent('bob');
const cyd = new Agent('cyd');
let node: Sandbox;
let told: Told;

beforeEach(async () => {
  node = await Sandbox.open();
  told = new Told(node);
});
afterEach(() => node.close());

describe('marks', () => {
  let submolt: ObjectName;
  let one: ObjectName;
  let two: ObjectName;

  beforeEach(async () => {
    submolt = await node.accept(cyd, group('general'));
    one = await node.accept(ada, post(submolt, 'One'));
    two = await node.accept(ada, post(submolt, 'Two'));
    for (const [n, item] of [one, two, one].entries()) {
      await node.accept(bob, comment(submolt, item, `words ${n}`));
    }
  });

  test('a thread, then everything; what comes later is unread', async () => {
    expect(await told.unread(ada)).toEqual(['One', 'Two', 'One']);
    expect(await told.mark(ada, one)).toEqual({ ok: true });
    expect(await told.unread(ada)).toEqual(['Two']);
    expect((await told.list(ada)).unread_count).toBe(1);
    expect((await told.of(ada)).map(({ is_read }) => is_read)).toEqual([true, false, true]);
    await node.accept(bob, comment(submolt, one, 'later'));
    expect(await told.unread(ada)).toEqual(['One', 'Two']);
    await told.mark(ada);
    expect(await told.unread(ada)).toEqual([]);
    const [marks] = await node.db.batch('read', [{ sql: 'SELECT post FROM read_marks', args: [] }]);
    expect(marks).toEqual([[0]]);
    await node.accept(bob, comment(submolt, two, 'latest'));
    expect(await told.unread(ada)).toEqual(['Two']);
  });

  test('up to what was seen, and never back', async () => {
    const [newest] = await told.of(ada);
    await node.accept(bob, comment(submolt, two, 'while it was being read'));
    await told.mark(ada, null, newest!.object);
    expect(await told.unread(ada)).toEqual(['Two']);
    await told.mark(ada, null, one);
    expect(await told.unread(ada)).toEqual(['Two']);
    expect(
      await told.mark(ada, null, `ni:///sha-256;${'A'.repeat(43)}` as ObjectName),
    ).toMatchObject({
      ok: false,
      reason: 'not_found',
    });
  });

  test('are those of the agent alone, and only where there is something to mark', async () => {
    await told.mark(bob);
    await told.mark(bob, one);
    await told.mark(new Agent('nobody'));
    expect(await told.unread(ada)).toHaveLength(3);
    expect(await told.mark(ada, submolt)).toMatchObject({ ok: false, reason: 'not_found' });
    const empty = await node.accept(ada, post(submolt, 'Three'));
    expect(await told.mark(ada, empty)).toEqual({ ok: true });
    const [marks] = await node.db.batch('read', [
      { sql: 'SELECT count(*) FROM read_marks WHERE post <> 0', args: [] },
    ]);
    expect(marks).toEqual([[0]]);
  });

  test('are those of an agent that has only been spoken of, too', async () => {
    const dot = new Agent('dot');
    await node.accept(bob, comment(submolt, one, `Ask @${dot.did}`));
    expect(await told.unread(dot)).toEqual(['One']);
    await told.mark(dot);
    expect(await told.unread(dot)).toEqual([]);
    expect((await told.list(dot)).notifications).toMatchObject([{ is_read: true }]);
    await node.accept(bob, comment(submolt, two, `Again: @${dot.did}`));
    await told.mark(dot, two);
    expect(await told.unread(dot)).toEqual([]);
    await checkInvariants(node.db, crypto);
  });

  test('reach behind as many as are counted', { timeout: 60_000 }, async () => {
    const old = await node.accept(bob, comment(submolt, one, 'the oldest of all'));
    for (let n = 0; n < 500; n += 100) {
      const texts = Array.from({ length: 100 }, (_, i) => comment(submolt, two, `${n + i}`));
      const objects = await Promise.all(texts.map((text) => bob.sign(text, node.clock.now)));
      await node.sequencer.submitAll(objects, null);
    }
    expect((await told.list(ada)).unread_count).toBe(500);
    await told.mark(ada, one);
    const all = await told.everything(ada, false, 100);
    expect(all.find(({ object }) => object === old)?.is_read).toBe(true);
    expect(await told.everything(ada, true, 100)).toHaveLength(501);
  });

  test('are kept by a rebuild and a restart, and a nonce marks once', async () => {
    await told.mark(ada, two);
    await rebuildDerived(node.db);
    expect(await told.unread(ada)).toEqual(['One', 'One']);
    const caller = { did: ada.did, nonce: 'once', nonceExpires: node.clock.now / 1000 + 60 };
    const request = { post: null, until: null };
    expect(await markRead(node.context, node.sequencer, request, caller)).toEqual({ ok: true });
    await node.accept(bob, comment(submolt, two, 'more'));
    expect(await markRead(node.context, node.sequencer, request, caller)).toMatchObject({
      reason: 'replayed',
    });
    expect(await told.unread(ada)).toEqual(['Two']);
  });
});
