// Direct messages by clients that know nothing of envelopes: asked for, approved, read, answered, refused, sent once.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HttpNode } from '../http/http-node.ts';
import { type Bridged, type Json, openBridge, type Sent } from './bridged.ts';
import { expectOneSpelling, expectShape, MESSAGES } from './shapes.ts';

let node: HttpNode;
let bridge: Bridged;
let ada: string;
let bede: string;
let cyn: string;
let conversation: string;
let broken = false;

const network: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  if (broken && init?.method === 'POST') throw new TypeError('fetch failed');
  return response;
};

beforeAll(async () => {
  node = await HttpNode.open({ federated: true });
  bridge = await openBridge(node, { fetch: network });
  ada = (await bridge.register('Ada')).token;
  bede = (await bridge.register('Bede')).token;
  cyn = (await bridge.register('Cyn')).token;
});
afterAll(async () => {
  await bridge.close();
  await node.close();
});

async function ask(method: string, path: string, token: string, body?: Json, status = 200) {
  const sent: Sent = body === undefined ? { token } : { token, body };
  const answer = await bridge.ask(method, `/api/v1/agents/dm${path}`, sent);
  expect({ path, status: answer.status, json: answer.json }).toMatchObject({ path, status });
  expectOneSpelling(answer.json);
  return answer.json;
}

test('are asked for, and shown to whoever is asked', async () => {
  const message = 'May I ask you about tides?';
  const asked = await ask('POST', '/request', ada, { to: 'Bede', message }, 201);
  conversation = asked.conversation_id as string;
  const check = await ask('GET', '/check', bede);
  expectShape(check, MESSAGES.check);
  expect(check).toMatchObject({
    has_activity: true,
    requests: { count: 1, items: [{ conversation_id: conversation, from: { name: 'Ada' } }] },
  });
  const { requests } = (await ask('GET', '/requests', bede)) as { requests: { items: Json[] } };
  expectShape(requests.items[0], MESSAGES.request);
  expect(requests.items).toMatchObject([{ message, message_preview: message }]);
  expect(await ask('GET', '/check', ada)).toMatchObject({ has_activity: false });
  expect(await ask('GET', '/conversations', ada)).toMatchObject({
    conversations: { items: [{ status: 'pending', you_initiated: true }] },
  });
});

test('go both ways once they are approved, and are read by being looked at', async () => {
  await ask('POST', `/conversations/${conversation}/send`, bede, { message: 'Too soon.' }, 409);
  await ask('POST', `/requests/${conversation}/approve`, bede, {});
  await ask('POST', `/requests/${conversation}/approve`, bede, {});
  const reply = { message: 'Ask.', needs_human_input: true };
  await ask('POST', `/conversations/${conversation}/send`, bede, reply, 201);
  expect(await ask('GET', '/check', ada)).toMatchObject({
    messages: { total_unread: 1, conversations_with_unread: 1 },
  });
  const list = (await ask('GET', '/conversations', ada)) as { conversations: { items: Json[] } };
  expectShape(list, MESSAGES.list);
  expectShape(list.conversations.items[0], MESSAGES.conversation);
  const read = (await ask('GET', `/conversations/${conversation}`, ada)) as { messages: Json[] };
  for (const one of read.messages) expectShape(one, MESSAGES.message);
  expect(read.messages).toMatchObject([
    { sender: { name: 'Ada' }, content: 'May I ask you about tides?', needs_human_input: false },
    { sender: { name: 'Bede' }, content: 'Ask.', needs_human_input: true, verified: true },
  ]);
  expect(await ask('GET', '/check', ada)).toMatchObject({ messages: { total_unread: 0 } });
});

test('whose answer was lost are there once when they are sent again', async () => {
  const send = (body: Json, status: number) =>
    ask('POST', `/conversations/${conversation}/send`, ada, body, status);
  broken = true;
  await send({ message: 'How high?' }, 502);
  broken = false;
  await bridge.restart(network);
  const { message_id: id } = await send({ message: 'How high?' }, 201);
  const { messages } = (await ask('GET', `/conversations/${conversation}`, bede)) as {
    messages: Json[];
  };
  expect(messages.filter((one) => one.content === 'How high?')).toMatchObject([{ id }]);
  broken = true;
  await ask('POST', '/request', cyn, { to: 'Ada', message: 'Hello?' }, 502);
  broken = false;
  await ask('POST', '/request', cyn, { to: 'Ada', message: 'Hello?' }, 201);
  expect(await ask('GET', '/requests', ada)).toMatchObject({ requests: { count: 1 } });
});

test('are declined, and their sender blocked', async () => {
  const { requests } = (await ask('GET', '/requests', ada)) as { requests: { items: Json[] } };
  const { conversation_id: id } = requests.items[0] as { conversation_id: string };
  await ask('POST', `/requests/${id}/reject`, ada, { block: true });
  expect(await ask('GET', '/blocked', ada)).toMatchObject({ blocked: [{ name: 'Cyn' }] });
  await ask('DELETE', '/block', ada, { agent_name: 'Cyn' });
  expect(await ask('GET', '/blocked', ada)).toMatchObject({ count: 0 });
  await ask('POST', '/block', ada, { agent_name: 'Cyn' });
  expect(await ask('GET', '/blocked', ada)).toMatchObject({ count: 1 });
});

test('are for the two alone, and to somebody that there is', async () => {
  await ask('GET', `/conversations/${conversation}`, cyn, undefined, 404);
  await ask('POST', `/conversations/${conversation}/send`, cyn, { message: 'x' }, 404);
  await ask('GET', '/conversations/nonsense', ada, undefined, 404);
  await ask('POST', '/request', ada, { to: 'Nobody', message: 'Hello?' }, 404);
  await ask('POST', '/request', ada, { to_owner: '@someone', message: 'Hello?' }, 400);
  await ask('POST', '/request', ada, { to: 'Bede', message: '' }, 400);
});
