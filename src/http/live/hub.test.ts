// One reader at a time, byte by byte: what waits for who does not read, and what is erased while it waits.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { group } from '../../../test/drafts.ts';
import { Agent, Sandbox } from '../../../test/sandbox.ts';
import { createEventParser } from '../../client/event-parser.ts';
import type { ActivityDraft } from '../../protocol/activity.ts';
import { LOCKED } from '../../protocol/labels.ts';
import { hashOf, type ObjectName } from '../../protocol/object-name.ts';
import { STREAM_EVENTS } from '../../protocol/stream-events.ts';
import type { Database } from '../../store/database.ts';
import type { Logger } from '../logger.ts';
import { formatMark, type Mark, newestMark, readMark } from './event-id.ts';
import { StreamHub } from './hub.ts';
import type { Scope } from './scope.ts';

const ada = new Agent('ada');
const EVERYTHING: Scope = {
  events: new Set(STREAM_EVENTS),
  submolts: null,
  thread: null,
  feed: null,
  notified: null,
};
let node: Sandbox;
let hub: StreamHub;
let submolt: ObjectName;
let failures: object[];

beforeEach(async () => {
  node = await Sandbox.open();
  const error = (fields: object) => failures.push(fields);
  const log: Logger = { debug() {}, info() {}, warn() {}, error };
  failures = [];
  hub = new StreamHub({
    context: node.context,
    sequencer: node.sequencer,
    log,
    pace: { read: 1, votes: 5, heartbeat: 10, linger: 10 },
  });
  submolt = await node.accept(ada, group('general'));
});
afterEach(async () => {
  await hub.close();
  await node.close();
});

const marker = () => ({ crypto: node.context.crypto, did: node.context.node.did });

async function here(): Promise<Mark> {
  return (await newestMark(node.db, marker())) as Mark;
}

function write(name: string, words = 2_000): Promise<ObjectName> {
  const content = `${name} `.repeat(words);
  const object = { type: 'Article', name, content, mediaType: 'text/plain' } as const;
  return node.accept(ada, { type: 'Create', audience: submolt, object });
}

interface Opened {
  readonly body: ReadableStream<Uint8Array>;
  cut: boolean;
}

function open(mark: Mark, scope = EVERYTHING): Opened {
  const opened = { body: new ReadableStream<Uint8Array>(), cut: false };
  const outgoing = {
    closed: false,
    destroy: () => {
      opened.cut = true;
    },
    once: () => undefined,
  };
  return Object.assign(opened, { body: hub.open(scope, mark, outgoing as never) });
}

/** What waits, and what is said after it while it is read: to the end, or until `last` has been read. */
async function read(
  { body }: Opened,
  last?: string,
): Promise<{ text: string; lastId: string; acts: string[] }> {
  const parser = createEventParser();
  const reader = body.getReader();
  const acts: string[] = [];
  let text = '';
  while (last === undefined || !text.includes(last)) {
    const { done, value } = await reader.read();
    if (done) break;
    const piece = new TextDecoder().decode(value);
    text += piece;
    for (const { data, event } of parser.feed(piece)) {
      if (event === 'post') acts.push(JSON.parse(data).act);
    }
  }
  await reader.cancel();
  return { text, acts, lastId: parser.lastId };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

test('holds little for a reader who does not read, tells it so, and cuts it off in the end', async () => {
  const slow = open(await here());
  const acts: ObjectName[] = [];
  for (let i = 0; i < 12; i++) acts.push(await write(`Post ${i}`));
  await turn();
  (node.context as unknown as { clock: { now: number } }).clock.now += 31_000;
  while (!slow.cut) await turn();
  const { acts: got, lastId, text } = await read(slow);
  expect(text.length).toBeLessThan(80_000);
  expect(text).toMatch(/event: end\ndata: {"reason":"slow"/);
  expect(got.length).toBeGreaterThan(0);
  expect(got).toEqual(acts.slice(0, got.length));

  const mark = await readMark(node.db, lastId, marker());
  const again = open(mark.ok ? mark.mark : await here());
  const end = await write('End', 1);
  expect((await read(again, end)).acts).toEqual([...acts.slice(got.length), end]);
});

test('has no words of what is erased while a reader is behind', async () => {
  const slow = open(await here());
  const before = await write('before');
  await write('filler', 5_000);
  const erased = await write('erased-marker');
  const removed = await write('removed-marker');
  await node.accept(ada, { type: 'Delete', audience: submolt, object: erased } as ActivityDraft);
  const gesture = { type: 'Remove', audience: submolt, object: removed, origin: submolt };
  await node.accept(ada, gesture as ActivityDraft);
  const { text } = await read(slow, '"reason":"removed"');
  expect(text).toContain(before);
  expect(text).not.toMatch(/(?:erased|removed)-marker/);
  expect(text).toContain('"reason":"deleted"');
  expect(failures).toEqual([]);
});

test('says that it cannot go on when the database cannot be read, and takes nobody along', async () => {
  const live = open(await here());
  const { db } = node;
  const reading = read(live);
  await turn();
  const failing: Database = {
    durable: db.durable,
    batch: (mode, statements) =>
      statements.some(({ sql }) => sql.includes('arrivals AS a'))
        ? Promise.reject(new Error('no database'))
        : db.batch(mode, statements),
    close: () => db.close(),
  };
  Object.assign(node.context, { db: failing });
  await write('Never told', 1);
  expect((await reading).text).toMatch(/event: end\ndata: {"reason":"unavailable"/);
  expect(failures).toHaveLength(1);
});

test('learns from the database what another process has written to it', async () => {
  const { db } = node;
  const server: Database = {
    durable: 'server',
    batch: (mode, statements) => db.batch(mode, statements),
    close: async () => undefined,
  };
  const { context } = node;
  const other = await Sandbox.open('a', { db: server, node: context.node });
  const quiet = { onCommit: () => () => undefined };
  const log: Logger = { debug() {}, info() {}, warn() {}, error() {} };
  const own = { ...context, db: server };
  const pace = { read: 1, poll: 5, heartbeat: 50 };
  const alone = new StreamHub({ context: own, sequencer: quiet, log, pace });
  const outgoing = { closed: false, destroy: () => undefined, once: () => undefined };
  const reader = { body: alone.open(EVERYTHING, await here(), outgoing as never), cut: false };
  await turn();
  const object = { type: 'Article', name: 'Elsewhere', content: 'x', mediaType: 'text/plain' };
  const written = await other.accept(new Agent('eve'), {
    type: 'Create',
    audience: submolt,
    object,
  } as ActivityDraft);
  expect((await read(reader, written)).acts).toEqual([written]);
  await alone.close();
  await other.sequencer.close();
});

test('reads again for many at once, and takes in what comes meanwhile', async () => {
  const start = await here();
  const acts: ObjectName[] = [];
  for (let i = 0; i < 40; i++) acts.push(await write(`Post ${i}`, 1));
  const readers = Array.from({ length: 50 }, () => open(start));
  const reading = readers.map((reader) => read(reader, acts.at(-1)));
  const live = open(await here());
  const end = await write('End', 1);
  expect((await read(live, end)).acts).toEqual([end]);
  for (const { acts: got } of await Promise.all(reading)) {
    expect(got.slice(0, 40)).toEqual(acts);
  }
});

test('ends a reader whose place is forgotten, who is told so when it comes back', async () => {
  const start = await here();
  await write('Forgotten', 1);
  await write('Kept', 1);
  const newest = (await here()).place.version;
  const reader = open(start);
  const sql = 'DELETE FROM arrivals WHERE version < ?';
  await node.db.batch('write', [{ sql, args: [BigInt(newest)] }]);
  const { acts, text } = await read(reader);
  expect(acts).toEqual([]);
  expect(text).toMatch(/event: end\ndata: {"reason":"unavailable"/);
  expect(await readMark(node.db, formatMark(start), marker())).toMatchObject({
    ok: false,
    code: 'event_id_too_old',
  });
});

test('goes on behind what a flipped bit has made unreadable', async () => {
  const start = await here();
  const broken = await write('Broken', 1);
  const gesture = { type: 'Add', audience: submolt, object: broken, target: LOCKED };
  const act = await node.accept(ada, gesture as ActivityDraft);
  const end = await write('End', 1);
  for (const [name, bytes] of [
    [broken, '{'],
    [act, '\u00ff'],
  ] as const) {
    const args = [Buffer.from(bytes, 'latin1'), hashOf(name)];
    await node.db.batch('write', [{ sql: 'UPDATE objects SET bytes = ? WHERE hash = ?', args }]);
  }
  const { acts } = await read(open(start), end);
  expect(acts).toEqual([end]);
  expect(failures).toEqual([]);
});
