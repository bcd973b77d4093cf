// Keys of authors, as a client finds them: what a hostile host can and cannot do to it.
import { describe, expect, it } from 'vitest';
import { crypto, json, key } from '../../test/test-node.ts';
import { type Did, parseDid } from '../protocol/did.ts';
import { buildDidWebDocument } from '../protocol/did-document.ts';
import { createKeyResolver } from './key-resolver.ts';

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
