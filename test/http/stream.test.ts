// The stream of a node over HTTP: what it tells, to whom, and where it goes on.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { ActivityDraft } from '../../src/protocol/activity.ts';
import { LOCKED } from '../../src/protocol/labels.ts';
import { idOf, type ObjectName } from '../../src/protocol/object-name.ts';
import { comment, group, post } from '../drafts.ts';
import { Agent } from '../sandbox.ts';
import { HttpNode } from './http-node.ts';
import { type Received, StreamReader } from './stream-reader.ts';

const ada = new Agent('ada');
const bob = new Agent('bob');
let node: HttpNode;
let submolt: ObjectName;
const open: StreamReader[] = [];

beforeAll(async () => {
  node = await HttpNode.open({ pace: { votes: 20, read: 1, heartbeat: 100 } });
  submolt = await node.accept(ada, group('general', node.context.node.did));
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((reader) => reader.drop()));
});
afterAll(() => node.close());

async function listen(agent: Agent | null, query = '', lastId = ''): Promise<StreamReader> {
  const reader = await StreamReader.open(node, agent, query, lastId);
  open.push(reader);
  return reader;
}

const on = (audience: ObjectName, act: object) => ({ audience, ...act }) as ActivityDraft;

const told = ({ data, event }: Received) => [event, data.act];

it('tells of posts, comments, edits, counts and ends, each with what stands', async () => {
  const reader = await listen(bob);
  expect(reader.headers.get('content-type')).toBe('text/event-stream');
  expect(reader.headers.get('x-accel-buffering')).toBe('no');
  const first = await node.accept(ada, post(submolt, 'First'));
  const reply = await node.accept(bob, comment(submolt, first, 'a reply'));
  await node.accept(bob, on(submolt, { type: 'Like', object: first }));
  await node.accept(
    ada,
    on(submolt, {
      type: 'Update',
      target: first,
      object: { type: 'Article', name: 'Edited', content: 'New', mediaType: 'text/plain' },
    }),
  );
  await node.accept(ada, on(submolt, { type: 'Remove', object: reply, origin: submolt }));
  await node.accept(ada, on(submolt, { type: 'Delete', object: first }));
  await reader.until(({ data, event }) => event === 'gone' && data.gone.id === idOf(first));

  const made = reader.of('post')[0]!;
  expect(made.data).toMatchObject({ act: first, post: { id: idOf(first), title: 'First' } });
  expect(made.data.at).toBe(made.data.post.created_at);
  expect(reader.of('comment')[0]!.data.comment).toMatchObject({
    id: idOf(reply),
    content: 'a reply',
    post_id: idOf(first),
    replies: [],
  });
  expect(reader.of('update').map(({ data }) => data.post.title)).toEqual(['Edited']);
  expect(reader.of('gone').map(({ data }) => data.gone)).toEqual([
    {
      id: idOf(reply),
      object: reply,
      type: 'comment',
      post_id: idOf(first),
      submolt_id: idOf(submolt),
      reason: 'removed',
    },
    {
      id: idOf(first),
      object: first,
      type: 'post',
      post_id: idOf(first),
      submolt_id: idOf(submolt),
      reason: 'deleted',
    },
  ]);
});

it('tells counts together, once for each item, and as they stand', async () => {
  const thread = await node.accept(ada, post(submolt, 'Counted'));
  const reader = await listen(bob, '?events=votes');
  const voters = Array.from({ length: 8 }, (_, i) => new Agent(`voter ${i}`));
  for (const voter of voters)
    await node.accept(voter, on(submolt, { type: 'Like', object: thread }));
  const last = await reader.until(({ data }) => data.votes?.[0]?.upvotes === 8);
  expect(last.data).toEqual({
    votes: [{ id: idOf(thread), post_id: idOf(thread), upvotes: 8, downvotes: 0, score: 8 }],
  });
  expect(new Set(reader.received.map(({ event }) => event))).toEqual(new Set(['ready', 'votes']));
});

it('says no more to a reader than it has asked for', async () => {
  const other = await node.accept(ada, group('other', node.context.node.did));
  const thread = await node.accept(ada, post(submolt, 'The thread'));
  const readers = {
    submolt: await listen(bob, `?submolt=other`),
    both: await listen(bob, `?submolt=${idOf(submolt)},other`),
    thread: await listen(bob, `?thread=${idOf(thread)}`),
    comments: await listen(bob, '?events=comment'),
  };
  const there = await node.accept(ada, post(other, 'There'));
  const reply = await node.accept(bob, comment(submolt, thread, 'under it'));
  const end = await node.accept(ada, post(other, 'End'));
  const under = await node.accept(bob, comment(other, end, 'last'));
  const acts = (reader: StreamReader) => reader.received.flatMap(({ data }) => data.act ?? []);
  await readers.both.until(({ data }) => data.act === under);
  await readers.submolt.until(({ data }) => data.act === under);
  await readers.comments.until(({ data }) => data.act === under);
  await readers.thread.until(({ data }) => data.act === reply);
  expect(acts(readers.submolt)).toEqual([there, end, under]);
  expect(acts(readers.both)).toEqual([there, reply, end, under]);
  expect(acts(readers.thread)).toEqual([reply]);
  expect(acts(readers.comments)).toEqual([reply, under]);
});

it('follows what the reader follows, also what it begins to follow meanwhile', async () => {
  const eve = new Agent('eve');
  const joined = await node.accept(ada, group('joined', node.context.node.did));
  await node.accept(eve, on(joined, { type: 'Follow', object: joined }));
  const feed = await listen(eve, '?filter=feed');
  const following = await listen(eve, '?filter=following');
  await node.accept(ada, post(submolt, 'Not for eve'));
  const first = await node.accept(ada, post(joined, 'Joined'));
  await node.accept(eve, { type: 'Follow', object: bob.did });
  const second = await node.accept(bob, post(submolt, 'Of bob'));
  await feed.until(({ data }) => data.act === second);
  await following.until(({ data }) => data.act === second);
  expect(feed.of('post').map(({ data }) => data.act)).toEqual([first, second]);
  expect(following.of('post').map(({ data }) => data.act)).toEqual([second]);
});

it('tells an agent what it is told of, now and after a drop, and nobody else', async () => {
  const [cyn, dot] = [new Agent('cyn'), new Agent('dot')];
  const query = '?filter=notifications';
  const before = await listen(cyn, query);
  const other = await listen(dot, query);
  const own = await node.accept(cyn, post(submolt, 'Of cyn'));
  const elsewhere = await node.accept(bob, post(submolt, 'Not of cyn'));
  const acts = [
    await node.accept(bob, comment(submolt, own, 'on your post')),
    await node.accept(bob, { type: 'Follow', object: cyn.did }),
    await node.accept(ada, on(submolt, { type: 'Add', object: own, target: LOCKED })),
  ];
  await node.accept(bob, comment(submolt, elsewhere, 'nothing of hers'));
  const end = await node.accept(bob, { type: 'Follow', object: dot.did });
  await other.until(({ data }) => data.act === end);
  expect(other.of('notifications').map(({ data }) => data.act)).toEqual([end]);
  await before.until(({ data }) => data.act === acts.at(-1));
  const kinds = (reader: StreamReader) =>
    reader.received
      .slice(1)
      .map(({ data, event }) => [
        event,
        data.act,
        data.notifications.map(({ type }: { type: string }) => type),
      ]);
  const expected = ['comment', 'follow', 'locked'].map((type, i) => [
    'notifications',
    acts[i],
    [type],
  ]);
  expect(kinds(before)).toEqual(expected);
  const { json } = await node.ask(cyn, '/api/v1/notifications');
  const listed = (json.notifications as { id: string }[]).toReversed();
  expect(before.received.slice(1).flatMap(({ data }) => data.notifications)).toEqual(listed);
  for (const [i, { id }] of before.received.entries()) {
    const again = await listen(cyn, query, id);
    if (i < acts.length) await again.until(({ data }) => data.act === acts.at(-1));
    expect(kinds(again)).toEqual(expected.slice(i));
    await again.drop();
  }
  const only = await listen(cyn, `${query}&thread=${idOf(own)}`, before.received[0]!.id);
  await only.until(({ data }) => data.act === acts[2]);
  expect(kinds(only)).toEqual([expected[0], expected[2]]);
});

it('goes on from any event without a gap and without a repetition', async () => {
  const whole = await listen(bob, '?events=post,comment,update');
  const thread = await node.accept(ada, post(submolt, 'Beginning'));
  for (let i = 0; i < 12; i++) {
    await node.accept(bob, comment(submolt, thread, `reply ${i}`));
    await node.accept(new Agent(`fan ${i}`), on(submolt, { type: 'Like', object: thread }));
  }
  const end = await node.accept(ada, post(submolt, 'End'));
  await whole.until(({ data }) => data.act === end);
  const ids = whole.received.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [i, id] of ids.entries()) {
    const again = await StreamReader.open(node, bob, '?events=post,comment,update', id);
    if (i + 1 < ids.length) await again.until(({ data }) => data.act === end);
    expect(again.received.slice(1).map(told)).toEqual(whole.received.slice(i + 1).map(told));
    expect(again.received[0]).toMatchObject({ event: 'ready', id });
    await again.drop();
  }
});

it('tells what an id in the query means as well, and heeds the field before it', async () => {
  const from = await listen(bob);
  const first = await node.accept(ada, post(submolt, 'One'));
  const { id } = await from.until(({ data }) => data.act === first);
  const second = await node.accept(ada, post(submolt, 'Two'));
  const after = await listen(bob, `?after=${id}`);
  await after.until(({ data }) => data.act === second);
  expect(after.of('post').map(({ data }) => data.act)).toEqual([second]);
  const { id: last } = await after.until(({ data }) => data.act === second);
  const field = await listen(bob, `?after=${id}`, last);
  const third = await node.accept(ada, post(submolt, 'Three'));
  await field.until(({ data }) => data.act === third);
  expect(field.of('post').map(({ data }) => data.act)).toEqual([third]);
});

it('has an answer for every id that is none of its own', async () => {
  const reader = await listen(bob);
  const act = await node.accept(ada, post(submolt, 'Known'));
  const { id } = await reader.until(({ data }) => data.act === act);
  const [version = '', log, index, votes, check = ''] = id.split('.');
  const refusal = async (lastId: string) => {
    const { received, status, text } = await StreamReader.open(node, bob, '', lastId);
    expect(received).toEqual([]);
    const { code, path, remedy } = JSON.parse(text);
    expect(remedy).not.toBe('');
    return [status, code, path];
  };
  const path = 'Last-Event-ID';
  for (const malformed of [
    'x',
    `${id}.`,
    `${id}, ${id}`,
    id.replace('.', ','),
    '1.2.3.4',
    `-${id}`,
  ]) {
    expect(await refusal(malformed)).toEqual([400, 'event_id_malformed', path]);
  }
  const forged = check.replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A'));
  for (const unknown of [
    [version, log, index, votes, forged],
    [Number(version) + 1, log, index, votes, check],
    [version, log, Number(index) + 1, votes, check],
    [version, log, index, Number(version) + 1, check],
    ['999999999999999', log, index, votes, check],
  ]) {
    expect(await refusal(unknown.join('.'))).toEqual([409, 'event_id_unknown', path]);
  }
  const { db } = node.context;
  await db.batch('write', [
    { sql: 'DELETE FROM arrivals WHERE version < ?', args: [BigInt(version)] },
  ]);
  expect(await refusal(['1', log, '0', '1', check].join('.'))).toEqual([
    410,
    'event_id_too_old',
    path,
  ]);
  expect((await listen(bob, '', id)).status).toBe(200);
});

it('is signed, answers HEAD without a body, and refuses what it does not know', async () => {
  expect(await node.send('/api/v1/stream')).toMatchObject({
    status: 403,
    json: { code: 'signature_missing' },
  });
  const head = await node.ask(bob, '/api/v1/stream', { method: 'HEAD' });
  expect([head.status, head.text, head.headers.get('content-type')]).toEqual([
    200,
    '',
    'text/event-stream',
  ]);
  expect(await node.send('/api/v1/stream', { method: 'OPTIONS' })).toMatchObject({ status: 204 });
  expect(await node.ask(bob, '/api/v1/stream', { method: 'DELETE' })).toMatchObject({
    status: 405,
  });
  for (const [query, status, code] of [
    ['?submolt=nowhere', 404, 'submolt_unknown'],
    ['?submolt=general,', 400, 'bad_parameter'],
    ['?submolt=general&submolt=other', 400, 'bad_parameter'],
    [`?submolt=${Array(21).fill('general')}`, 400, 'bad_parameter'],
    [`?thread=${'A'.repeat(43)}`, 404, 'not_found'],
    ['?thread=x', 400, 'bad_parameter'],
    ['?filter=mine', 400, 'bad_parameter'],
    ['?events=post,ready', 400, 'bad_parameter'],
    ['?events=', 400, 'bad_parameter'],
  ] as const) {
    expect(await node.ask(bob, `/api/v1/stream${query}`), query).toMatchObject({
      status,
      json: { code },
    });
  }
});

it('keeps a few places for each caller, and gives back those that are left', async () => {
  const readers = await Promise.all(Array.from({ length: 8 }, () => listen(ada)));
  const path = '/api/v1/stream';
  const refused = await node.ask(ada, path);
  expect(refused).toMatchObject({
    status: 429,
    json: { code: 'too_many_streams', retryable: true },
  });
  expect(refused.headers.get('retry-after')).toBe('5');
  expect((await listen(bob)).status).toBe(200);
  await readers[0]!.drop();
  let status = 429;
  while (status === 429) {
    const again = await StreamReader.open(node, ada);
    ({ status } = again);
    if (status === 200) await again.drop();
  }
  expect(status).toBe(200);
});

it('ends after its time, and says from where to go on', async () => {
  const reader = await listen(bob);
  const { data } = reader.received[0]!;
  const left = Date.parse(data.until) - node.clock.now;
  expect(left).toBeGreaterThan(600_000);
  expect(left).toBeLessThanOrEqual(900_000);
  node.clock.now += left;
  await reader.ended();
  expect(reader.received.at(-1)).toMatchObject({ event: 'end', data: { reason: 'expired' } });
  expect(reader.text).toMatch(/retry: \d+\n/);
  expect((await listen(bob, '', reader.lastId)).status).toBe(200);
});

it('shows signs of life that carry the place', async () => {
  const reader = await listen(bob, '?submolt=general&events=comment');
  const passed = await node.accept(ada, post(submolt, 'Not asked for'));
  const whole = await listen(ada, '?after=');
  const { id } = await whole.until(({ event }) => event === 'ready');
  while (reader.lastId !== id) await new Promise((resolve) => setImmediate(resolve));
  expect(passed).not.toBe('');
  expect(reader.text).toContain(`:\nid: ${id}\n\n`);
  expect(reader.received).toHaveLength(1);
});
