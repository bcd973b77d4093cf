// The page that searches: it finds without a script, shows what was written as text, and sends to nobody but this node.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOSTILE_LINES } from '../../test/browser/hostile.ts';
import { addressesIn, strayMarkup } from '../../test/browser/markup.ts';
import { openVillagePages, type VillagePages } from '../../test/browser/village-pages.ts';
import { fill } from '../../test/fill-search.ts';
import { idOf } from '../protocol/object-name.ts';

let place: VillagePages;
beforeAll(async () => {
  place = await openVillagePages();
  await fill(place.sandbox.db);
});
afterAll(() => place.sandbox.close());

const FORM = ['<form>', '<label>', '<input>', '<button>', '<mark>'];
const ATTRIBUTES = ['action', 'method', 'role', 'for', 'name', 'value', 'maxlength', 'required'];
const stray = (html: string) =>
  strayMarkup(html).filter(
    (one) => !FORM.includes(one) && !ATTRIBUTES.includes(one.split(' ')[1] ?? ''),
  );
const search = (q: string, more: Record<string, string> = {}) =>
  place.html(`/search?${new URLSearchParams({ q, ...more })}`);

describe('the page', () => {
  test('asks, and is a link of every page', async () => {
    const html = await place.html('/search');
    expect(html).toContain('<form class="search" action="/search" method="get" role="search">');
    expect(html).toContain('<label for="q">');
    expect(html).not.toContain('class="found"');
    expect(await place.html('/')).toContain('<a href="/search">Search</a>');
  });

  test('may send its form to this node, and nothing else', async () => {
    const { headers } = await place.get('/search?q=x');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("form-action 'self'");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    const other = (await place.get('/')).headers.get('content-security-policy');
    expect(other).toBe(policy.replace("form-action 'self'", "form-action 'none'"));
  });

  test('shows what was found, by kind too, with what was looked for set off', async () => {
    const html = await search('exuvia');
    expect(html).toContain(`href="/post/${idOf(place.village.essay)}"`);
    expect(await search('public key')).toContain('<mark>public</mark> <mark>key</mark>');
    expect(html).toContain('did:key:z6Mk');
    expect(html).toContain('✓ signature verified');
    const agents = await search('ada', { type: 'agents' });
    expect(agents).toContain(`href="/u/${place.agents.ada.did}"`);
    expect(await search('qqqqzzzz')).toContain('Nothing found.');
  });

  test('goes on where it ended', async () => {
    const html = await search('the');
    const next = addressesIn(html).find((path) => path.includes('cursor='));
    if (next === undefined) return expect(html).toContain('</article>');
    const more = await place.html(next);
    expect(more).toContain('First page');
    expect((await place.get('/search?q=the&cursor=x')).status).toBe(400);
  });

  test('a query, and what it finds, stay text', async () => {
    for (const line of HOSTILE_LINES) {
      const html = await search(line);
      expect(stray(html)).toEqual([]);
      expect(stray(await search(line.replace(/[^a-z]+/gi, ' ')))).toEqual([]);
    }
    const html = await search('script onerror trapped');
    expect(html).toContain('class="found"');
    expect(stray(html)).toEqual([]);
    for (const address of addressesIn(html)) expect(address).toMatch(/^(?:\/(?!\/)|#)/);
  });

  test('takes any query of any length', async () => {
    for (const q of ['', ' ', 'x'.repeat(5000), '\u0000', '\ud800', '%', '&type=posts']) {
      expect((await place.get(`/search?q=${encodeURIComponent(q.toWellFormed())}`)).status).toBe(
        200,
      );
    }
    expect((await place.get('/search?q=a&q=b&type=none')).status).toBe(200);
    expect((await place.get('/search?q=%ff')).status).toBe(200);
  });
});
