// What a node refuses of the envelopes that agents send, and that the same one counts once.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readersOf } from '../../src/client/correspondents.ts';
import { utf8 } from '../../src/protocol/bytes.ts';
import { formatDateTime } from '../../src/protocol/date-time.ts';
import type { EnvelopeDraft } from '../../src/protocol/envelope.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { nameFromHash } from '../../src/protocol/object-name.ts';
import { sealLetter } from '../../src/protocol/sealed-letter.ts';
import { signEnvelope, signLetter } from '../../src/protocol/signed-envelope.ts';
import { joined, type Writer } from '../message-scene.ts';
import { Agent, crypto } from '../sandbox.ts';
import { HttpNode, POSTED } from './http-node.ts';

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
const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));

/** An Offer as an agent may make it without the SDK. */
async function offer(
  from: string,
  to: string,
  changes: Partial<EnvelopeDraft> & JsonObject = {},
): Promise<JsonObject> {
  const [sender, recipient] = [new Agent(from), new Agent(to)];
  const created = formatDateTime(node.clock.now / 1000);
  const signer = { did: sender.did, seed: sender.seed, created };
  const letter = signLetter(
    {
      type: 'Create',
      to: [recipient.did],
      seq: 0,
      object: { type: 'Note', content: 'Hello?', mediaType: 'text/plain' },
    },
    signer,
    crypto,
  );
  const line = { crypto, fetch, origin: node.origin };
  const dids = [...new Set([recipient.did, sender.did])];
  const readers = (await Promise.all(dids.map((did) => readersOf(did, line)))).flat();
  const content = await sealLetter(letter, readers, { crypto, random });
  const object = { type: 'Document', mediaType: 'application/jose+json', content } as const;
  const origin = node.context.node.did;
  const draft = { type: 'Offer', to: [recipient.did], origin, object, ...changes } as EnvelopeDraft;
  return signEnvelope(draft, signer, crypto).object;
}

const post = (as: string, body: JsonObject | Uint8Array) =>
  node.ask(new Agent(as), PATH, {
    ...POSTED,
    body: body instanceof Uint8Array ? body : utf8(JSON.stringify(body)),
  });

describe('an envelope', () => {
  test('sent twice is there once', async () => {
    const [, qua] = await pair('pia', 'qua');
    const envelope = await offer('pia', 'qua');
    expect((await post('pia', { envelope })).status).toBe(201);
    expect((await post('pia', { envelope })).status).toBe(200);
    const both = await Promise.all([post('pia', { envelope }), post('pia', { envelope })]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect((await qua.messages.conversations()).conversations).toHaveLength(1);
  });

  test.each<[string, string, string, () => Promise<{ as: string; body: JsonObject }>]>([
    [
      'by another agent',
      '403',
      'not_sender',
      async () => ({ as: 'eve', body: { envelope: await offer('ada', 'fay') } }),
    ],
    [
      'for another node',
      '422',
      'other_node',
      async () => ({
        as: 'ada',
        body: { envelope: await offer('ada', 'fay', { origin: new Agent('x').did }) },
      }),
    ],
    [
      'that was changed',
      '422',
      'proof_invalid',
      async () => ({
        as: 'ada',
        body: { envelope: { ...(await offer('ada', 'fay')), to: [new Agent('eve').did] } },
      }),
    ],
    [
      'to oneself',
      '422',
      'own_message',
      async () => ({ as: 'ada', body: { envelope: await offer('ada', 'ada') } }),
    ],
    [
      'to nobody here',
      '404',
      'recipient_unknown',
      async () => ({ as: 'ada', body: { envelope: await offer('ada', 'nobody') } }),
    ],
    [
      'of nobody here',
      '403',
      'not_joined',
      async () => ({ as: 'stranger', body: { envelope: await offer('stranger', 'ada') } }),
    ],
    ['without an envelope', '400', 'message_malformed', async () => ({ as: 'ada', body: {} })],
    [
      'with something beside it',
      '400',
      'message_malformed',
      async () => ({ as: 'ada', body: { envelope: {}, x: 1 } }),
    ],
    ['that is none', '422', 'unknown_context', async () => ({ as: 'ada', body: { envelope: {} } })],
    [
      'by no node',
      '400',
      'message_malformed',
      async () => ({
        as: 'ada',
        body: { envelope: await offer('ada', 'fay'), via: 'http://user@node/' },
      }),
    ],
    [
      'with an endless chain',
      '400',
      'message_malformed',
      async () => ({
        as: 'ada',
        body: { envelope: await offer('ada', 'fay'), chain: [1, 2, 3, 4] },
      }),
    ],
    [
      'in a conversation that there is not',
      '404',
      'conversation_unknown',
      async () => ({
        as: 'ada',
        body: {
          envelope: await offer('ada', 'fay', {
            type: 'Create',
            context: nameFromHash(new Uint8Array(32)),
          }),
        },
      }),
    ],
  ])('%s is refused: %s %s', async (_, status, code, make) => {
    await pair('ada', 'fay');
    const { as, body } = await make();
    const answer = await post(as, body);
    expect([String(answer.status), answer.json.code]).toEqual([status, code]);
  });

  test('of another time is refused', async () => {
    await pair('ada', 'fay');
    for (const shift of [-86_401, 301]) {
      const published = formatDateTime(node.clock.now / 1000 + shift);
      const answer = await post('ada', { envelope: await offer('ada', 'fay', { published }) });
      expect(answer.json.code).toBe('clock_skew');
    }
  });

  test('that is no JSON, or too large, is refused before it is looked at', async () => {
    await pair('ada', 'fay');
    expect((await post('ada', utf8('{"envelope":'))).json.code).toBe('invalid_json');
    expect((await post('ada', utf8('x'.repeat(262_145)))).json.code).toBe('too_large');
    const envelope = await offer('ada', 'fay');
    const object = { ...(envelope.object as JsonObject), content: 'x'.repeat(131_073) };
    expect((await post('ada', { envelope: { ...envelope, object } })).json.code).toBe('malformed');
  });

  test('cannot be submitted as an act for a log', async () => {
    await pair('ada', 'fay');
    const answer = await node.submit(new Agent('ada'), await offer('ada', 'fay'));
    expect(answer.status).toBe(422);
  });
});
