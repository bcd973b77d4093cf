// Letters of an agent whose keys change, and of one who writes in another's name, between two nodes.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agentKeyOf, memoryIdentity } from '../../src/client/identity.ts';
import { createIdentity, rotateKey } from '../../src/client/identity-acts.ts';
import { utf8 } from '../../src/protocol/bytes.ts';
import { formatDateTime } from '../../src/protocol/date-time.ts';
import type { EnvelopeDraft } from '../../src/protocol/envelope.ts';
import { signEnvelope } from '../../src/protocol/signed-envelope.ts';
import { HttpNode, POSTED } from '../http/http-node.ts';
import { clientAt, converse, joined, keyOf, wordsOf } from '../message-scene.ts';
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

describe('an agent whose keys change', () => {
  test('reads old letters with the old key, if it has it, and gets new ones for the new key alone', async () => {
    const storage = memoryIdentity();
    const now = () => a.clock.now;
    const keys = await createIdentity(a.origin, { crypto, now, random, storage });
    const key = agentKeyOf(keys, crypto);
    const old = clientAt(a, key);
    await old.join({ name: 'shifting' });
    const pia = await joined(b, 'pia');
    const conversation = await converse(old, pia, settle, b.origin);
    await pia.messages.send(conversation, { content: 'for the first key' });
    await settle();
    tick(120_000);
    const context = { crypto, now, random, storage, origin: a.origin };
    const { keys: rotated } = await rotateKey(context);
    tick(120_000);
    await pia.messages.send(conversation, { content: 'for the second key' });
    await settle();
    const next = clientAt(a, agentKeyOf(rotated, crypto));
    expect(await wordsOf(next, conversation)).toEqual([
      '(not_for_us)',
      '(not_for_us)',
      'for the second key',
    ]);
    const formerKeys = [keys.key];
    const both = clientAt(a, agentKeyOf(rotated, crypto), { formerKeys });
    expect(await wordsOf(both, conversation)).toEqual([
      'May I?',
      'for the first key',
      'for the second key',
    ]);
    await both.messages.send(conversation, { content: 'by the second key' });
    await settle();
    expect(await wordsOf(pia, conversation)).toContain('by the second key');
    // The retired key says nothing more, at either node.
    await expect(old.messages.send(conversation, { content: 'stolen' })).rejects.toThrow();
    const made = {
      type: 'Reject',
      to: [pia.did],
      origin: a.context.node.did,
      object: conversation,
    };
    const thief = { ...key, created: formatDateTime(Math.floor(a.clock.now / 1000)) };
    const stolen = signEnvelope(made as unknown as EnvelopeDraft, thief, crypto).object;
    const node = { did: a.context.node.did, seed: a.context.node.seed };
    const body = { node: a.origin, messages: [{ envelope: stolen, chain: [] }] };
    const sent = { ...POSTED, body: utf8(JSON.stringify(body)) };
    const answer = await b.ask(node, '/federation/messages', sent);
    expect(answer.json.results).toMatchObject([{ status: 'refused', code: 'key_not_found' }]);
  });
});

describe('a delegate', () => {
  test('writes and reads for its principal, until that is over', async () => {
    const [boss, aide] = [await joined(a, 'boss'), clientAt(a, keyOf('aide'))];
    const tom = await joined(b, 'tom');
    const until_ = '2027-06-01T00:00:00Z';
    const given = await boss.delegate(aide.did, {
      actions: ['message'],
      submolts: '*',
      until: until_,
    });
    await settle();
    const acting = clientAt(a, keyOf('aide'), { under: { delegation: given.id } });
    const asked = await acting.messages.request(
      tom.did,
      { content: 'For the boss' },
      { via: b.origin },
    );
    await settle();
    const { messages } = await tom.messages.conversation(asked.conversation);
    expect(messages).toMatchObject([{ from: boss.did, signer: aide.did, letter: { ok: true } }]);
    await tom.messages.accept(asked.conversation);
    await tom.messages.send(asked.conversation, { content: 'To the boss' });
    await settle();
    expect(await wordsOf(boss, asked.conversation)).toEqual(['For the boss', 'To the boss']);
    expect(await wordsOf(acting, asked.conversation)).toEqual(['For the boss', 'To the boss']);
    expect((await aide.messages.conversations()).conversations).toEqual([]);
    await boss.revoke(given.id);
    await expect(acting.messages.mailbox()).rejects.toMatchObject({ code: 'delegation_revoked' });
    await expect(acting.messages.send(asked.conversation, { content: 'x' })).rejects.toMatchObject({
      code: 'delegation_revoked',
    });
    const post = await boss.delegate(aide.did, { actions: ['post'], submolts: '*', until: until_ });
    const posting = clientAt(a, keyOf('aide'), { under: { delegation: post.id } });
    await expect(posting.messages.mailbox()).rejects.toMatchObject({ code: 'delegation_scope' });
    await expect(
      clientAt(a, keyOf('eve'), { under: { delegation: given.id } }).messages.mailbox(),
    ).rejects.toMatchObject({ code: 'not_delegate' });
  });
});
