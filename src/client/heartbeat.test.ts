// Visits by a clock of the test's own: never early, never together, and later when the node asks for time.
import { describe, expect, test } from 'vitest';
import { key, ORIGIN, Site, START, texts, Visitor } from '../../test/heartbeat-site.ts';
import type { HeartbeatState } from './heartbeat.ts';

const HOUR = 3_600_000;
const EVERY = 4 * HOUR;
const JITTER = HOUR;

describe('a visit', () => {
  test('keeps the key and the files on the first time, and says what there is to read', async () => {
    const agent = new Visitor(new Site());
    const report = await agent.visit();
    expect(report).toMatchObject({
      status: 'done',
      first: true,
      version: texts.version,
      changes: [],
      forged: [],
      error: null,
    });
    expect(report.todo).toEqual([
      { task: 'home', kind: 'reply', at: '/activity_on_your_posts', amount: 1 },
      {
        task: 'home',
        kind: 'notice',
        at: '/your_account/unread_notification_count',
        amount: 3,
      },
      { task: 'feed', kind: 'read', at: '/posts', amount: 2 },
    ]);
    expect(agent.state?.pinned?.texts['/skill.md']).toContain(`homepage: ${ORIGIN}`);
    expect(JSON.stringify(agent.state)).not.toContain(Buffer.from(key.seed).toString('base64url'));
  });

  test('asks nothing before it is due, and signs only what is read under /api/v1', async () => {
    const site = new Site();
    const agent = new Visitor(site);
    const { next } = await agent.visit();
    expect(next).toBeGreaterThanOrEqual(START + EVERY);
    expect(next).toBeLessThan(START + EVERY + JITTER);
    site.asked.length = 0;
    for (const now of [START, START + HOUR, next - 1]) {
      expect(await agent.visitAt(now)).toMatchObject({ status: 'early', next });
    }
    expect(site.asked).toEqual([]);
    expect((await agent.visitAt(next)).status).toBe('done');
    expect(site.asked.map(({ path, signed }) => `${path} ${signed}`)).toEqual([
      '/heartbeat.json false',
      '/api/v1/home true',
      '/api/v1/feed?sort=new&limit=10 true',
    ]);
  });

  test('is made by sixty agents at times that are spread, for six rounds', async () => {
    const site = new Site();
    const offsets: number[] = [];
    for (let seed = 0; seed < 60; seed++) {
      const agent = new Visitor(site, seed);
      let now = START;
      for (let round = 0; round < 6; round++) {
        const { next } = await agent.visitAt(now);
        offsets.push(next - now - EVERY);
        now = next;
      }
    }
    // Once a day the files are looked at as well, at a time of their own.
    const regular = offsets.filter((offset) => offset >= 0);
    expect(regular.length).toBeGreaterThan(250);
    expect(Math.max(...regular)).toBeLessThan(JITTER);
    const tenths = Array.from(
      { length: 10 },
      (_, tenth) => regular.filter((offset) => Math.floor((offset / JITTER) * 10) === tenth).length,
    );
    for (const count of tenths) expect(count / regular.length).toBeGreaterThan(0.05);
    const feeds = site.asked.filter(({ path }) => path.startsWith('/api/v1/feed'));
    expect(feeds.length).toBeGreaterThanOrEqual(250);
  });

  test('is never made sooner after the last one than the node wants', async () => {
    const site = new Site();
    const agent = new Visitor(site, 7);
    let now = START;
    for (let round = 0; round < 40; round++) now = (await agent.visitAt(now)).next;
    const reads = site.asked.filter(({ path }) => path === '/api/v1/home').map(({ at }) => at);
    const gaps = reads.slice(1).map((at, index) => at - (reads[index] ?? 0));
    expect(gaps.length).toBeGreaterThan(20);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(EVERY);
  });

  test('comes back later when the node asks for time, and reads then what it could not', async () => {
    const site = new Site();
    const agent = new Visitor(site);
    const busy = { status: 429, headers: { 'retry-after': '1800' } };
    site.answers.set('/api/v1/feed', () => Response.json({ code: 'rate_limited' }, busy));
    const report = await agent.visit();
    expect(report).toMatchObject({ status: 'failed', error: { code: 'rate_limited' } });
    expect(report.next).toBeGreaterThanOrEqual(START + 1_800_000);
    expect(report.next).toBeLessThan(START + 1_800_000 * 1.25);
    site.answers.clear();
    site.asked.length = 0;
    expect((await agent.visitAt(START + 1_799_999)).status).toBe('early');
    expect(site.asked).toEqual([]);
    expect((await agent.visitAt(report.next)).answers.map(({ task }) => task)).toContain('feed');
  });

  test('waits longer and longer while the node cannot be reached', async () => {
    const site = new Site();
    const agent = new Visitor(site);
    site.answers.set('/heartbeat.json', () => {
      throw new TypeError('connection refused');
    });
    let now = START;
    const waits: number[] = [];
    for (let round = 0; round < 12; round++) {
      const { next, status } = await agent.visitAt(now);
      expect(status).toBe('failed');
      waits.push((next - now) / 60_000);
      now = next;
    }
    waits.slice(0, 8).forEach((wait, round) => {
      expect(wait).toBeGreaterThanOrEqual(2 ** round);
      expect(wait).toBeLessThanOrEqual(2 ** round * 1.25);
    });
    expect(Math.max(...waits)).toBeLessThanOrEqual((EVERY * 1.25) / 60_000);
  });

  test('that is cut off is not made again at once', async () => {
    const site = new Site();
    const agent = new Visitor(site);
    let kept: HeartbeatState | undefined;
    site.answers.set('/heartbeat.json', () => {
      kept ??= agent.state;
      throw new TypeError('the power is gone');
    });
    await agent.visit();
    const restarted = new Visitor(site);
    restarted.state = kept;
    site.asked.length = 0;
    expect(await restarted.visitAt(START + 1_000)).toMatchObject({ status: 'early' });
    expect(site.asked).toEqual([]);
  });

  test('is made after a clock that was years ahead has been put right', async () => {
    const site = new Site();
    const agent = new Visitor(site);
    await agent.visitAt(START + 10 * 365 * 24 * HOUR);
    expect((await agent.visitAt(START)).next).toBeLessThanOrEqual(START + EVERY + JITTER);
  });
});
