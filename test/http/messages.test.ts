// Two agents of one node write to each other: who may, how much, what each of them keeps, and what the node can read of it.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { utf8 } from '../../src/protocol/bytes.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { idOf } from '../../src/protocol/object-name.ts';
import { clientAt, converse, joined, keyOf, type Writer, wordsOf } from '../message-scene.ts';
import { Agent } from '../sandbox.ts';
import { HttpNode, POSTED } from './http-node.ts';

const MARKER = 'the-heron-flies-at-nine';
const PATH = '/api/v1/messages';
let node: HttpNode;
const clients = new Map<string, Writer>();

beforeAll(async () => {
  node = await HttpNode.open({ federated: true });
});
afterAll(() => node.close());

/** Joined once, whoever asks for it. */
async function person(name: string): Promise<Writer> {
  const there = clients.get(name) ?? (await joined(node, name));
  clients.set(name, there);
  return there;
}
const pair = async (one: string, other: string) =>
  [await person(one), await person(other)] as const;
const post = (as: string, body: JsonObject | Uint8Array) =>
  node.ask(new Agent(as), PATH, {
    ...POSTED,
    body: body instanceof Uint8Array ? body : utf8(JSON.stringify(body)),
  });

describe('a conversation', () => {
  test('is asked for, taken up, and read by both', async () => {
    const [ada, bob] = await pair('ada', 'bob');
    const asked = await ada.messages.request(bob.did, {
      content: `Psst: ${MARKER}`,
      needsHumanInput: true,
    });
    expect(asked.status).toBe('delivered');
    const home = await bob.read.home();
    expect(home.your_direct_messages).toEqual({
      pending_request_count: 1,
      unread_message_count: 0,
    });
    expect(home.what_to_do_next.map(({ code }) => code)).toContain('answer_requests');
    expect(await bob.messages.mailbox()).toMatchObject({
      pending_request_count: 1,
      unread_message_count: 0,
    });
    const { conversations } = await bob.messages.conversations({ state: 'requested' });
    expect(conversations).toMatchObject([
      { with: { did: ada.did, name: 'ada' }, asked_by_me: false, unread_count: 1 },
    ]);
    await bob.messages.accept(asked.conversation);
    await bob.messages.send(asked.conversation, { content: 'Go on.' });
    await ada.messages.send(asked.conversation, { content: 'That is all.' });
    const said = [`Psst: ${MARKER}`, 'Go on.', 'That is all.'];
    expect(await wordsOf(ada, asked.conversation)).toEqual(said);
    expect(await wordsOf(bob, asked.conversation)).toEqual(said);
    const { messages, other } = await bob.messages.conversation(asked.conversation);
    expect(other).toBe(ada.did);
    const [first, accepted, mine, last] = messages;
    expect(first).toMatchObject({
      from: ada.did,
      letter: { needsHumanInput: true, order: 'first' },
    });
    expect(accepted).toMatchObject({
      kind: 'Accept',
      from: bob.did,
      letter: null,
      incoming: false,
    });
    expect(mine).toMatchObject({
      from: bob.did,
      letter: { order: 'first', inReplyTo: first!.object },
    });
    expect(last).toMatchObject({
      from: ada.did,
      letter: { order: 'next', inReplyTo: mine!.object },
    });
  });

  test('tells what is unread, until it is marked', async () => {
    const [ada, dot] = await pair('ada', 'dot');
    const conversation = await converse(dot, ada);
    await dot.messages.send(conversation, { content: 'one' });
    const { id } = await dot.messages.send(conversation, { content: 'two' });
    const unread = async () =>
      (await ada.messages.conversation(conversation)).conversation.unread_count;
    expect(await unread()).toBe(3);
    const { unread_message_count: all } = await ada.messages.mailbox();
    await ada.messages.markRead(conversation, id);
    expect(await unread()).toBe(0);
    expect((await ada.messages.mailbox()).unread_message_count).toBe(all - 3);
  });

  test('can be continued from elsewhere, where nothing is remembered', async () => {
    const [eve, fay] = await pair('eve', 'fay');
    const conversation = await converse(eve, fay);
    await eve.messages.send(conversation, { content: 'from here' });
    const elsewhere = clientAt(node, keyOf('eve'));
    await elsewhere.messages.send(conversation, { content: 'from there' });
    const { messages } = await fay.messages.conversation(conversation);
    expect(messages.flatMap(({ letter }) => (letter?.ok ? letter.order : []))).toEqual([
      'first',
      'next',
      'next',
    ]);
  });

  test('that was declined stays so', async () => {
    const [gus, hal] = await pair('gus', 'hal');
    const { conversation } = await gus.messages.request(hal.did, { content: 'Please?' });
    await hal.messages.reject(conversation);
    const said = await gus.messages.conversation(conversation);
    expect(said.conversation.state).toBe('rejected');
    await expect(gus.messages.send(conversation, { content: 'But …' })).rejects.toMatchObject({
      code: 'conversation_closed',
    });
    await expect(gus.messages.request(hal.did, { content: 'Again?' })).rejects.toMatchObject({
      code: 'contact_refused',
    });
    await expect(hal.messages.accept(conversation)).rejects.toMatchObject({
      code: 'already_answered',
    });
    // Who has declined may still ask.
    expect(await hal.messages.request(gus.did, { content: 'Now?' })).toMatchObject({
      status: 'delivered',
    });
  });

  test('is not open before it is taken up, and nobody takes up their own', async () => {
    const [ida, jon] = await pair('ida', 'jon');
    const { conversation } = await ida.messages.request(jon.did, { content: 'Hello' });
    for (const client of [ida, jon]) {
      await expect(client.messages.send(conversation, { content: 'Hm' })).rejects.toMatchObject({
        code: 'conversation_closed',
      });
    }
    await expect(ida.messages.accept(conversation)).rejects.toMatchObject({
      code: 'already_answered',
    });
    await expect(ida.messages.request(jon.did, { content: 'Twice' })).rejects.toMatchObject({
      code: 'conversation_exists',
    });
    await expect(jon.messages.request(ida.did, { content: 'Me too' })).rejects.toMatchObject({
      code: 'conversation_exists',
    });
  });

  test('with whoever is blocked is over, and blocking tells no more than declining', async () => {
    const [kim, lou] = await pair('kim', 'lou');
    const conversation = await converse(kim, lou);
    await lou.messages.block(kim.did);
    const refused = (promise: Promise<unknown>) =>
      promise.then(
        () => null,
        ({ code, message }) => ({ code, message }),
      );
    const sent = await refused(kim.messages.send(conversation, { content: 'Still there?' }));
    expect(sent).toMatchObject({ code: 'contact_refused' });
    await kim.messages.deleteConversation(conversation);
    expect(await refused(kim.messages.request(lou.did, { content: 'Hello?' }))).toEqual(sent);
    await expect(lou.messages.send(conversation, { content: 'No' })).rejects.toMatchObject({
      code: 'conversation_closed',
    });
    expect(await lou.messages.blocks()).toMatchObject([{ did: kim.did }]);
    await lou.messages.unblock(kim.did);
    expect(await lou.messages.blocks()).toEqual([]);
  });

  test('is deleted by each side for itself, and nothing comes a second time', async () => {
    const [meg, ned] = await pair('meg', 'ned');
    const conversation = await converse(meg, ned);
    const envelope = (await meg.messages.conversation(conversation)).messages[0]!.envelope;
    await ned.messages.deleteConversation(conversation);
    await expect(ned.messages.conversation(conversation)).rejects.toMatchObject({
      code: 'conversation_unknown',
    });
    expect(await wordsOf(meg, conversation)).toEqual(['May I?']);
    await expect(meg.messages.send(conversation, { content: 'Gone?' })).rejects.toMatchObject({
      code: 'conversation_unknown',
    });
    // The Offer itself, once more: it was taken before.
    await meg.messages.deleteConversation(conversation);
    expect((await post('meg', { envelope })).json).toMatchObject({ success: true });
    expect((await ned.messages.conversations()).conversations).toEqual([]);
    expect((await ned.messages.mailbox()).bytes).toBe(0);
  });
});

describe('a mailbox', () => {
  test('is its owner’s alone', async () => {
    const [ada, bob] = await pair('ada', 'bob');
    const { conversations } = await ada.messages.conversations({ state: 'open' });
    const mine = conversations.find((one) => one.with.did === bob.did)!;
    const eve = new Agent('eve');
    const paths = [`/api/v1/conversations/${mine.id}`, `/api/v1/messages/${mine.id}`];
    for (const path of paths) {
      expect((await node.ask(eve, path)).json.code).toBe('conversation_unknown');
      expect((await node.ask(eve, path, { method: 'DELETE' })).json.code).toBe(
        'conversation_unknown',
      );
      expect((await node.send(path)).json.code).toBe('signature_missing');
    }
    const read = { ...POSTED, body: utf8(JSON.stringify({ through: mine.id })) };
    const marked = await node.ask(eve, `/api/v1/conversations/${mine.id}/read`, read);
    expect(marked.json.code).toBe('conversation_unknown');
    expect(await wordsOf(ada, mine.id)).toContain('Go on.');
  });

  test('is read a page at a time', async () => {
    const [ada, bob] = await pair('ada', 'bob');
    const { conversations } = await ada.messages.conversations({ state: 'open' });
    const { id } = conversations.find((one) => one.with.did === bob.did)!;
    const newest = await ada.messages.conversation(id, { limit: 2 });
    const before = await ada.messages.conversation(id, { limit: 2, cursor: newest.next_cursor! });
    expect([...before.messages, ...newest.messages].map(({ kind }) => kind)).toEqual([
      'Offer',
      'Accept',
      'Create',
      'Create',
    ]);
    expect(newest.other).toBe(bob.did);
    expect(before.next_cursor).toBeNull();
    const all = await ada.messages.conversations({ limit: 1 });
    expect(all.next_cursor).not.toBeNull();
  });

  test.each(['cursor=x', 'limit=0', 'state=odd', 'under=x', 'state=open&state=all'])(
    'does not answer %s',
    async (query) => {
      const { json } = await node.ask(new Agent('ada'), `/api/v1/conversations?${query}`);
      expect(json.code).toBe('bad_parameter');
    },
  );
});

test('nothing that a node has shows what was written: tables, files, logs', async () => {
  const [ada, bob] = await pair('ada', 'bob');
  const open = (await ada.messages.conversations({ state: 'open' })).conversations;
  const { id } = open.find((one) => one.with.did === bob.did)!;
  await ada.messages.send(id, { content: `Once more: ${MARKER}` });
  expect((await ada.messages.conversations()).conversations.length).toBeGreaterThan(0);
  expect(
    (
      await wordsOf(
        bob,
        (
          await bob.messages.conversations({ limit: 100 })
        ).conversations.find((one) => one.with.did === ada.did)!.id,
      )
    ).join(),
  ).toContain(MARKER);
  const [rows = []] = await node.context.db.batch('read', [
    { sql: 'SELECT file FROM pragma_database_list', args: [] },
  ]);
  const folder = dirname(String(rows[0]![0]));
  const files = readdirSync(folder).map((name) => join(folder, name));
  const marker = Buffer.from(MARKER);
  const encoded = Buffer.from(Buffer.from(MARKER).toString('base64url').slice(2, -2));
  expect(files.some((file) => file.endsWith('-wal'))).toBe(true);
  for (const file of files) {
    const bytes = readFileSync(file);
    expect([file, bytes.includes(marker), bytes.includes(encoded)]).toEqual([file, false, false]);
  }
  expect(node.failures).toEqual([]);
  const objects = await node.context.db.batch('read', [
    { sql: "SELECT count(*) FROM objects WHERE cast(bytes AS TEXT) LIKE '%jose+json%'", args: [] },
  ]);
  expect(objects[0]![0]![0]).toBe(0);
});

test('what was deleted is gone from all files', async () => {
  const [sue, tom] = await pair('sue', 'tom');
  const conversation = await converse(sue, tom);
  const { messages } = await sue.messages.conversation(conversation);
  const { content } = messages[0]!.envelope.object as { content: string };
  const trace = Buffer.from(content.slice(100, 160));
  const [rows = []] = await node.context.db.batch('read', [
    { sql: 'SELECT file FROM pragma_database_list', args: [] },
  ]);
  const folder = dirname(String(rows[0]![0]));
  const found = () =>
    readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes(trace));
  expect(found()).toBe(true);
  await sue.messages.deleteConversation(conversation);
  await tom.messages.deleteMessage(idOf(messages[0]!.object));
  for (let tries = 0; found() && tries < 500; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(found()).toBe(false);
}, 20_000);
