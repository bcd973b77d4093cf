// Keys of authors, as a client finds them: what a hostile host can and cannot do to it.
import { beforeAll, describe, expect, it } from 'vitest';
import { crypto, json, key, NOW } from '../../test/test-node.ts';
import { type Did, parseDid, scidOf } from '../protocol/did.ts';
import { buildDidWebDocument } from '../protocol/did-document.ts';
import { type IdentityKeys, memoryIdentity } from './identity.ts';
import { createIdentity, moveIdentity, rotateKey } from './identity-acts.ts';
import { createKeyResolver } from './key-resolver.ts';
import { keyFromSeed } from './keys.ts';

const did = parseDid('did:web:agents.example:ada') as Did;
const publicKey = crypto.publicKeyOf(new Uint8Array(32).fill(7));
const keys = [{ publicKey, purposes: ['assertionMethod'] as const }];
const document = JSON.parse(JSON.stringify(buildDidWebDocument({ did, keys }, crypto)));
const [{ id: method }] = document.verificationMethod;

function resolve(answer: () => Promise<Response>, verificationMethod: string = method) {
  const asked: [string, RequestInit | undefined][] = [];
  const fetch = async (input: string | URL | Request, init?: RequestInit) => {
    asked.push([String(input), init]);
    return answer();
  };
  return { asked, verdict: createKeyResolver(fetch)(did, verificationMethod) };
}

describe('createKeyResolver', () => {
  it('reads a did:key without asking anybody', async () => {
    const fetch = () => Promise.reject(new Error('asked'));
    const found = await createKeyResolver(fetch)(key.did, key.verificationMethod);
    expect(found).toEqual({ ok: true, publicKey: crypto.publicKeyOf(key.seed) });
  });

  it('fetches the document of a did:web over https, without following anybody', async () => {
    const { asked, verdict } = resolve(async () => json(document));
    expect(await verdict).toEqual({ ok: true, publicKey });
    expect(asked).toMatchObject([
      [
        'https://agents.example/ada/did.json',
        { redirect: 'error', signal: expect.any(AbortSignal) },
      ],
    ]);
  });

  it('does not take another key for the one that is named', async () => {
    const { verdict } = resolve(async () => json(document), `${did}#other`);
    expect(await verdict).toMatchObject({ ok: false, reason: 'key_not_found' });
  });

  it('stops reading a document that has no end', async () => {
    let sent = 0;
    let closed = false;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 4096;
        controller.enqueue(new Uint8Array(4096).fill(0x20));
      },
      cancel() {
        closed = true;
      },
    });
    const { verdict } = resolve(async () => new Response(body));
    const failure = { ok: false, reason: 'key_unresolvable', retryable: false };
    expect(await verdict).toMatchObject(failure);
    expect(sent).toBeLessThan(80_000);
    expect(closed).toBe(true);
  });

  it('takes a document of 65,536 bytes, and none of one more', async () => {
    const text = JSON.stringify(document).padEnd(65_536);
    expect(await resolve(async () => new Response(text)).verdict).toMatchObject({ ok: true });
    expect(await resolve(async () => new Response(`${text} `)).verdict).toMatchObject({
      ok: false,
    });
  });

  it('gives up in time', async () => {
    const fetch = (_: unknown, init?: RequestInit) =>
      new Promise<Response>((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      });
    const verdict = await createKeyResolver(fetch, { timeout: 5 })(did, method);
    expect(verdict).toMatchObject({ ok: false, reason: 'key_unresolvable', retryable: true });
  });

  it.each([
    ['a refusal', () => json({}, 404), true],
    ['no JSON', () => new Response('<html>'), false],
    ['one key twice', () => new Response('{"id":1,"id":2}'), false],
    ['another subject', () => json({ ...document, id: 'did:web:agents.example:bob' }), false],
    ['nothing', () => new Response(null), false],
  ])('has no key from %s', async (_, answer, retryable) => {
    const { verdict } = resolve(async () => answer());
    expect(await verdict).toMatchObject({ ok: false, reason: 'key_unresolvable', retryable });
  });
});

describe('createKeyResolver for a did:webvh', () => {
  const agent = { storage: memoryIdentity(), crypto, now: () => NOW, random: seeds() };
  const offline = { ...agent, origin: 'https://node.example', offline: true };
  const methodOf = ({ did: of, key: seed }: IdentityKeys) =>
    keyFromSeed(seed, crypto, { did: of }).verificationMethod;
  let first: IdentityKeys;
  let moved: IdentityKeys;

  beforeAll(async () => {
    first = await createIdentity('https://node.example', agent);
    await rotateKey(offline);
    ({ keys: moved } = await moveIdentity({ ...offline, origin: 'https://b.example' }));
  });

  function serving(text: string) {
    const asked: string[] = [];
    const fetch = async (input: string | URL | Request) => {
      asked.push(String(input));
      return new Response(text);
    };
    return { asked, fetch };
  }

  it('finds the keys of every version, under the name that the agent had then', async () => {
    const { asked, fetch } = serving(moved.log);
    const find = createKeyResolver(fetch, { crypto });
    expect(await find(moved.did, methodOf(moved))).toEqual({
      ok: true,
      publicKey: crypto.publicKeyOf(moved.key),
    });
    expect(await find(first.did, methodOf(first))).toEqual({
      ok: true,
      publicKey: crypto.publicKeyOf(first.key),
    });
    const stray = await find(first.did, methodOf({ ...moved, did: first.did }));
    expect(stray).toMatchObject({ ok: false, reason: 'key_not_found' });
    const folder = scidOf(first.did);
    expect(asked).toEqual([
      `https://b.example/dids/${folder}/did.jsonl`,
      `https://node.example/dids/${folder}/did.jsonl`,
      `https://node.example/dids/${folder}/did.jsonl`,
    ]);
  });

  it('asks the node that it is given', async () => {
    const { asked, fetch } = serving(first.log);
    const find = createKeyResolver(fetch, { crypto, node: 'http://127.0.0.1:8787' });
    expect(await find(first.did, methodOf(first))).toMatchObject({ ok: true });
    expect(asked).toEqual([`http://127.0.0.1:8787/dids/${scidOf(first.did)}/did.jsonl`]);
  });

  it('believes no log that was changed, is another one or is none', async () => {
    const other = await createIdentity('https://node.example', {
      ...agent,
      storage: memoryIdentity(),
    });
    const changed = first.log.replace(/"proofValue":"z./, '"proofValue":"z1');
    for (const text of [changed, other.log, '', 'x', '\u0000']) {
      const find = createKeyResolver(serving(text).fetch, { crypto });
      const found = await find(first.did, methodOf(first));
      expect(found).toMatchObject({ ok: false, reason: 'key_unresolvable', retryable: false });
    }
    const blind = createKeyResolver(serving(first.log).fetch);
    expect(await blind(first.did, methodOf(first))).toMatchObject({ reason: 'key_unresolvable' });
  });
});

/** Seeds that differ, the same in every run. */
function seeds() {
  let drawn = 0;
  return (length: number) => new Uint8Array(length).fill(++drawn);
}
