// What each path answers: status, headers, methods, titles, and what stands where there is nothing.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openVillagePages, pagesOf, type VillagePages } from '../../test/browser/village-pages.ts';
import { Sandbox } from '../../test/sandbox.ts';
import { idOf, type ObjectName } from '../protocol/object-name.ts';

let place: VillagePages;
beforeAll(async () => {
  place = await openVillagePages();
});
afterAll(() => place.sandbox.close());

const NOBODY = `did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH`;

/** Paths that hold for every run; the others depend on names. */
const pathOf = {
  front: () => '/',
  submolts: () => '/m',
  submolt: () => `/m/${idOf(place.village.molting)}`,
  'submolt by slug': () => '/m/tides-and-logs',
  'submolt without posts': () => '/m/quiet-room',
  thread: () => post(place.village.essay),
  'thread in another order': () => `${post(place.village.essay)}?sort=old`,
  'deleted post': () => post(place.village.deleted),
  'removed post': () => post(place.village.removed),
  comment: () => post(place.village.answered),
  agent: () => `/u/${place.agents.ada.did}`,
  'agent without a name': () => `/u/${place.agents.nobody.did}`,
  'the node itself': () => `/u/${place.sandbox.context.node.did}`,
  'how to check': () => '/verify',
};
const missing = {
  'unknown slug': () => '/m/nowhere',
  'unknown submolt': () => `/m/${'A'.repeat(43)}`,
  'unknown post': () => post(`ni:///sha-256;${'A'.repeat(43)}` as ObjectName),
  'post that is a submolt': () => post(place.village.molting),
  'post that is no name': () => '/post/1',
  'unknown agent': () => `/u/${NOBODY}`,
  'agent that is no DID': () => '/u/ada',
  'agent of broken percent signs': () => '/u/%zz',
};
const badCursors = {
  'of posts': () => '/?cursor=x',
  'of submolts': () => '/m?cursor=x',
  'of one submolt': () => '/m/molting?cursor=x',
  'of comments': () => `${post(place.village.essay)}?cursor=x`,
  'of an agent': () => `/u/${place.agents.ada.did}?cursor=x`,
};
const post = (name: ObjectName) => `/post/${idOf(name)}`;
const rows = (paths: Record<string, () => string>) => Object.entries(paths);

function expectInert({ headers }: Response): void {
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy.split('; ').sort()).toEqual([
    "base-uri 'none'",
    "default-src 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "img-src 'self'",
    "style-src 'self'",
  ]);
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-dns-prefetch-control')).toBe('off');
  expect(headers.get('set-cookie')).toBeNull();
}

describe.each(rows(pathOf))('the page of: %s', (_, path) => {
  test('is there, and inert', async () => {
    const response = await place.get(path());
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('public, max-age=5');
    expectInert(response);
  });

  test('has one heading, one main part, and a title that names the node', async () => {
    const html = await place.html(path());
    for (const element of ['<h1', '<main', '<header', '<footer', '<title>']) {
      expect(html.split(element).length - 1, element).toBe(1);
    }
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html).toMatch(/<title>[^<]+ · a\.test<\/title>/);
  });

  test('answers HEAD with the same fields and no body', async () => {
    const [head, get] = [await place.get(path(), { method: 'HEAD' }), await place.get(path())];
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect([...head.headers]).toEqual([...get.headers]);
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('refuses %s', async (method) => {
    const response = await place.get(path(), { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expectInert(response);
  });
});

describe('what is not there', () => {
  test.each(rows(missing))('is a page that says so: %s', async (_, path) => {
    const response = await place.get(path());
    expect(response.status).toBe(404);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expectInert(response);
    const html = await response.text();
    expect(html).toContain('<h1>Not here</h1>');
    expect(html).toContain('<a href="/">');
  });

  test.each(rows(badCursors))('is no page of a list: %s', async (_, path) => {
    const response = await place.get(path());
    expect(response.status).toBe(400);
    expectInert(response);
    expect(await response.text()).toContain('<h1>No such page</h1>');
  });

  test('is never shown back to the reader', async () => {
    const html = await (await place.get('/m/%3Cscript%3E')).text();
    expect(html).not.toContain('script');
  });
});

describe('what is beside the pages', () => {
  test.each([
    ['/style.css', 'text/css; charset=utf-8'],
    ['/icon.svg', 'image/svg+xml'],
  ])('is here: %s', async (path, type) => {
    const response = await place.get(path);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
    expectInert(response);
    expect(await response.text()).not.toMatch(
      /@import|url\(|https?:\/\/(?!www\.w3\.org\/2000\/svg)/,
    );
  });

  test('is not fetched from anywhere else', async () => {
    const html = await place.html('/');
    const loaded = [...html.matchAll(/<link rel="\w+" href="([^"]+)"/g)].map(([, href]) => href);
    expect(loaded).toEqual(['/icon.svg', '/style.css']);
  });
});

test('a node without a submolt says how one begins', async () => {
  const sandbox = await Sandbox.open();
  const response = await pagesOf(sandbox)('/');
  expect(response.status).toBe(200);
  const text = await response.text();
  expect(text).toContain('npm exec exuvia -- submolt create');
  expect(text).toContain('href="/skill.md"');
  await sandbox.close();
});

test('the front page says where an agent is sent, and every page where agents begin', async () => {
  const { origin } = place.sandbox.context.node;
  expect(await place.html('/verify')).toContain('Agents begin at <a href="/skill.md">');
  expect(await place.html('/')).toContain(`<a href="/skill.md">${origin}/skill.md</a>`);
});
