// What goes over the wire is what the verifier wants, and only what may be sent again is.
import { describe, expect, it } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { decodeUtf8, fromBase64url, utf8 } from '../protocol/bytes.ts';
import { REQUEST_WINDOW, verifyRequest } from '../protocol/request-signature.ts';
import { COMPAT_ALL } from '../protocol/signature-agent.ts';
import { agentUrlOf, keyFromSeed } from './keys.ts';
import { createSignedFetch, type SignedFetchOptions } from './signed-fetch.ts';

const crypto = createNodeCrypto();
const key = keyFromSeed(new Uint8Array(32).fill(1), crypto);
const ORIGIN = 'https://node.example';
const NOW = 1_763_600_000_500;

interface Sent {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: Uint8Array | null;
  init: RequestInit;
}

/** A network that answers each request with the next of `answers`; a null is a broken connection. */
function networkWith(answers: (Response | null)[], changed: Partial<SignedFetchOptions> = {}) {
  const sent: Sent[] = [];
  const waits: number[] = [];
  let counter = 0;
  const options: SignedFetchOptions = {
    origin: ORIGIN,
    seed: key.seed,
    signatureAgent: agentUrlOf(key, ORIGIN),
    crypto,
    fetch: async (url, init = {}) => {
      const { method = 'GET', headers, body } = init;
      sent.push({
        url: String(url),
        method,
        headers: headers as Record<string, string>,
        body: (body as Uint8Array | undefined) ?? null,
        init,
      });
      const answer = answers[sent.length - 1];
      if (answer === null || answer === undefined) throw new TypeError('fetch failed');
      return answer;
    },
    now: () => NOW,
    random: (length) => new Uint8Array(length).fill(++counter),
    sleep: async (milliseconds) => {
      waits.push(milliseconds);
    },
    attempts: 3,
    timeout: 1000,
    ...changed,
  };
  return { send: createSignedFetch(options), sent, waits };
}

const network = (...answers: (Response | null)[]) => networkWith(answers);

function verify({ url, method, headers }: Sent, write: boolean) {
  return verifyRequest(
    {
      method,
      target: url.slice(ORIGIN.length),
      scheme: 'https',
      authority: 'node.example',
      headers: [['Host', 'node.example'], ...Object.entries(headers)],
    },
    {
      write,
      hasBody: write,
      now: Math.floor(NOW / 1000),
      ...REQUEST_WINDOW,
      compat: COMPAT_ALL,
      loopback: false,
      authorities: ['node.example'],
    },
    async () => ({ ok: false, reason: 'discovery_failed', detail: '', retryable: false }),
    crypto,
  );
}

const write = { method: 'POST', path: '/api/v1/activities', body: utf8('{"a":1}') } as const;
const problem = (status: number, code: string, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ code, detail: 'why', remedy: 'what next', retryable: false }), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });

describe('a signed request', () => {
  it('is accepted by the verifier, back-dated by 2 s and good for 120 s', async () => {
    const { send, sent } = network(new Response('ok', { status: 201 }));
    const { status, body } = await send(write);
    expect([status, decodeUtf8(body)]).toEqual([201, 'ok']);
    const created = Math.floor(NOW / 1000) - 2;
    const verified = await verify(sent[0]!, true);
    expect(verified).toMatchObject({ ok: true, did: key.did, created, expires: created + 120 });
    expect(verified.ok && fromBase64url(verified.nonce ?? '')).toHaveLength(64);
  });

  it('carries no nonce when it reads', async () => {
    const { send, sent } = network(new Response('{}'));
    await send({ method: 'GET', path: '/api/v1/posts?limit=2' });
    expect(await verify(sent[0]!, false)).toMatchObject({ ok: true, nonce: null });
  });

  it('goes to no other host, whatever its path looks like', async () => {
    const { send, sent } = network(new Response('{}'));
    const astray = send({ method: 'GET', path: '//other.example/x' });
    await expect(astray).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(sent).toEqual([]);
  });

  it('is not signed on open routes, and follows no redirect', async () => {
    const { send, sent } = network(new Response('{}'));
    await send({ method: 'GET', path: '/.well-known/exuvia', unsigned: true });
    expect(sent[0]).toMatchObject({ headers: {}, init: { redirect: 'error' } });
  });
});

describe('a key without a URL', () => {
  const asks = (components: string) => ({
    'accept-signature': `sig1=(${components});created;expires;tag="web-bot-auth"`,
  });

  it('signs without Signature-Agent', async () => {
    const { send, sent } = networkWith([new Response('ok')], { signatureAgent: null });
    await send(write);
    expect(sent[0]!.headers).not.toHaveProperty('signature-agent');
    expect(await verify(sent[0]!, true)).toMatchObject({ reason: 'discovery_failed' });
  });

  it('hands on a refusal that asks it to cover one, and obeys one that does not', async () => {
    const target = '"@method" "@target-uri" "content-digest"';
    const all = problem(403, 'no_identifier', asks(`${target} "signature-agent";key="sig1"`));
    const one = networkWith([all], { signatureAgent: null });
    await expect(one.send(write)).rejects.toMatchObject({ code: 'no_identifier' });
    expect(one.sent).toHaveLength(1);
    const less = problem(403, 'missing_component', asks(target));
    const two = networkWith([less, new Response('ok')], { signatureAgent: null });
    await two.send(write);
    expect(two.sent).toHaveLength(2);
  });
});

describe('a request that fails', () => {
  it('is sent again after a broken connection: the same body, a fresh nonce', async () => {
    const { send, sent, waits } = network(null, new Response('ok'));
    await send(write);
    expect(sent[1]!.body).toEqual(sent[0]!.body);
    expect(sent[1]!.headers['signature-input']).not.toBe(sent[0]!.headers['signature-input']);
    expect(await verify(sent[1]!, true)).toMatchObject({ ok: true });
    expect(waits[0]).toBeGreaterThanOrEqual(125);
  });

  it.each([429, 503])('waits as Retry-After says on %i', async (status) => {
    const { send, waits } = network(
      problem(status, 'busy', { 'retry-after': '7' }),
      problem(status, 'busy', { 'retry-after': new Date(NOW + 3000).toUTCString() }),
      new Response('ok'),
    );
    await send(write);
    expect(waits[0]).toBe(7000);
    expect(waits[1]).toBeGreaterThan(2000);
  });

  it('is the caller’s again when the node asks for a long wait', async () => {
    const { send, sent } = network(problem(429, 'rate_limited', { 'retry-after': '3600' }));
    await expect(send(write)).rejects.toMatchObject({ code: 'rate_limited' });
    expect(sent).toHaveLength(1);
  });

  it('is not sent again when it was refused; the error says what to do', async () => {
    const { send, sent } = network(problem(403, 'too_old'));
    await expect(send(write)).rejects.toMatchObject({
      name: 'ClientError',
      code: 'too_old',
      message: 'why',
      remedy: 'what next',
      problem: { status: 403, code: 'too_old' },
    });
    expect(sent).toHaveLength(1);
  });

  it('gives up after the last attempt', async () => {
    const { send, sent, waits } = network(null, null, null);
    await expect(send(write)).rejects.toMatchObject({ code: 'network' });
    expect([sent.length, waits.length]).toEqual([3, 2]);
  });

  it('names a refusal that is no problem document', async () => {
    const { send } = network(new Response('<html>', { status: 404 }));
    await expect(send(write)).rejects.toMatchObject({
      code: 'bad_response',
      problem: { status: 404 },
    });
  });

  it('has the status of the answer, whatever the document in it says', async () => {
    const body = JSON.stringify({ status: 403, code: 'server_failure', detail: 'why' });
    const { send } = network(new Response(body, { status: 500 }));
    await expect(send(write)).rejects.toMatchObject({ problem: { status: 500 } });
  });

  it('says when no answer came in time', async () => {
    const late = new DOMException('late', 'TimeoutError');
    const send = createSignedFetch({
      origin: ORIGIN,
      seed: key.seed,
      signatureAgent: agentUrlOf(key, ORIGIN),
      crypto,
      fetch: async () => Promise.reject(late),
      now: () => NOW,
      random: (length) => new Uint8Array(length),
      sleep: async () => undefined,
      attempts: 2,
      timeout: 10,
    });
    await expect(send(write)).rejects.toMatchObject({ code: 'timeout' });
  });
});
