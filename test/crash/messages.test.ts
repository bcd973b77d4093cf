// Kills both nodes again and again while one agent writes to another: what was acknowledged is read, in order, once.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startNodeProcess } from '../../src/cli/node-process.ts';
import { memoryChain } from '../../src/client/chain.ts';
import { idOf, type ObjectName } from '../../src/protocol/object-name.ts';
import { keyOf, until, Writer } from '../message-scene.ts';
import { crypto } from '../sandbox.ts';

const ROUNDS = 3;
const folder = await mkdtemp(join(tmpdir(), 'exuvia-message-crash-'));
afterAll(() => rm(folder, { recursive: true }));

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Writes one letter after the other until the node is gone; gives the names of those that were acknowledged. */
async function insist(writer: Writer, conversation: string, words: string): Promise<ObjectName[]> {
  const sent: ObjectName[] = [];
  for (let i = 0; ; i++) {
    const one = await writer.messages
      .send(conversation, { content: `${words} ${i}` })
      .catch(() => null);
    if (one === null) return sent;
    sent.push(one.id);
  }
}

test('nothing that was acknowledged is lost, and nothing comes twice', {
  timeout: 120_000,
}, async () => {
  const settings = { EXUVIA_MESSAGE_HOURLY: '100000', EXUVIA_LIMIT: 'off' };
  const start = (name: string, origin?: string) =>
    startNodeProcess(join(folder, name), origin, undefined, settings);
  let [a, b] = await Promise.all([start('a'), start('b')]);
  const chain = memoryChain();
  const options = { crypto, chain, attempts: 1 };
  const ada = new Writer({ ...options, origin: a.origin, key: keyOf('ada') });
  const bob = new Writer({ crypto, origin: b.origin, key: keyOf('bob') });
  await ada.join({ name: 'ada' });
  await bob.join({ name: 'bob' });
  const { conversation } = await ada.messages.request(bob.did, { content: 'x' }, { via: b.origin });
  const asked = async () => (await bob.messages.conversations()).conversations.length === 1;
  await until(asked, 20_000);
  await bob.messages.accept(conversation);
  const stateOf = async () => (await ada.messages.conversation(conversation)).conversation.state;
  await until(async () => (await stateOf()) === 'open', 20_000);
  const acknowledged: ObjectName[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const writing = insist(ada, conversation, `round ${round}`);
    await pause(100 + Math.random() * 400);
    await b.kill();
    await pause(Math.random() * 200);
    await a.kill();
    acknowledged.push(...(await writing));
    [a, b] = await Promise.all([start('a', a.origin), start('b', b.origin)]);
  }
  expect(acknowledged.length).toBeGreaterThan(ROUNDS);
  const last = idOf(acknowledged.at(-1) as ObjectName);
  await until(
    async () => (await ada.messages.message(last)).delivery.status === 'delivered',
    60_000,
  );
  const read = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = { limit: 100, ...(cursor !== undefined && { cursor }) };
    const page = await bob.messages.conversation(conversation, query);
    read.unshift(...page.messages.filter(({ kind }) => kind === 'Create'));
    cursor = page.next_cursor;
  }
  const names = read.map(({ object }) => object);
  expect(new Set(names).size).toBe(names.length);
  expect(acknowledged.filter((name) => !names.includes(name))).toEqual([]);
  // Of what was not acknowledged some may have been taken: it is read as well, and has its own place.
  const seqs = read.map(({ letter }) => (letter?.ok ? letter.seq : -1));
  expect(seqs).toEqual(seqs.map((_, i) => i + 1));
  await a.stop();
  await b.stop();
});
