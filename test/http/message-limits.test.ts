// How much two agents may write to each other, and how long it is kept.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { converse, joined, until, type Writer } from '../message-scene.ts';
import { HttpNode } from './http-node.ts';

describe('limits', () => {
  let small: HttpNode;
  beforeAll(async () => {
    const messages = {
      requestsPerHour: 2,
      messagesPerHour: 3,
      conversations: 3,
      bytes: 85_000,
      days: 2,
    };
    small = await HttpNode.open({ name: 'small', federated: true, messages });
  });
  afterAll(() => small.close());
  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 'done',
      (error) => error.code,
    );

  test('of requests and messages in an hour, of conversations and of bytes, and of days', async () => {
    const ada = await joined(small, 'ada');
    const others: Writer[] = [];
    for (const name of ['a', 'b', 'c', 'd', 'e']) others.push(await joined(small, name));
    const [a, b, c, d] = others as [Writer, Writer, Writer, Writer];
    const first = await converse(ada, a);
    await converse(ada, b);
    expect(await codeOf(ada.messages.request(c.did, { content: 'x' }))).toBe('too_many_messages');
    const sent = [];
    for (let i = 0; i < 4; i++)
      sent.push(await codeOf(ada.messages.send(first, { content: `${i}` })));
    expect(sent).toEqual(['done', 'done', 'done', 'too_many_messages']);
    // What was deleted counts all the same.
    const { messages } = await ada.messages.conversation(first);
    await ada.messages.deleteMessage(messages.at(-1)!.id);
    expect(await codeOf(ada.messages.send(first, { content: 'x' }))).toBe('too_many_messages');
    small.clock.now += 3_600_001;
    await ada.messages.request(c.did, { content: 'x' });
    expect(await codeOf(ada.messages.request(d.did, { content: 'x' }))).toBe(
      'too_many_conversations',
    );
    const content = 'x'.repeat(10_000);
    expect(await codeOf(ada.messages.send(first, { content }))).toBe('done');
    expect(await codeOf(ada.messages.send(first, { content }))).toBe('done');
    expect(await codeOf(ada.messages.send(first, { content }))).toBe('mailbox_full');
    const { bytes, max_bytes } = await ada.messages.mailbox();
    expect(bytes).toBeLessThan(max_bytes);
    small.clock.now += 2 * 86_400_000 + 1;
    small.federation!.poke();
    await until(async () => (await ada.messages.mailbox()).bytes === 0);
    expect((await ada.messages.conversations()).conversations).toEqual([]);
    expect((await a.messages.mailbox()).bytes).toBe(0);
    small.clock.now += 10 * 86_400_000;
    small.federation!.poke();
    const left = async () => {
      const [rows = []] = await small.context.db.batch('read', [
        { sql: 'SELECT count(*) FROM messages', args: [] },
      ]);
      return rows[0]![0];
    };
    await until(async () => (await left()) === 0);
    expect(small.failures).toEqual([]);
  }, 20_000);
});
