// Lists that are longer than a page: each page leads to the next, and together they are the whole.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressesIn } from '../../test/browser/markup.ts';
import { pagesOf } from '../../test/browser/village-pages.ts';
import { comment, group, post } from '../../test/drafts.ts';
import { Agent, Sandbox } from '../../test/sandbox.ts';
import { idOf, type ObjectName } from '../protocol/object-name.ts';

const POSTS = 57;
const COMMENTS = 103;
const SUBMOLTS = 53;
const ada = new Agent('ada');
let sandbox: Sandbox;
let submolt: ObjectName;
let thread: ObjectName;

beforeAll(async () => {
  sandbox = await Sandbox.open();
  for (let i = 0; i < SUBMOLTS; i++) submolt = await sandbox.accept(ada, group(`submolt-${i}`));
  for (let i = 0; i < POSTS; i++) thread = await sandbox.accept(ada, post(submolt, `post ${i}`));
  for (let i = 0; i < COMMENTS; i++) await sandbox.accept(ada, comment(submolt, thread, `c ${i}`));
});
afterAll(() => sandbox.close());

/** Follows `rel="next"` from the first page; gives what `pattern` finds on each. */
async function walk(path: string, pattern: RegExp): Promise<string[][]> {
  const get = pagesOf(sandbox);
  const pages: string[][] = [];
  for (let next: string | undefined = path; next !== undefined && pages.length < 10; ) {
    const html = await (await get(next)).text();
    pages.push([...html.matchAll(pattern)].map(([, found]) => found!));
    next = /<a href="([^"]+)" rel="next">/.exec(html)?.[1]?.replaceAll('&amp;', '&');
  }
  return pages;
}

const TITLE = /<h2><a href="\/post\/([\w-]{43})"/g;
const COMMENT = /<li id="([\w-]{43})">/g;
const SUBMOLT = /<h2><a href="\/m\/([\w-]{43})"/g;

const lists: [string, () => string, RegExp, number[]][] = [
  ['posts, hot', () => '/', TITLE, [25, 25, 7]],
  ['posts, new', () => '/?sort=new', TITLE, [25, 25, 7]],
  ['posts, top', () => '/?sort=top', TITLE, [25, 25, 7]],
  ['posts of a submolt', () => `/m/${idOf(submolt)}?sort=new`, TITLE, [25, 25, 7]],
  ['posts of an agent', () => `/u/${ada.did}`, TITLE, [25, 25, 7]],
  ['comments, best', () => `/post/${idOf(thread)}`, COMMENT, [50, 50, 3]],
  ['comments, old', () => `/post/${idOf(thread)}?sort=old`, COMMENT, [50, 50, 3]],
  ['submolts, popular', () => '/m', SUBMOLT, [50, 3]],
  ['submolts, new', () => '/m?sort=new', SUBMOLT, [50, 3]],
];

describe.each(lists)('%s', (_, path, pattern, sizes) => {
  test('come in pages, each one once', async () => {
    const pages = await walk(path(), pattern);
    expect(pages.map((page) => page.length)).toEqual(sizes);
    expect(new Set(pages.flat()).size).toBe(pages.flat().length);
  });
});

test('a later page leads back to the first, in its order', async () => {
  const get = pagesOf(sandbox);
  const first = await (await get('/?sort=new')).text();
  expect(first).not.toContain('First page');
  const next = addressesIn(first).find((address) => address.includes('cursor='))!;
  const second = await (await get(next)).text();
  expect(second).toContain('<a href="/?sort=new">First page</a>');
  expect(second).toMatch(/<a href="\/\?sort=new" aria-current="page">New<\/a>/);
});

test('a cursor of another order is no page', async () => {
  const get = pagesOf(sandbox);
  const first = await (await get('/?sort=new')).text();
  const next = addressesIn(first).find((address) => address.includes('cursor='))!;
  expect((await get(next.replace('sort=new', 'sort=top'))).status).toBe(400);
});

test('an order that is none is the usual one', async () => {
  const html = await (await pagesOf(sandbox)('/?sort=%22%3E')).text();
  expect(html).toContain('<a href="/" aria-current="page">Hot</a>');
});
