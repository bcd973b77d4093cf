// Searching: what is found and in which order, in pages, and what nobody must find.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { comment, group, post } from '../../../test/drafts.ts';
import { fill } from '../../../test/fill-search.ts';
import { Agent, identityOf, Sandbox } from '../../../test/sandbox.ts';
import type { ActivityDraft } from '../../protocol/activity.ts';
import { type ObjectName, parseObjectName } from '../../protocol/object-name.ts';
import { type SearchQuery, searchTexts } from './search.ts';

const [ada, bob] = [new Agent('ada'), new Agent('bob')];
const operator = Object.assign(new Agent('operator'), identityOf('a'));
let node: Sandbox;
let submolt: ObjectName;
beforeEach(async () => {
  node = await Sandbox.open();
  submolt = await node.accept(ada, group('general'));
});
afterEach(() => node.close());

const say = (agent: Agent, draft: object) => node.accept(agent, draft as ActivityDraft);
const here = (agent: Agent, draft: object) => say(agent, { audience: submolt, ...draft });
const profile = (name: string, summary = '') => ({
  type: 'Update',
  object: { type: 'Service', name, summary },
});

async function search(q: string, more: Partial<SearchQuery> = {}) {
  await fill(node.db);
  return searchTexts(node.db, { q, type: 'all', limit: 10, now: node.clock.now, ...more });
}
async function found(q: string, more?: Partial<SearchQuery>): Promise<string[]> {
  const { results } = await search(q, more);
  return results.map(({ content, title, type }) => `${type} ${title ?? content}`);
}

describe('what is found', () => {
  test('posts, comments, submolts and agents, each by its kind too', async () => {
    const thread = await node.accept(ada, post(submolt, 'Lobsters'));
    await node.accept(bob, comment(submolt, thread, 'Lobsters molt in summer.'));
    await node.accept(ada, group('lobster-pots'));
    await say(bob, profile('Lobster Bob'));
    const [a, b, c, d] = [
      'post Lobsters',
      'comment Lobsters molt in summer.',
      'submolt The lobster-pots',
      'agent Lobster Bob',
    ];
    expect(await found('lobster')).toEqual([c, a, d, b]);
    expect(await found('lobster', { type: 'posts' })).toEqual([a]);
    expect(await found('lobster', { type: 'comments' })).toEqual([b]);
    expect(await found('lobster', { type: 'submolts' })).toEqual([c]);
    expect(await found('lobster', { type: 'agents' })).toEqual([d]);
  });

  test('of one submolt alone, where that is asked', async () => {
    const other = await node.accept(ada, group('other'));
    await node.accept(ada, post(submolt, 'Crab here'));
    await node.accept(ada, post(other, 'Crab there'));
    expect(await found('crab', { submolt: other })).toEqual(['post Crab there']);
    expect(await found('crab', { submolt, type: 'comments' })).toEqual([]);
  });

  test('a result says what it is, why it was found, and where it stands', async () => {
    const title = 'On "molting" <b>';
    const content = `${'Nothing here. '.repeat(60)}A shell <script>alert(1)</script> at last.`;
    const words = { type: 'Article', name: title, content, mediaType: 'text/plain' };
    const thread = await here(ada, { type: 'Create', object: words });
    const reply = await node.accept(bob, comment(submolt, thread, 'What a shell.'));
    await say(bob, profile('Bob'));
    const { results, next_cursor, posts } = await search('SHELLS');
    expect(next_cursor).toBeNull();
    expect(results.map(({ id }) => parseObjectName(`ni:///sha-256;${id}`))).toEqual([
      reply,
      thread,
    ]);
    expect(posts.map(({ object }) => object)).toEqual([thread]);
    const [first, second] = results;
    const place = { submolt: { name: 'general' }, post_id: second?.id };
    const from = { object: reply, did: bob.did, author: { did: bob.did, name: 'Bob' } };
    const votes = { upvotes: 0, downvotes: 0, verified: true, similarity: 0.8 };
    expect(first).toMatchObject({ type: 'comment', title: null, ...from, ...votes, ...place });
    expect(first?.post).toEqual({ id: second?.id, title });
    expect(second).toMatchObject({ type: 'post', title, content, ...votes, ...place, post: null });
    const { marks, text } = second?.excerpt ?? expect.fail();
    expect(text.length).toBeLessThan(250);
    expect(marks.map(([start, end]) => text.slice(start, end))).toEqual(['shell']);
    expect(text).toContain('<script>');
  });

  test('what has more of the words first, then what has them in its title, then the newest', async () => {
    for (const title of ['Blue', 'Blue whale', 'Whale', 'Blue whale again', 'Neither']) {
      await node.accept(ada, post(submolt, title));
    }
    expect(await found('blue whale')).toEqual([
      'post Blue whale again',
      'post Blue whale',
      'post Whale',
      'post Blue',
    ]);
  });

  test('nothing for a query without words', async () => {
    await node.accept(ada, post(submolt, 'Something'));
    for (const q of ['', '   ', '!!! ???', '\u0000', '\ud800', '"""', '🦞']) {
      expect(await found(q)).toEqual([]);
    }
  });

  test('no sign of a query has a meaning but its letters', async () => {
    await node.accept(ada, post(submolt, 'Near misses'));
    const hostile = [
      '"near',
      'near"',
      'NEAR(near misses)',
      'near AND (',
      'near OR NOT',
      'codes:near',
      '{codes}: near',
      '^near',
      'near*',
      '- near',
      'near + misses',
      "near' OR 1=1 --",
      'near; DROP TABLE items',
      'kindpost near',
      'near\u0000misses',
      `near ${'x'.repeat(480)}`,
    ];
    for (const q of hostile) expect(await found(q)).toContain('post Near misses');
    expect(await found('kindpost')).toEqual([]);
  });
});

describe('pages', () => {
  test('have everything once, whatever is written in between', async () => {
    for (let i = 0; i < 25; i++) await node.accept(ada, post(submolt, `Wave number ${i}`));
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page: Awaited<ReturnType<typeof search>> = await search('wave numbers', {
        limit: 4,
        cursor,
      });
      ids.push(...page.results.map(({ id }) => id));
      cursor = page.next_cursor ?? undefined;
      await node.accept(ada, post(submolt, `Wave number ${ids.length} after`));
    } while (cursor !== undefined);
    expect(ids).toHaveLength(25);
    expect(new Set(ids).size).toBe(25);
  });

  test('go on in the same search alone', async () => {
    for (let i = 0; i < 3; i++) await node.accept(ada, post(submolt, `Wave ${i}`));
    const { next_cursor } = await search('wave', { limit: 1 });
    const cursor = next_cursor ?? expect.fail();
    expect((await search('wave', { limit: 5, cursor })).results).toHaveLength(2);
    const code = { code: 'cursor_invalid' };
    await expect(search('waves and more', { cursor })).rejects.toMatchObject(code);
    await expect(search('wave', { type: 'posts', cursor })).rejects.toMatchObject(code);
    for (const wrong of ['', 'x', 'AAAA', `${cursor}AAAA`, cursor.slice(4)]) {
      await expect(search('wave', { cursor: wrong })).rejects.toMatchObject(code);
    }
  });
});

describe('what is not found any more', () => {
  test('words that an edit has taken away; those it has brought are', async () => {
    const thread = await node.accept(ada, post(submolt, 'Cuttlefish'));
    const reply = await node.accept(bob, comment(submolt, thread, 'Barnacle'));
    await search('anything');
    const object = { type: 'Article', name: 'Nautilus' };
    await here(ada, { type: 'Update', target: thread, object });
    const note = { type: 'Note', content: 'Limpet', mediaType: 'text/plain', inReplyTo: thread };
    await here(bob, { type: 'Update', target: reply, object: note });
    for (const old of ['cuttlefish', 'barnacle']) expect(await found(old)).toEqual([]);
    expect(await found('nautilus')).toEqual(['post Nautilus']);
    expect(await found('limpet')).toEqual(['comment Limpet']);
  });

  test.each(['indexed before', 'never indexed'])('what is erased, %s', async (when) => {
    const thread = await node.accept(ada, post(submolt, 'Cuttlefish'));
    const reply = await node.accept(bob, comment(submolt, thread, 'Cuttlefish too'));
    if (when === 'indexed before') expect(await found('cuttlefish')).toHaveLength(2);
    await here(bob, { type: 'Delete', object: reply });
    expect(await found('cuttlefish')).toEqual(['post Cuttlefish']);
    await here(ada, { type: 'Delete', object: thread });
    expect(await found('cuttlefish')).toEqual([]);
  });

  test('what a moderator has removed, and what is below it, until it is put back', async () => {
    const thread = await node.accept(bob, post(submolt, 'Cuttlefish'));
    await node.accept(bob, comment(submolt, thread, 'Cuttlefish too'));
    expect(await found('cuttlefish')).toHaveLength(2);
    await here(ada, { type: 'Remove', object: thread, origin: submolt });
    expect(await found('cuttlefish')).toEqual([]);
    await here(ada, { type: 'Add', object: thread, target: submolt });
    expect(await found('cuttlefish')).toHaveLength(2);
  });

  test('what an agent or a submolt is called no more', async () => {
    await say(bob, profile('Barnacle', 'counts cuttlefish'));
    await here(ada, {
      type: 'Update',
      target: submolt,
      object: { type: 'Group', preferredUsername: 'general', name: 'Nautilus' },
    });
    expect(await found('barnacle')).toEqual(['agent Barnacle']);
    expect(await found('nautilus')).toEqual(['submolt Nautilus']);
    await say(bob, profile('Limpet'));
    expect(await found('barnacle')).toEqual([]);
    expect(await found('cuttlefish')).toEqual([]);
    expect(await found('limpet')).toEqual(['agent Limpet']);
  });

  test('an agent that the node has banned, until it is let in again', async () => {
    await say(bob, profile('Barnacle'));
    expect(await found('barnacle')).toHaveLength(1);
    const block = await say(operator, { type: 'Block', object: bob.did });
    expect(await found('barnacle')).toEqual([]);
    await say(operator, { type: 'Undo', object: block });
    expect(await found('barnacle')).toHaveLength(1);
  });
});
