// The document cache over a scripted network and a hand-moved clock.
import { describe, expect, it } from 'vitest';
import { createDocumentCache } from './document-cache.ts';
import { NetError } from './error.ts';
import type { GuardedResponse } from './guarded-fetch.ts';

const MINUTE = 60_000;
const URL_A = 'https://a.example.com/did.json';

type Reply = { status?: number; type?: string; body?: string; cache?: string } | NetError;

/** A network that gives one scripted reply per request, the last one for ever. */
function network(...replies: Reply[]) {
  const asked: string[] = [];
  const clock = { now: 1_000_000_000 };
  const cache = createDocumentCache({
    now: () => clock.now,
    fetch: {
      async request(url): Promise<GuardedResponse> {
        asked.push(url);
        await Promise.resolve();
        const reply = replies.length > 1 ? replies.shift() : replies[0];
        if (reply === undefined || reply instanceof NetError) throw reply;
        const headers: Record<string, string | undefined> = {
          'content-type': reply.type ?? 'application/json',
          'cache-control': reply.cache,
        };
        const body = new TextEncoder().encode(reply.body ?? '{"id":"x"}');
        return { status: reply.status ?? 200, header: (name) => headers[name] ?? null, body };
      },
    },
  });
  return { asked, clock, cache };
}

describe('document cache', () => {
  it('fetches once for all who ask at the same time', async () => {
    const { asked, cache } = network({});
    const results = await Promise.all([1, 2, 3].map(() => cache.get(URL_A)));
    expect(asked).toEqual([URL_A]);
    expect(results.map((result) => result.ok)).toEqual([true, true, true]);
  });

  it.each([
    ['an hour by default', undefined, 60],
    ['at least five minutes', 'max-age=0, no-cache', 5],
    ['as long as the host says', 'public, max-age=7200', 120],
    ['at most a day', 'max-age=999999999', 24 * 60],
  ])('keeps a document %s', async (_, cacheControl, minutes) => {
    const { asked, clock, cache } = network(
      cacheControl === undefined ? {} : { cache: cacheControl },
    );
    await cache.get(URL_A);
    clock.now += minutes * MINUTE - 1;
    await cache.get(URL_A);
    expect(asked.length).toBe(1);
    clock.now += 1;
    await cache.get(URL_A);
    expect(asked.length).toBe(2);
  });

  it('keeps a good document through failed fetches, a day at most', async () => {
    const { asked, clock, cache } = network({ body: '{"good":1}' }, new NetError('timed_out', ''));
    await cache.get(URL_A);
    for (const hours of [2, 4, 8]) {
      clock.now += hours * 60 * MINUTE;
      expect(await cache.get(URL_A)).toEqual({ ok: true, document: { good: 1 } });
    }
    expect(asked.length).toBe(4);
    expect(cache.peek(URL_A)).toEqual({ good: 1 });
    clock.now += 11 * 60 * MINUTE;
    expect(cache.peek(URL_A)).toBeNull();
    expect(await cache.get(URL_A)).toMatchObject({ ok: false, reason: 'failed', retryable: true });
  });

  it('refreshes a known document at most once a minute', async () => {
    const { asked, clock, cache } = network(
      { body: '{"n":1}' },
      { body: '{"n":2}' },
      { body: '[]' },
    );
    await cache.get(URL_A, { refresh: true });
    await cache.get(URL_A, { refresh: true });
    expect(asked.length).toBe(1);
    clock.now += MINUTE;
    expect(await cache.get(URL_A, { refresh: true })).toEqual({ ok: true, document: { n: 2 } });
    await cache.get(URL_A, { refresh: true });
    expect(asked.length).toBe(2);
    clock.now += MINUTE;
    // The third answer is no document: the second stands.
    expect(await cache.get(URL_A, { refresh: true })).toEqual({ ok: true, document: { n: 2 } });
    expect(asked.length).toBe(3);
  });

  it.each([
    ['a refused address', new NetError('address_refused', ''), 'refused', false, 5 * MINUTE],
    ['a timeout', new NetError('timed_out', ''), 'failed', true, 30_000],
    ['404', { status: 404 }, 'failed', false, 5 * MINUTE],
    ['503', { status: 503 }, 'failed', true, 30_000],
    ['HTML', { type: 'text/html' }, 'invalid', false, 5 * MINUTE],
    ['a JSON array', { body: '[1]' }, 'invalid', false, 5 * MINUTE],
    ['a duplicate key', { body: '{"id":1,"id":2}' }, 'invalid', false, 5 * MINUTE],
  ] as const)('remembers %s for a while', async (_, reply, reason, retryable, lasts) => {
    const { asked, clock, cache } = network(reply);
    expect(await cache.get(URL_A)).toMatchObject({ ok: false, reason, retryable });
    clock.now += lasts - 1;
    expect(await cache.get(URL_A, { refresh: true })).toMatchObject({ ok: false, reason });
    expect(asked.length).toBe(1);
    clock.now += 1;
    await cache.get(URL_A);
    expect(asked.length).toBe(2);
  });

  it.each(['application/did+json', 'application/json; charset=utf-8', 'application/jwk-set+json'])(
    'reads %s',
    async (type) => {
      expect((await network({ type }).cache.get(URL_A)).ok).toBe(true);
    },
  );

  it('limits what one host, and all hosts together, can have fetched at a time', async () => {
    const { asked, cache } = network({});
    const ofOne = Array.from({ length: 6 }, (_, i) =>
      cache.get(`https://a.example.com/${i}/did.json`),
    );
    const ofMany = Array.from({ length: 40 }, (_, i) =>
      cache.get(`https://h${i}.example.com/did.json`),
    );
    const busy = (results: { ok: boolean }[]) => results.filter((result) => !result.ok).length;
    expect(busy(await Promise.all(ofOne))).toBe(2);
    expect(busy(await Promise.all(ofMany))).toBe(12);
    expect(asked.length).toBe(32);
    // Being too busy is no fact about the document.
    expect((await cache.get('https://h39.example.com/did.json')).ok).toBe(true);
  });

  it('lets other errors through: they are faults of this program', async () => {
    const cache = createDocumentCache({
      now: () => 0,
      fetch: { request: () => Promise.reject(new TypeError('bug')) },
    });
    await expect(cache.get(URL_A)).rejects.toThrow(TypeError);
  });
});

describe('a document that is known', () => {
  const DAY = 24 * 60 * MINUTE;
  it.each<[string, Reply]>([
    ['does not answer', new NetError('timed_out', '')],
    ['cannot be reached', new NetError('connection_failed', '')],
    ['has moved inside', new NetError('address_refused', '')],
    ['redirects', new NetError('redirect_refused', '')],
    ['answers too much', new NetError('too_large', '')],
    ['compresses', new NetError('encoding_refused', '')],
    ['answers 404', { status: 404 }],
    ['answers 500', { status: 500 }],
    ['answers a page', { type: 'text/html', body: '<html>' }],
    ['answers what is no JSON', { body: '{' }],
    ['answers what is no object', { body: 'null' }],
  ])('outlives a host that %s, until a day after it was fetched', async (_, reply) => {
    const { asked, clock, cache } = network({ body: '{"good":1}' }, reply);
    await cache.get(URL_A);
    for (let hour = 1; hour < 24; hour++) {
      clock.now += 60 * MINUTE;
      expect(await cache.get(URL_A)).toEqual({ ok: true, document: { good: 1 } });
      expect(await cache.get(URL_A, { refresh: true })).toMatchObject({ ok: true });
    }
    // Once an hour, whoever asks: a minute has not passed when the second one does.
    expect(asked).toHaveLength(24);
    clock.now += 60 * MINUTE;
    expect(cache.peek(URL_A)).toBeNull();
    expect(await cache.get(URL_A)).toMatchObject({ ok: false });
  });

  it('goes when its host says so in a new one', async () => {
    const { clock, cache } = network({ body: '{"key":1}' }, { body: '{}' });
    await cache.get(URL_A);
    clock.now += MINUTE;
    await cache.get(URL_A, { refresh: true });
    expect(cache.peek(URL_A)).toEqual({});
  });

  it('comes back with the first good answer', async () => {
    const { clock, cache } = network({ body: '{"n":1}' }, new NetError('timed_out', ''), {
      body: '{"n":2}',
    });
    await cache.get(URL_A);
    clock.now += DAY;
    expect(await cache.get(URL_A)).toMatchObject({ ok: false, retryable: true });
    clock.now += 30_000;
    expect(await cache.get(URL_A)).toEqual({ ok: true, document: { n: 2 } });
  });
});

describe('what strangers can fill it with', () => {
  const hostile = (i: number) => `https://h${i}.example.com/did.json`;

  it('is 10,000 failures, the oldest of which are forgotten', async () => {
    const { asked, cache } = network({ status: 404 });
    for (let i = 0; i <= 10_000; i++) await cache.get(hostile(i));
    expect(asked).toHaveLength(10_001);
    await cache.get(hostile(10_000));
    expect(asked).toHaveLength(10_001);
    await cache.get(hostile(0));
    expect(asked).toHaveLength(10_002);
  });

  it('is no room of a good document', async () => {
    const { clock, cache } = network({ body: '{"good":1}' }, { status: 404 });
    await cache.get(URL_A);
    for (let i = 0; i <= 10_000; i++) await cache.get(hostile(i));
    clock.now += MINUTE;
    expect(await cache.get(URL_A)).toEqual({ ok: true, document: { good: 1 } });
  });

  it('is 32 MB of documents', async () => {
    const { cache } = network({ body: `{"x":"${'x'.repeat(250_000)}"}` });
    for (let i = 0; i < 200; i++) await cache.get(hostile(i));
    const kept = Array.from({ length: 200 }, (_, i) => cache.peek(hostile(i))).filter(Boolean);
    expect(kept).toHaveLength(Math.floor((32 * 1024 * 1024) / 250_008));
    expect(cache.peek(hostile(199))).not.toBeNull();
  });

  it('is one fetch for a failure that many wait for', async () => {
    const { asked, cache } = network(new NetError('timed_out', ''));
    const all = await Promise.all(Array.from({ length: 100 }, () => cache.get(URL_A)));
    expect(asked).toHaveLength(1);
    expect(new Set(all.map((result) => result.ok))).toEqual(new Set([false]));
  });
});
