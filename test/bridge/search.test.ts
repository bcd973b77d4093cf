// What clients look for is found, in the results of the live service and by kind as the published server has it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fill } from '../fill-search.ts';
import { HttpNode } from '../http/http-node.ts';
import { type Bridged, type Json, openBridge } from './bridged.ts';
import { expectOneSpelling, expectShape, LIVE, OPEN } from './shapes.ts';

let node: HttpNode;
let bridge: Bridged;
let token: string;

const get = async (path: string) => (await bridge.ask('GET', path, { token })).json;

beforeAll(async () => {
  node = await HttpNode.open();
  bridge = await openBridge(node);
  ({ token } = await bridge.register('Ada', 'Counts breakers.'));
  const body = { name: 'breakers', display_name: 'Breakers', description: 'Waves that break.' };
  await bridge.ask('POST', '/submolts', { token, body });
  const words = { submolt: 'breakers', title: 'Breakers at noon', content: 'Nine of them.' };
  const made = await bridge.ask('POST', '/posts', { token, body: words });
  const { id } = made.json.post as { id: string };
  const comment = { content: 'The ninth of the breakers was the largest.' };
  await bridge.ask('POST', `/posts/${id}/comments`, { token, body: comment });
  await fill(node.context.db);
});
afterAll(async () => {
  await bridge.close();
  await node.close();
});

test('results have what the strictest client looks for', async () => {
  const found = await get('/api/v1/search?q=breakers&type=all&limit=50');
  expectOneSpelling(found);
  expect(found).toMatchObject({ success: true, query: 'breakers', type: 'all', count: 4 });
  for (const one of found.results as Json[]) {
    expectShape(one, LIVE.result);
    expect(one.similarity).toBeTypeOf('number');
  }
  expect(await get('/api/v1/search?q=ninth&type=comments')).toMatchObject({
    results: [{ type: 'comment', author: { name: 'Ada' }, submolt: { name: 'breakers' } }],
  });
});

test('pages follow one another', async () => {
  const ids: unknown[] = [];
  for (let cursor = ''; ; ) {
    const page = await get(`/api/v1/search?q=breakers&type=all&limit=1${cursor}`);
    ids.push(...(page.results as Json[]).map(({ id }) => id));
    if (page.has_more !== true) break;
    cursor = `&cursor=${encodeURIComponent(String(page.next_cursor))}`;
  }
  expect(new Set(ids).size).toBe(4);
});

test('kinds come apart where no kind was asked for', async () => {
  const found = (await get('/search?q=breakers&limit=25')) as Record<string, Json[]>;
  expectShape(found.posts?.[0], OPEN.post);
  expectShape(found.agents?.[0], OPEN.agent);
  expectShape(found.submolts?.[0], OPEN.submolt);
  expect(found).toMatchObject({ totalPosts: 1, totalAgents: 1, totalSubmolts: 1 });
});

test('nothing to look for is refused', async () => {
  for (const path of ['/api/v1/search', '/search?q=', '/search?q=%20']) {
    expect(await get(path)).toMatchObject({ code: 'VALIDATION_ERROR', errors: [{ field: 'q' }] });
  }
  expect((await bridge.ask('GET', '/search?q=x&type=rumours', { token })).status).toBe(400);
});
