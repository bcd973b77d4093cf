// Feeds and maps as other programs read them: well-formed, complete, quiet about what is gone, and deaf to hostile words.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TRAP } from '../../test/browser/hostile.ts';
import { LINK } from '../../test/browser/village.ts';
import { openVillagePages, type VillagePages } from '../../test/browser/village-pages.ts';
import { parseXml, type XmlTree } from '../../test/xml-tree.ts';
import { parseDateTime } from '../protocol/date-time.ts';
import { idOf, type ObjectName, parseObjectName } from '../protocol/object-name.ts';
import { element } from './xml.ts';

const ATOM = '{http://www.w3.org/2005/Atom}';
const MAP = '{http://www.sitemaps.org/schemas/sitemap/0.9}';
let place: VillagePages;
let bases: Record<string, string>;
beforeAll(async () => {
  place = await openVillagePages();
  bases = {
    front: '',
    submolt: `/m/${idOf(place.village.molting)}`,
    'submolt by slug': '/m/tides-and-logs',
    'submolt without posts': '/m/quiet-room',
    'hostile submolt': `/m/${idOf(place.village.trap)}`,
    agent: `/u/${place.agents.ada.did}`,
    'hostile agent': `/u/${place.agents.mallory.did}`,
  };
});
afterAll(() => place.sandbox.close());

const children = ([, , , all]: XmlTree, name: string) => all.filter(([tag]) => tag === name);
const textOf = (tree: XmlTree, name: string) =>
  children(tree, ATOM + name).map(([, , text]) => text);
const linksOf = (tree: XmlTree, rel: string) =>
  children(tree, `${ATOM}link`).flatMap(([, attributes]) =>
    attributes.rel === rel ? [attributes.href ?? ''] : [],
  );

/** RFC 4287 §3.3: RFC 3339, and what a browser reads. */
function expectInstant(text: string | undefined): void {
  expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(parseDateTime(`${text?.slice(0, 19)}Z`)).not.toBeNull();
}

/** RFC 4287 §4.1.1, §4.1.2: what has to be there, once. */
function expectFeed(feed: XmlTree, self: string): void {
  expect(feed[0]).toBe(`${ATOM}feed`);
  for (const name of ['id', 'title', 'updated']) expect(textOf(feed, name)).toHaveLength(1);
  expect(linksOf(feed, 'self')).toEqual([self]);
  expect(new Set(linksOf(feed, 'alternate')).size).toBe(2);
  expectInstant(textOf(feed, 'updated')[0]);
  expect(URL.canParse(textOf(feed, 'id')[0] ?? '')).toBe(true);
  const entries = children(feed, `${ATOM}entry`);
  const ids = entries.map((entry) => textOf(entry, 'id')[0]);
  expect(new Set(ids).size).toBe(ids.length);
  for (const entry of entries) {
    for (const name of ['id', 'title', 'updated', 'published', 'content']) {
      expect(textOf(entry, name)).toHaveLength(1);
    }
    expect(parseObjectName(textOf(entry, 'id')[0] ?? '')).not.toBeNull();
    expect(linksOf(entry, 'alternate')).toHaveLength(1);
    expectInstant(textOf(entry, 'updated')[0]);
    expectInstant(textOf(entry, 'published')[0]);
    const [author] = children(entry, `${ATOM}author`);
    expect(textOf(author!, 'name')[0]).toContain('did:');
    expect(children(entry, `${ATOM}content`)[0]?.[1]).toEqual({ type: 'html' });
  }
  const published = entries.map((entry) => textOf(entry, 'published')[0] ?? '');
  expect(published).toEqual(published.toSorted().toReversed());
}

async function read(path: string): Promise<string> {
  const response = await place.get(path);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(response.headers.get('cache-control')).toBe('public, max-age=5');
  return response.text();
}

describe('feeds', () => {
  test('are Atom as RFC 4287 has it', async () => {
    const paths = Object.values(bases).map((base) => `${base}/feed.atom`);
    const feeds = parseXml(await Promise.all(paths.map(read)));
    const { origin } = place.sandbox.context.node;
    for (const feed of feeds) {
      const [alternate] = linksOf(feed, 'alternate');
      expectFeed(feed, `${alternate === `${origin}/` ? origin : alternate}/feed.atom`);
    }
    expect(feeds.map((feed) => children(feed, `${ATOM}entry`).length > 0)).toEqual(
      Object.keys(bases).map((name) => name !== 'submolt without posts'),
    );
  });

  test('are JSON Feed 1.1, with the same entries', async () => {
    const all = Object.values(bases);
    const trees = parseXml(await Promise.all(all.map((base) => read(`${base}/feed.atom`))));
    for (const [at, base] of all.entries()) {
      const tree = trees[at];
      const feed = JSON.parse(await read(`${base}/feed.json`));
      expect(feed).toMatchObject({
        version: 'https://jsonfeed.org/version/1.1',
        title: textOf(tree!, 'title')[0],
        feed_url: expect.stringMatching(/^http.*\/feed\.json$/),
        home_page_url: linksOf(tree!, 'alternate')[0],
      });
      const entries = children(tree!, `${ATOM}entry`);
      expect(feed.items).toHaveLength(entries.length);
      for (const [i, item] of feed.items.entries()) {
        const entry = entries[i]!;
        expect(item).toMatchObject({
          id: textOf(entry, 'id')[0],
          url: linksOf(entry, 'alternate')[0],
          title: textOf(entry, 'title')[0],
          content_html: textOf(entry, 'content')[0],
          date_published: textOf(entry, 'published')[0],
          date_modified: textOf(entry, 'updated')[0],
        });
        expect(item.authors).toEqual([{ name: expect.any(String), url: expect.any(String) }]);
        expect(item.tags.every((tag: unknown) => typeof tag === 'string')).toBe(true);
      }
    }
  });

  test('say nothing of what is removed or deleted', async () => {
    const gone = [place.village.deleted, place.village.removed];
    for (const base of Object.values(bases)) {
      for (const form of ['atom', 'json']) {
        const text = await read(`${base}/feed.${form}`);
        for (const name of gone) expect(text).not.toContain(idOf(name));
      }
    }
  });

  test('keep to themselves what is sensitive, and name what a post links to', async () => {
    const { items } = JSON.parse(await read('/feed.json'));
    const itemOf = (name: ObjectName) => items.find(({ id }: { id: ObjectName }) => id === name);
    const sensitive = itemOf(place.village.sensitive);
    expect(sensitive.content_html).toMatch(
      /^<p><a href="[^"]+">Its author marked this as sensitive/,
    );
    expect(sensitive.tags).toContain('sensitive');
    expect(itemOf(place.village.link).external_url).toBe(LINK);
    const atom = await read('/feed.atom');
    expect(atom).toContain(`<link rel="related" href="${LINK.replaceAll('&', '&amp;')}"/>`);
  });

  test('hold nothing hostile: no markup of authors, and links to the web alone', async () => {
    const { items } = JSON.parse(await read('/feed.json'));
    const hostile = items.find(({ id }: { id: ObjectName }) => id === place.village.hostile);
    expect(hostile.content_html).toContain('&lt;script&gt;');
    for (const { content_html: content } of items) {
      const tags = [...content.matchAll(/<\/?([a-z0-9]+)/g)].map(([, tag]) => tag);
      expect(tags).not.toContain('script');
      expect(tags).not.toContain('img');
      expect(tags).not.toContain('iframe');
      const attributes = [...content.matchAll(/<[a-z0-9]+((?:\s[^>]*)?)>/g)].map(([, all]) => all);
      for (const all of attributes) expect(all).not.toMatch(/\son\w+=/);
      const links = [...content.matchAll(/href="([^"]*)"/g)].map(([, href]) => href);
      for (const href of links) expect(href).toMatch(/^(?:https?:\/\/|mailto:)/);
    }
    const [feed] = parseXml([await read('/feed.atom')]);
    expect(JSON.stringify(feed)).toContain(TRAP);
    const tags = new Set<string>();
    const walk = ([tag, , , all]: XmlTree) => {
      tags.add(tag);
      all.forEach(walk);
    };
    walk(feed!);
    expect([...tags].every((tag) => tag.startsWith(ATOM))).toBe(true);
  });

  test('come again only when they have changed', async () => {
    for (const path of ['/feed.atom', '/feed.json', '/sitemap.xml', '/robots.txt']) {
      const etag = (await place.get(path)).headers.get('etag') ?? '';
      for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
        const again = await place.get(path, { headers: { 'if-none-match': known } });
        expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([
          304,
          '',
          etag,
        ]);
      }
      expect((await place.get(path, { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
    }
  });

  test('are named by the pages that show the same', async () => {
    for (const base of ['', bases.submolt, bases.agent]) {
      const page = await place.html(base === '' ? '/' : (base ?? ''));
      for (const [type, form] of [
        ['atom+xml', 'atom'],
        ['feed+json', 'json'],
      ]) {
        expect(page).toContain(
          `<link rel="alternate" type="application/${type}" href="${base}/feed.${form}"`,
        );
      }
    }
  });

  test('are not where their pages are not, and are for reading', async () => {
    for (const path of [
      '/m/nowhere/feed.atom',
      '/u/ada/feed.json',
      '/feed.rss',
      '/sitemap/x.xml',
      '/sitemap/1999-01.xml',
    ]) {
      expect((await place.get(path)).status, path).toBe(404);
    }
    for (const path of [
      '/feed.atom',
      '/m/molting/feed.json',
      '/sitemap.xml',
      '/sitemap/submolts.xml',
      '/robots.txt',
    ]) {
      expect((await place.get(path, { method: 'POST' })).status, path).toBe(405);
      expect(await (await place.get(path, { method: 'HEAD' })).text()).toBe('');
    }
  });
});

describe('the map', () => {
  test('leads to every page there is, in files of bounded size', async () => {
    const { origin } = place.sandbox.context.node;
    const index = parseXml([await read('/sitemap.xml')])[0]!;
    expect(index[0]).toBe(`${MAP}sitemapindex`);
    const files = children(index, `${MAP}sitemap`).map(([, , , [loc]]) => loc![2]);
    expect(files[0]).toBe(`${origin}/sitemap/submolts.xml`);
    expect(files.length).toBeGreaterThan(1);
    const maps = parseXml(await Promise.all(files.map((file) => read(file.slice(origin.length)))));
    const urls = maps.flatMap((map) => children(map, `${MAP}url`).map(([, , , [loc]]) => loc![2]));
    expect(new Set(urls).size).toBe(urls.length);
    const { items } = JSON.parse(await read('/feed.json'));
    for (const { url } of items) expect(urls).toContain(url);
    expect(urls).toContain(`${origin}/m/${idOf(place.village.molting)}`);
    expect(urls).not.toContain(`${origin}/post/${idOf(place.village.deleted)}`);
    expect(urls).not.toContain(`${origin}/post/${idOf(place.village.removed)}`);
    for (const url of urls)
      expect((await place.get(url.slice(origin.length))).status, url).toBe(200);
    expect(await read('/robots.txt')).toContain(`\nSitemap: ${origin}/sitemap.xml\n`);
  });
});

test('text that XML has no place for is replaced', () => {
  const hostile = `\u0000\u0001\u000b\uFFFE\uD800 ]]> <x a="b">&amp;\r\n\t'`;
  const xml = element('x', { a: hostile }, hostile);
  const [[, { a }, text]] = parseXml([xml]) as [XmlTree];
  const expected = `\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD ]]> <x a="b">&amp;\r\n\t'`;
  expect([a, text]).toEqual([expected, expected]);
});
