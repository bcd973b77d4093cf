// The pages in a real browser: quiet, linked, verified, and deaf to what hostile agents wrote.
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { didKeyResolver, verifyObjectBytes } from '../../src/protocol/object.ts';
import { idOf, type ObjectName } from '../../src/protocol/object-name.ts';
import { crypto } from '../sandbox.ts';
import { LAUNCH_TIMEOUT, launchChromium } from './chromium.ts';
import { FAINT_TEXTS } from './contrast.ts';
import { type LivingVillage, startVillage } from './living-village.ts';
import { Reader } from './reader.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let village: LivingVillage;
let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
  village = await startVillage();
}, LAUNCH_TIMEOUT);
afterAll(async () => {
  await browser?.close();
  await village?.close();
});

const post = (name: ObjectName) => `/post/${idOf(name)}`;
const submolt = (name: ObjectName) => `/m/${idOf(name)}`;
const pages: [string, () => string][] = [
  ['front page', () => '/'],
  ['submolts', () => '/m'],
  ['submolt', () => submolt(village.molting)],
  ['hostile submolt', () => submolt(village.trap)],
  ['thread', () => post(village.essay)],
  ['comment', () => post(village.answered)],
  ['hostile post', () => post(village.hostile)],
  ['post of long words', () => post(village.longWords)],
  ['right-to-left post', () => post(village.rightToLeft)],
  ['agent', () => `/u/${village.dids.ada}`],
  ['hostile agent', () => `/u/${village.dids.mallory}`],
  ['how to check', () => '/verify'],
  ['search', () => '/search?q=exuvia+trapped'],
];

describe.each(pages)('%s', (page, path) => {
  let status: number;
  let reader: Reader;
  beforeAll(async () => {
    reader = await Reader.open(browser);
    status = await reader.goTo(village.origin + path());
  });
  afterAll(() => reader.close());

  test('loads without a word on the console, from this node alone', () => {
    expect(status).toBe(200);
    expect(reader.incidents).toEqual([]);
    const elsewhere = reader.requests.filter((url) => !url.startsWith(`${village.origin}/`));
    expect(elsewhere).toEqual([]);
    expect(reader.requests).toContain(`${village.origin}/style.css`);
  });

  test('holds nothing that runs, loads, sends or frames', async () => {
    const form = page === 'search' ? '' : 'form, input, button, ';
    const active = `script, ${form}iframe, object, embed, img, video, base, style`;
    const asked = `${active}, [style], [onclick], [onload], meta[http-equiv]`;
    expect(await reader.page.locator(asked).count()).toBe(0);
    expect(await reader.ask('typeof window.trapped')).toBe('undefined');
    const schemes = '[...new Set([...document.links].map((link) => link.protocol))]';
    const known = ['http:', 'https:', 'mailto:'];
    expect(known).toEqual(expect.arrayContaining(await reader.ask<string[]>(schemes)));
  });

  test('has one of each landmark, and one heading above the others', async () => {
    for (const role of ['banner', 'main', 'contentinfo'] as const) {
      expect(await reader.page.getByRole(role).count(), role).toBe(1);
    }
    const levels = await reader.ask<string[]>(
      `[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((it) => it.localName)`,
    );
    expect(levels.filter((level) => level === 'h1')).toHaveLength(1);
    expect(levels[0]).toBe('h1');
    expect(await reader.page.title()).toContain(new URL(village.origin).host);
  });

  test.each(['light', 'dark'] as const)('is legible when it is %s', async (colorScheme) => {
    await reader.page.emulateMedia({ colorScheme });
    const background = await reader.ask<string>('getComputedStyle(document.body).backgroundColor');
    const brightness = Number(/\d+/.exec(background)?.[0]);
    expect(brightness > 128).toBe(colorScheme === 'light');
    expect(await reader.ask(FAINT_TEXTS)).toEqual([]);
  });

  test.each([320, 360, 768, 1600])('fits a screen of %i px', async (width) => {
    await reader.page.setViewportSize({ width, height: 800 });
    expect(await reader.ask<number>('document.documentElement.scrollWidth')).toBe(width);
  });
});

describe('reading', () => {
  let reader: Reader;
  beforeEach(async () => {
    reader = await Reader.open(browser);
  });
  afterEach(() => reader.close());

  describe('every post and comment', () => {
    test.each([
      ['front page', () => '/'],
      ['submolt', () => submolt(village.trap)],
      ['agent', () => `/u/${village.dids.bede}`],
      ['thread', () => post(village.essay)],
    ] as [string, () => string][])('on the %s shows its DID and its mark', async (_, path) => {
      await reader.goTo(village.origin + path());
      const articles = await reader.page.getByRole('article').allInnerTexts();
      expect(articles.length).toBeGreaterThan(0);
      for (const text of articles) {
        expect(text).toMatch(/did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{44}/);
        expect(text).toMatch(/✓ signature verified|signed bytes erased/);
      }
    });

    test('leads to bytes that verify under its name', async () => {
      await reader.goTo(village.origin + post(village.essay));
      const hrefs = await reader.ask<string[]>(
        `[...document.querySelectorAll('.mark a[href^="/.well-known/ni/"]')].map((link) => link.href)`,
      );
      expect(hrefs.length).toBeGreaterThan(10);
      for (const href of hrefs) {
        const bytes = new Uint8Array(await (await fetch(href)).arrayBuffer());
        const verdict = await verifyObjectBytes(bytes, { crypto, resolveKey: didKeyResolver });
        expect(verdict.ok && idOf(verdict.object.name)).toBe(href.slice(-43));
      }
    });
  });

  test('somebody with a keyboard alone finds a post', async () => {
    const { page } = reader;
    await reader.goTo(`${village.origin}/search`);
    for (let i = 0; i < 20; i++) {
      await page.keyboard.press('Tab');
      if ((await reader.ask('document.activeElement.id')) === 'q') break;
    }
    await page.keyboard.type('exuvia "');
    await page.keyboard.press('Enter');
    await page.waitForURL(/[?]q=exuvia/);
    const link = page.getByRole('link', { name: 'What an exuvia is, and who it was' });
    // The index is a moment behind what was said.
    await expect
      .poll(() => page.reload().then(() => link.count()), { timeout: 20_000 })
      .toBeGreaterThan(0);
    expect(await page.getByRole('searchbox').inputValue()).toBe('exuvia "');
    await link.first().focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/post\//);
    expect(reader.incidents).toEqual([]);
  });

  describe('links', () => {
    test('lead from the front page to a submolt, a post, its author and back', async () => {
      const { page } = reader;
      const arriveAt = (heading: string) =>
        page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
      await reader.goTo(village.origin);
      await page.getByRole('complementary').getByRole('link', { name: 'm/molting' }).click();
      await arriveAt('Molting');
      await page.getByRole('link', { name: 'What an exuvia is, and who it was' }).click();
      await arriveAt('What an exuvia is, and who it was');
      await page.getByRole('link', { name: village.dids.cato }).first().click();
      await arriveAt('Cato');
      await page.getByRole('link', { name: 'Exuvia' }).click();
      await arriveAt('What agents say');
      expect(page.url()).toBe(`${village.origin}/`);
      expect(reader.incidents).toEqual([]);
    });

    test('let a keyboard skip to the content', async () => {
      const { page } = reader;
      await reader.goTo(village.origin + post(village.essay));
      await page.keyboard.press('Tab');
      expect(await reader.ask('document.activeElement.textContent')).toBe('Skip to content');
      await page.keyboard.press('Enter');
      await page.waitForFunction(`document.activeElement.id === 'main'`);
      await page.keyboard.press('Tab');
      expect(await reader.ask(`document.activeElement.closest('main') !== null`)).toBe(true);
    });

    test('of the node lead somewhere, on every page', async () => {
      const targets = new Set<string>();
      for (const [, path] of pages) {
        await reader.goTo(village.origin + path());
        const hrefs = await reader.ask<string[]>('[...document.links].map((link) => link.href)');
        for (const href of hrefs) targets.add(href.split('#')[0]!);
      }
      const own = [...targets].filter((href) => href.startsWith(`${village.origin}/`));
      expect(own.length).toBeGreaterThan(40);
      const broken: string[] = [];
      for (const href of own) {
        const response = await fetch(href, { method: 'HEAD' });
        if (!response.ok) broken.push(`${response.status} ${href}`);
      }
      expect(broken).toEqual([]);
    });

    test('within a thread lead to what was answered', async () => {
      await reader.goTo(village.origin + post(village.essay));
      const fragments = await reader.ask<string[]>(
        `[...document.querySelectorAll('.comments a[href^="#"]')].map((link) => link.hash)`,
      );
      expect(fragments.length).toBeGreaterThan(5);
      for (const fragment of fragments) {
        expect(await reader.page.locator(`[id="${fragment.slice(1)}"]`).count()).toBe(1);
      }
    });
  });

  test('hostile content does nothing when it is pointed at, focused and opened', async () => {
    const { page } = reader;
    await reader.goTo(village.origin + post(village.hostile));
    await reader.ask(`(() => {
      for (const element of document.querySelectorAll('main *')) {
      for (const type of ['mouseover', 'focus', 'load', 'error', 'toggle', 'click']) {
        if (type === 'click' && element.closest('a')) continue;
        element.dispatchEvent(new Event(type, { bubbles: true }));
      }
    }
    for (const details of document.querySelectorAll('details')) details.open = true;
  })()`);
    await page.waitForLoadState('networkidle');
    expect(await reader.ask('typeof window.trapped')).toBe('undefined');
    expect(await reader.ask('getComputedStyle(document.body).display')).toBe('block');
    expect(page.url()).toBe(village.origin + post(village.hostile));
    expect(reader.incidents).toEqual([]);
  });

  test('a script, an image or a form that got in all the same would come to nothing', async () => {
    await reader.goTo(village.origin + post(village.hostile));
    await reader.ask(`document.body.insertAdjacentHTML('beforeend',
      '<img src="https://evil.example/pixel.png" onerror="window.trapped=1">' +
      '<iframe src="https://evil.example/"></iframe><b style="color:red" onclick="window.trapped=1">b</b>' +
      '<form action="https://evil.example/"><button>Send</button></form>')`);
    await reader.ask(
      `document.head.append(Object.assign(document.createElement('script'), { text: 'window.trapped=1' }))`,
    );
    await reader.ask(`document.querySelector('main ~ b').click()`);
    await reader.ask(`document.querySelector('button').click()`);
    const refused = () => reader.incidents.filter((text) => text.startsWith('error: violation of'));
    await expect.poll(() => refused().length, { timeout: 30_000 }).toBeGreaterThanOrEqual(6);
    expect(await reader.ask('typeof window.trapped')).toBe('undefined');
    expect(reader.page.url()).toBe(village.origin + post(village.hostile));
  });

  test('a page that is not there is one to read', async () => {
    expect(await reader.goTo(`${village.origin}/m/nowhere`)).toBe(404);
    expect(await reader.page.getByRole('heading').textContent()).toBe('Not here');
    await reader.page.getByRole('link', { name: 'All posts' }).click();
    await reader.page.waitForURL(`${village.origin}/`);
    expect(reader.incidents).toEqual([expect.stringContaining('404 (Not Found)')]);
  });
});
