// The stream as agents read it: our own client over connections that break anywhere, and a client of somebody else's.
import { EventSource } from 'eventsource';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ExuviaClient } from '../../src/client/exuvia-client.ts';
import { keyFromSeed } from '../../src/client/keys.ts';
import type { StreamOptions } from '../../src/client/stream.ts';
import type { ActivityDraft } from '../../src/protocol/activity.ts';
import type { ObjectName } from '../../src/protocol/object-name.ts';
import type { StreamEvent } from '../../src/protocol/stream-events.ts';
import { comment, group, post } from '../drafts.ts';
import { Agent, crypto } from '../sandbox.ts';
import { HttpNode } from './http-node.ts';

const ada = new Agent('ada');
const bob = new Agent('bob');
let node: HttpNode;
let submolt: ObjectName;
let number = 0;

beforeAll(async () => {
  node = await HttpNode.open({ pace: { votes: 5, read: 1, heartbeat: 20 } });
  submolt = await node.accept(ada, group('general', node.context.node.did));
});
afterAll(() => node.close());

function clientOf(fetch: typeof globalThis.fetch = globalThis.fetch): ExuviaClient {
  return new ExuviaClient({
    origin: node.origin,
    key: keyFromSeed(bob.seed, crypto),
    crypto,
    fetch,
    now: () => node.clock.now,
    sleep: () => new Promise((resolve) => setImmediate(resolve)),
  });
}

/** Lets each answer go on for so many bytes, one after the other, and the rest to their ends. */
function breaking(lengths: readonly number[]): { fetch: typeof globalThis.fetch; opened: number } {
  const state = { fetch: globalThis.fetch, opened: 0 };
  state.fetch = async (input, init) => {
    const response = await globalThis.fetch(input, init);
    const length = lengths[state.opened++];
    if (length === undefined || response.body === null) return response;
    let left = length;
    const cut = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        controller.enqueue(chunk.subarray(0, left));
        left -= chunk.length;
        if (left <= 0) controller.error(new TypeError('the connection was lost'));
      },
    });
    return new Response(response.body.pipeThrough(cut), response);
  };
  return state;
}

/** Reads until the act has come. */
async function readTo(
  client: ExuviaClient,
  last: ObjectName,
  options: StreamOptions,
): Promise<StreamEvent[]> {
  const read: StreamEvent[] = [];
  for await (const event of client.stream(options)) {
    read.push(event);
    if ('act' in event.data && event.data.act === last) return read;
  }
  throw new Error('the stream ended');
}

async function somethingHappens(): Promise<ObjectName> {
  const thread = await node.accept(ada, post(submolt, `Thread ${number++}`));
  const liked = { type: 'Like', audience: submolt, object: thread } as ActivityDraft;
  await node.accept(new Agent(`fan ${number}`), liked);
  return node.accept(bob, comment(submolt, thread, `reply ${'…'.repeat(number % 7)}`));
}

it('gives every event once, wherever connections break', async () => {
  const opened = Promise.withResolvers<string>();
  const ended = new AbortController();
  const whole = clientOf().stream({ opened: opened.resolve, signal: ended.signal });
  const first = whole.next();
  const after = await opened.promise;
  const acts: ObjectName[] = [];
  for (let i = 0; i < 4; i++) acts.push(await somethingHappens());
  ended.abort();
  expect((await first).value).toMatchObject({ event: 'post' });
  const last = acts.at(-1)!;
  const expected = (await readTo(clientOf(), last, { after, events: ['post', 'comment'] })).map(
    ({ data }) => 'act' in data && data.act,
  );
  expect(expected).toHaveLength(8);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 12 }),
      async (lengths) => {
        const broken = breaking(lengths);
        const read = await readTo(clientOf(broken.fetch), last, { after });
        const told = read.filter(({ event }) => event !== 'votes');
        expect(told.map(({ data }) => 'act' in data && data.act)).toEqual(expected);
        // Counts may come twice; what they say is how things stand.
        const counts = read.flatMap(({ data, event }) => (event === 'votes' ? data.votes : []));
        expect(new Set(counts.map(({ upvotes }) => upvotes))).toEqual(new Set([1]));
        expect(new Set(counts.map(({ id }) => id)).size).toBe(4);
      },
    ),
    { numRuns: 25 },
  );
});

it('goes on while things happen and connections break', async () => {
  const broken = breaking([900, 1_700, 20, 4_000, 2_500]);
  const opened = Promise.withResolvers<string>();
  const events = clientOf(broken.fetch).stream({
    events: ['post', 'comment'],
    opened: opened.resolve,
  });
  const read: unknown[] = [];
  const reading = (async () => {
    for await (const { data } of events) {
      read.push('act' in data && data.act);
      if (read.length === 16) return;
    }
  })();
  await opened.promise;
  const acts: ObjectName[] = [];
  for (let i = 0; i < 8; i++) acts.push(await somethingHappens());
  await reading;
  expect(new Set(read).size).toBe(16);
  expect(read.filter((act) => acts.includes(act as ObjectName))).toEqual(acts);
  expect(broken.opened).toBeGreaterThan(3);
});

it('throws what another try does not change, and ends with its signal', async () => {
  const refused = clientOf().stream({ after: '999999.1.1.1.AAAAAAAA' });
  await expect(refused.next()).rejects.toMatchObject({ code: 'event_id_unknown' });
  const ended = new AbortController();
  const events = clientOf().stream({ signal: ended.signal, opened: () => ended.abort() });
  expect(await events.next()).toEqual({ done: true, value: undefined });
  const nowhere = clientOf(async () => {
    throw new TypeError('no route');
  });
  await expect(nowhere.stream().next()).rejects.toMatchObject({ code: 'network' });
});

it('is read by a client that knows nothing of this project, with a fetch that signs', async () => {
  const path = '/api/v1/stream?events=post';
  const tries: (string | null)[] = [];
  const source = new EventSource(node.origin + path, {
    fetch: (url, init) => {
      const own = new Headers(init.headers);
      tries.push(own.get('last-event-id'));
      const signed = node.sign(bob, path, {}, { nonce: null });
      return fetch(url, {
        ...init,
        headers: { ...Object.fromEntries(own), ...signed },
      } as RequestInit);
    },
  });
  const posts: { id: string; title: string }[] = [];
  const titled = (title: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (posts.some((one) => one.title === title)) resolve();
        else setImmediate(look);
      };
      look();
    });
  const ready = new Promise<void>((resolve) => {
    source.addEventListener('ready', () => resolve(), { once: true });
  });
  source.addEventListener('post', ({ data, lastEventId }: MessageEvent) => {
    posts.push({ id: lastEventId, title: JSON.parse(data).post.title });
  });
  await ready;
  await node.accept(ada, post(submolt, 'Before'));
  await titled('Before');
  // Its time is up; it comes back by itself, with its last id.
  const again = new Promise<void>((resolve) => {
    source.addEventListener('ready', () => resolve(), { once: true });
  });
  node.clock.now += 900_000;
  const missed = await node.accept(ada, post(submolt, 'Meanwhile'));
  await again;
  await titled('Meanwhile');
  source.close();
  expect(missed).not.toBe('');
  expect(posts.map(({ title }) => title)).toEqual(['Before', 'Meanwhile']);
  expect(tries[0]).toBeNull();
  expect(tries[1]).toMatch(/^\d+\.\d+\.\d+\.\d+\.[\w-]{8}$/);
});
