// Agents of two nodes write to each other: by themselves, while one node is down, and through forgeries.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readersOf } from '../../src/client/correspondents.ts';
import { utf8 } from '../../src/protocol/bytes.ts';
import { formatDateTime } from '../../src/protocol/date-time.ts';
import type { EnvelopeDraft } from '../../src/protocol/envelope.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { sealLetter } from '../../src/protocol/sealed-letter.ts';
import { signEnvelope } from '../../src/protocol/signed-envelope.ts';
import { type Caller, HttpNode, POSTED } from '../http/http-node.ts';
import {
  clientAt,
  converse,
  joined,
  keyOf,
  until,
  type Writer,
  wordsOf,
} from '../message-scene.ts';
import { crypto } from '../sandbox.ts';

let a: HttpNode;
let b: HttpNode;
const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));

beforeAll(async () => {
  a = await HttpNode.open({ name: 'a', federated: true });
  b = await HttpNode.open({ name: 'b', federated: true });
  b.clock.now = a.clock.now;
});
afterAll(async () => {
  await a.close();
  await b.close();
});

const settle = async () => {
  for (const node of [a, b]) {
    node.federation!.poke();
    await node.federation!.idle();
  }
};
const tick = (ms: number) => {
  a.clock.now += ms;
  b.clock.now += ms;
};

/** The newest message that somebody has sent, as its own node shows it. */
async function deliveryOf(client: Writer, id: string) {
  return (await client.messages.message(id)).delivery;
}

describe('between two nodes', () => {
  test('a conversation goes its way, and each side sees what became of what it sent', async () => {
    const [ada, bob] = [await joined(a, 'ada'), await joined(b, 'bob')];
    await expect(
      ada.messages.request(bob.did, { content: 'Where are you?' }),
    ).rejects.toMatchObject({
      code: 'recipient_unknown',
    });
    const asked = await ada.messages.request(bob.did, { content: 'May I?' }, { via: b.origin });
    expect(asked.status).toBe('waiting');
    await settle();
    expect(await deliveryOf(ada, asked.id)).toMatchObject({ status: 'delivered' });
    await bob.messages.accept(asked.conversation);
    await bob.messages.send(asked.conversation, { content: 'You may.' });
    await settle();
    const { id } = await ada.messages.send(asked.conversation, { content: 'Good.' });
    await settle();
    const said = ['May I?', 'You may.', 'Good.'];
    expect(await wordsOf(ada, asked.conversation)).toEqual(said);
    expect(await wordsOf(bob, asked.conversation)).toEqual(said);
    expect(await deliveryOf(ada, id)).toMatchObject({ status: 'delivered' });
    const { conversations } = await ada.messages.conversations();
    expect(conversations).toMatchObject([
      { state: 'open', with: { did: bob.did }, unread_count: 1 },
    ]);
  });

  test('a refusal is shown to the sender, and says no more than it must', async () => {
    const [eve, bob] = [await joined(a, 'eve'), clientAt(b, keyOf('bob'))];
    await bob.messages.block(eve.did);
    const asked = await eve.messages.request(bob.did, { content: 'Psst' }, { via: b.origin });
    await settle();
    expect(await deliveryOf(eve, asked.id)).toMatchObject({
      status: 'refused',
      code: 'contact_refused',
    });
    const stranger = await eve.messages.request(
      keyOf('nobody').did,
      { content: 'Psst' },
      { via: b.origin },
    );
    await settle();
    expect(await deliveryOf(eve, stranger.id)).toMatchObject({ code: 'recipient_unknown' });
    const nowhere = await eve.messages.request(
      keyOf('other').did,
      { content: 'x' },
      { via: 'http://127.0.0.1:1' },
    );
    await settle();
    expect(await deliveryOf(eve, nowhere.id)).toMatchObject({ status: 'waiting' });
    tick(7 * 86_400_000 + 1);
    a.federation!.poke();
    await until(async () => (await deliveryOf(eve, nowhere.id)).status === 'refused');
    expect(await deliveryOf(eve, nowhere.id)).toMatchObject({ code: 'undeliverable' });
  });

  test('who ask each other at the same time have two requests, and either will do', async () => {
    const [uma, vic] = [await joined(a, 'uma'), await joined(b, 'vic')];
    const [there, back] = await Promise.all([
      uma.messages.request(vic.did, { content: 'You?' }, { via: b.origin }),
      vic.messages.request(uma.did, { content: 'You?' }, { via: a.origin }),
    ]);
    await settle();
    expect(await deliveryOf(uma, there.id)).toMatchObject({ status: 'delivered' });
    expect(await deliveryOf(vic, back.id)).toMatchObject({ status: 'delivered' });
    await vic.messages.accept(there.conversation);
    await settle();
    await uma.messages.send(there.conversation, { content: 'Me.' });
    await settle();
    expect(await wordsOf(vic, there.conversation)).toEqual(['You?', 'Me.']);
  });

  test('an answer that was refused can be given again', async () => {
    const [gil, hal] = [await joined(a, 'gil'), await joined(b, 'hal')];
    const { conversation } = await gil.messages.request(
      hal.did,
      { content: 'May I?' },
      { via: b.origin },
    );
    await settle();
    await gil.messages.block(hal.did);
    const refused = await hal.messages.accept(conversation);
    await settle();
    expect(await deliveryOf(hal, refused.id)).toMatchObject({ code: 'contact_refused' });
    await gil.messages.unblock(hal.did);
    tick(1_000);
    const again = await hal.messages.accept(conversation);
    await settle();
    expect(await deliveryOf(hal, again.id)).toMatchObject({ status: 'delivered' });
    await gil.messages.send(conversation, { content: 'At last' });
    await settle();
    expect(await wordsOf(hal, conversation)).toEqual(['May I?', 'At last']);
    tick(1_000);
    await expect(hal.messages.reject(conversation)).rejects.toMatchObject({
      code: 'already_answered',
    });
  });

  test('what is written while the other node is down comes later, in order, once', async () => {
    const [ida, jon] = [await joined(a, 'ida'), await joined(b, 'jon')];
    const conversation = await converse(ida, jon, settle, b.origin);
    await b.down();
    const sent: string[] = [];
    for (const content of ['one', 'two', 'three']) {
      sent.push((await ida.messages.send(conversation, { content })).id);
      a.federation!.poke();
      await a.federation!.idle();
    }
    expect(await deliveryOf(ida, sent[0]!)).toMatchObject({ status: 'waiting' });
    await ida.messages.deleteMessage(sent[1]!);
    await b.up();
    tick(600_000);
    await until(async () => {
      a.federation!.poke();
      return (await deliveryOf(ida, sent[2]!)).status === 'delivered';
    });
    const there = clientAt(b, keyOf('jon'));
    // The second was taken back in time; the letters tell that one is missing.
    expect(await wordsOf(there, conversation)).toEqual(['May I?', 'one', 'three']);
    const { messages } = await there.messages.conversation(conversation);
    expect(messages.at(-1)).toMatchObject({ letter: { order: 'gap' } });
  }, 20_000);
});

describe('a node', () => {
  const deliver = (body: unknown, as: Caller) =>
    b.ask(as, '/federation/messages', { ...POSTED, body: utf8(JSON.stringify(body)) });
  const envelopeOf = async (client: Writer, id: string) =>
    (await client.messages.message(id)).envelope;
  const nodeA = (): Caller => ({ did: a.context.node.did, seed: a.context.node.seed });
  const resultOf = (answer: Awaited<ReturnType<typeof deliver>>) =>
    (answer.json.results as { status: string; code?: string }[])[0];

  test('delivers for its own agents alone, and nothing that it has changed', async () => {
    const [kim, lou] = [await joined(a, 'kim'), await joined(b, 'lou')];
    const asked = await kim.messages.request(
      lou.did,
      { content: 'Hello' },
      { via: 'http://127.0.0.1:1' },
    );
    const envelope = await envelopeOf(kim, asked.id);
    const one = (changed: JsonObject) => ({
      node: a.origin,
      messages: [{ envelope: changed, chain: [] }],
    });
    const eve = keyOf('eve');
    const as = { did: eve.did, seed: eve.seed };
    expect(resultOf(await deliver(one(envelope), as))).toMatchObject({ code: 'other_node' });
    for (const changes of [
      { to: [keyOf('bob').did] },
      { origin: eve.did },
      { published: '2026-11-28T00:00:00Z' },
      { object: { ...(envelope.object as JsonObject), content: 'x' } },
    ]) {
      const result = resultOf(await deliver(one({ ...envelope, ...changes }), nodeA()));
      expect(result?.status).toBe('refused');
    }
    expect(resultOf(await deliver(one(envelope), nodeA()))).toMatchObject({ status: 'taken' });
    expect(resultOf(await deliver(one(envelope), nodeA()))).toMatchObject({ status: 'taken' });
    expect((await lou.messages.conversations()).conversations).toHaveLength(1);
    // Deleted, it does not come back, now or when it is too old to be known.
    await lou.messages.deleteConversation(asked.conversation);
    expect(resultOf(await deliver(one(envelope), nodeA()))).toMatchObject({ status: 'taken' });
    tick(9 * 86_400_000);
    expect(resultOf(await deliver(one(envelope), nodeA()))).toMatchObject({ code: 'clock_skew' });
    expect((await lou.messages.conversations()).conversations).toEqual([]);
  });

  test('whose strangers all ask one agent is held back before others are', async () => {
    const zoe = await joined(b, 'zoe');
    const now = formatDateTime(Math.floor(b.clock.now / 1000));
    const readers = await readersOf(zoe.did, { crypto, fetch, origin: b.origin });
    const content = await sealLetter({ bytes: new Uint8Array(9) } as never, readers, {
      crypto,
      random,
    });
    const object = { type: 'Document', mediaType: 'application/jose+json', content };
    const statuses: string[] = [];
    for (let from = 0; from < 60; from += 15) {
      const messages = Array.from({ length: 15 }, (_, i) => {
        const { did, seed } = keyOf(`stranger ${from + i}`);
        const draft = { type: 'Offer', to: [zoe.did], origin: a.context.node.did, object };
        const signer = { did, seed, created: now };
        const { object: envelope } = signEnvelope(
          draft as unknown as EnvelopeDraft,
          signer,
          crypto,
        );
        return { envelope, chain: [] };
      });
      const { json } = await deliver({ node: a.origin, messages }, nodeA());
      statuses.push(...(json.results as { status: string }[]).map(({ status }) => status));
    }
    expect(statuses.filter((status) => status === 'taken')).toHaveLength(50);
    expect(statuses.slice(50).every((status) => status === 'deferred')).toBe(true);
    const near = await joined(b, 'near');
    expect(await near.messages.request(zoe.did, { content: 'Hello' })).toMatchObject({
      status: 'delivered',
    });
  });

  test.each<[string, unknown, string]>([
    ['nothing', {}, 'malformed_request'],
    ['no messages', { node: 'x', messages: [] }, 'malformed_request'],
    [
      'too many',
      {
        node: 'http://127.0.0.1:1',
        messages: Array.from({ length: 17 }, () => ({ envelope: {}, chain: [] })),
      },
      'malformed_request',
    ],
    [
      'a chain without end',
      { node: 'http://127.0.0.1:1', messages: [{ envelope: {}, chain: [1, 2, 3, 4] }] },
      'malformed_request',
    ],
    [
      'a node that is another',
      { node: 'https://node.example', messages: [{ envelope: {}, chain: [] }] },
      'node_mismatch',
    ],
  ])('that sends %s is refused: %s', async (_, body, code) => {
    expect((await deliver(body, nodeA())).json.code).toBe(code);
  });

  test('that hands out somebody else’s key, or another conversation, is found out', async () => {
    const [meg, ned] = [await joined(a, 'meg'), await joined(b, 'ned')];
    const conversation = await converse(meg, ned, settle, b.origin);
    const page = await a.ask(meg_(), `/api/v1/conversations/${conversation.split(';')[1]}`);
    const { messages, conversation: view } = page.json as {
      messages: JsonObject[];
      conversation: JsonObject;
    };
    const evil = async (change: (body: JsonObject) => void): Promise<Writer> => {
      const body = structuredClone({
        success: true,
        conversation: view,
        messages,
        next_cursor: null,
      });
      change(body as JsonObject);
      const answer: typeof fetch = async (url, init) =>
        String(url).includes('/api/v1/conversations/')
          ? new Response(JSON.stringify(body))
          : String(url).includes('/api/v1/messages/')
            ? new Response('{"code":"conversation_unknown"}', { status: 404 })
            : fetch(url, init);
      return clientAt(a, keyOf('meg'), { fetch: answer });
    };
    const renamed = await evil((body) => {
      (body.conversation as JsonObject).with = { did: keyOf('eve').did, name: 'ned' };
    });
    expect(await renamed.messages.conversation(conversation)).toMatchObject({ other: ned.did });
    const twice = await evil((body) => {
      body.messages = [...messages, messages[0]!];
    });
    const orders = (await twice.messages.conversation(conversation)).messages;
    expect(orders.at(-1)).toMatchObject({ letter: { order: 'repeated' } });
    const swapped = await evil((body) => {
      body.messages = [{ ...messages[0]!, object: messages[1]!.object! }];
    });
    expect((await swapped.messages.conversation(conversation)).messages).toMatchObject([
      { from: null, letter: { reason: 'envelope_invalid' } },
    ]);
    const empty = await evil((body) => {
      body.messages = [];
    });
    await expect(empty.messages.send(conversation, { content: 'x' })).rejects.toMatchObject({
      code: 'verification_failed',
    });
    const { messages: strange } = await clientAt(a, keyOf('kim'))
      .messages.conversations()
      .then(async () => {
        const kim = clientAt(a, keyOf('kim'));
        const { conversations } = await kim.messages.conversations();
        return kim.messages.conversation(conversations[0]!.id);
      });
    const foreign = await evil((body) => {
      body.messages = [...messages, strange[0]! as unknown as JsonObject];
    });
    const read = await foreign.messages.conversation(conversation);
    expect(read.messages.at(-1)).toMatchObject({ from: null, letter: { reason: 'other_parties' } });
    expect(read.other).toBe(ned.did);
  });
  const meg_ = (): Caller => ({ did: keyOf('meg').did, seed: keyOf('meg').seed });
});
