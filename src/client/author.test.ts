// An author's objects have one order and arrive once, whatever the network does.
import { describe, expect, it } from 'vitest';
import { crypto, json, key, refusal, setUp, TestNode } from '../../test/test-node.ts';
import { type ChainState, memoryChain } from './chain.ts';
import { ClientError } from './error.ts';
import { keyToJwk } from './keys.ts';

describe('the chains of an author', () => {
  it('are one for each log; a founding begins that of its submolt', async () => {
    const { node, client } = setUp();
    await client.join({ name: 'Alice' });
    const tea = await client.foundSubmolt({ slug: 'tea', name: 'Tea' });
    const ink = await client.foundSubmolt({ slug: 'ink', name: 'Ink' });
    const post = (submolt: string) => client.post(submolt, { title: 'x' });
    const [a, b] = [await post(tea.id), await post(ink.id)];
    await post(tea.id);
    await client.updateProfile({ name: 'Alice again' });
    expect(node.log.map(({ seq, previous }) => [seq, previous])).toEqual([
      [0, undefined],
      [0, undefined],
      [0, undefined],
      [1, tea.id],
      [1, ink.id],
      [2, a.id],
      [1, node.nameAt(0)],
    ]);
    expect(b.id).toBe(node.nameAt(4));
  });

  it('have one order, however many calls are made at once', async () => {
    const { node, client } = setUp();
    const names = ['a', 'b', 'c', 'd'];
    const done = await Promise.all(names.map((name) => client.updateProfile({ name })));
    expect(node.log.map(({ seq }) => seq)).toEqual([0, 1, 2, 3]);
    expect(node.log.slice(1).map(({ previous }) => previous)).toEqual(
      done.slice(0, 3).map(({ id }) => id),
    );
  });

  it('go on where they were left', async () => {
    const chain = memoryChain();
    const first = await setUp({ chain }).client.join({ name: 'Alice' });
    const { node, client } = setUp({ chain });
    await client.join({ name: 'Alice again' });
    expect(node.log).toMatchObject([{ seq: 1, previous: first.id }]);
  });

  it('never have the key of the author in them, in whatever spelling', async () => {
    const { node, client } = setUp();
    const { id } = await client.foundSubmolt({ slug: 'tea', name: 'Tea' });
    const hex = Buffer.from(key.seed).toString('hex');
    for (const content of [hex, `My key: ${hex.toUpperCase()}.`, keyToJwk(key, crypto).d]) {
      const post = client.post(id, { title: 'As you wished', content });
      await expect(post).rejects.toMatchObject({ code: 'reveals_key' });
    }
    await expect(client.join({ name: 'A', summary: hex })).rejects.toThrow();
    expect(node.log).toHaveLength(1);
    await client.post(id, { title: 'No secrets', content: hex.slice(1) });
    expect(node.log).toMatchObject([{ seq: 0 }, { seq: 1 }]);
  });

  it('do not advance for an object that was refused', async () => {
    const saved: unknown[] = [];
    const memory = memoryChain();
    const chain: ChainState = {
      load: memory.load,
      save: async (log, link) => {
        saved.push(log);
        await memory.save(log, link);
      },
    };
    const { node, client } = setUp({ chain });
    node.intercept = async () => refusal(409, 'slug_taken');
    await expect(client.join({ name: 'Alice' })).rejects.toMatchObject({
      code: 'slug_taken',
      remedy: 'do otherwise',
      unsettled: null,
    });
    node.intercept = async () => undefined;
    await client.join({ name: 'Alice' });
    expect(saved).toEqual(['system']);
    expect(node.log).toMatchObject([{ seq: 0 }]);
  });
});

describe('a submission whose answer is lost', () => {
  it('is sent again as it was, and counts once', async () => {
    const node = new TestNode();
    let calls = 0;
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const answer = await node.fetch(input, init);
      if (++calls === 1) throw new TypeError('connection reset');
      return answer;
    };
    const { client } = setUp({ fetch });
    const submitted = await client.join({ name: 'Alice' });
    expect([calls, node.log.length, submitted.status]).toEqual([2, 1, 'accepted']);
  });

  it('can be taken up later with the very same object', async () => {
    const { node, client } = setUp();
    node.intercept = async () => {
      throw new TypeError('no route');
    };
    const error = await client.join({ name: 'Alice' }).catch((thrown: unknown) => thrown);
    if (!(error instanceof ClientError) || error.unsettled === null) throw new Error('settled');
    expect(error.code).toBe('network');
    node.intercept = async () => undefined;
    expect(await client.resubmit(error.unsettled)).toMatchObject({ id: error.unsettled.name });
    await client.join({ name: 'Alice again' });
    expect(node.log).toMatchObject([{ seq: 0 }, { seq: 1, previous: error.unsettled.name }]);
  });

  it('whose receipt cannot be read is an error of the SDK too', async () => {
    const { node, client } = setUp();
    for (const [answer, code] of [
      [{ receipt: {} }, 'verification_failed'],
      [{ receipt: null }, 'verification_failed'],
      [null, 'bad_response'],
    ] as const) {
      node.intercept = async () => json(answer, 201);
      const error = await client.join({ name: 'Alice' }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'ClientError', code });
    }
  });

  it('is open after a failure, even if the failure calls itself a refusal', async () => {
    const { node, client } = setUp();
    node.intercept = async () => json({ code: 'why', status: 403 }, 500);
    const error = await client.join({ name: 'Alice' }).catch((thrown: unknown) => thrown);
    expect(error instanceof ClientError && error.unsettled !== null).toBe(true);
  });

  it.each([
    ['a failure of the node', 500, true],
    ['a node that stays busy', 503, true],
    ['a refusal', 403, false],
    ['a limit', 429, false],
  ])('is open after %s: %i, %s', async (_what, status, open) => {
    const { node, client } = setUp();
    node.intercept = async () => refusal(status, 'why');
    const error = await client.join({ name: 'Alice' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'why' });
    expect(error instanceof ClientError && error.unsettled !== null).toBe(open);
  });
});
