// Which keys a batch needs, and what becomes of one that cannot be had.
import { describe, expect, it } from 'vitest';
import type { ObjectKeys } from '../net/object-keys.ts';
import type { JsonObject } from '../protocol/json.ts';
import type { EntryBody } from './entry-record.ts';
import { fetchKeys, hasKeys } from './fetch-keys.ts';

function body(object: JsonObject): EntryBody {
  return { erased: false, object, salt: new Uint8Array(16) };
}

function signed(did: string, id = `${did}#key-1`): EntryBody {
  return body({ actor: did, proof: { verificationMethod: id } });
}

function keysOf(known: readonly string[]) {
  const asked: string[] = [];
  let most = 0;
  let now = 0;
  const answer = (id: string) =>
    known.includes(id)
      ? { ok: true as const, publicKey: new Uint8Array(32) }
      : { ok: false as const, reason: 'key_not_found' as const, detail: id, retryable: false };
  const keys: ObjectKeys = {
    published: async (_, id) => answer(id),
    cached: async (_, id) => answer(id),
    cachedAt: () => async (_, id) => answer(id),
    async resolve(_, id) {
      asked.push(id);
      most = Math.max(most, ++now);
      await new Promise((done) => setImmediate(done));
      now--;
      return answer(id);
    },
  };
  return { keys, asked, most: () => most };
}

const WEB = Array.from({ length: 10 }, (_, i) => `did:web:a${i}.example.com`);

describe('fetchKeys', () => {
  it('resolves each named key once, four at a time, and none of a did:key', async () => {
    const { keys, asked, most } = keysOf(WEB.map((did) => `${did}#key-1`));
    const objects = [...WEB, ...WEB, 'did:key:z6MkehRgf7yJbgaGfYsdoAsKdBPE3dj2CYhowQdcjqSJgvVd'];
    expect(
      await fetchKeys(
        keys,
        objects.map((did) => signed(did)),
      ),
    ).toEqual({ ok: true });
    expect(asked.toSorted()).toEqual(WEB.map((did) => `${did}#key-1`));
    expect(most()).toBe(4);
  });

  it('stops at the first key that cannot be had', async () => {
    const { keys, asked } = keysOf([]);
    const result = await fetchKeys(
      keys,
      WEB.map((did) => signed(did)),
    );
    expect(result).toMatchObject({ ok: false, detail: expect.stringContaining('did:web:a') });
    expect(asked.length).toBe(4);
  });

  it('takes no key name from an object that is malformed or names another’s key', async () => {
    const { keys, asked } = keysOf([]);
    const bodies = [
      body({}),
      body({ actor: 1, proof: 2 }),
      body({ actor: 'did:web:a.example.com', proof: {} }),
      signed('did:web:a.example.com', 'did:web:b.example.com#key-1'),
      signed('https://a.example.com'),
    ];
    expect(await fetchKeys(keys, bodies)).toEqual({ ok: true });
    expect(asked).toEqual([]);
  });

  it('tells without asking anybody whether all keys are known', async () => {
    const { keys, asked } = keysOf([`${WEB[0]}#key-1`]);
    expect(await hasKeys(keys, [signed(WEB[0] ?? '')])).toBe(true);
    expect(await hasKeys(keys, [signed(WEB[0] ?? ''), signed(WEB[1] ?? '')])).toBe(false);
    expect(asked).toEqual([]);
  });
});
