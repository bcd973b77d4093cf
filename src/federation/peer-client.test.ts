// Requests between real sockets: the signature holds at the other end, and answers are sorted.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { crypto, identityOf } from '../../test/sandbox.ts';
import { createGuardedFetch } from '../net/guarded-fetch.ts';
import { contentDigest } from '../protocol/content-digest.ts';
import { parseDid } from '../protocol/did.ts';
import { REQUEST_WINDOW, verifyRequest } from '../protocol/request-signature.ts';
import { COMPAT_ALL } from '../protocol/signature-agent.ts';
import { createPeerClient } from './peer-client.ts';

const NOW = 1_763_600_000_000;
const closers: Array<() => Promise<unknown>> = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Reply {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

async function serve(answer: (request: IncomingMessage, body: Buffer) => Promise<Reply> | Reply) {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      Promise.resolve(answer(request, Buffer.concat(chunks))).then(
        ({ body = '', headers = {}, status }) => response.writeHead(status, headers).end(body),
        (error: unknown) => response.destroy(error as Error),
      );
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function client(signal?: AbortSignal) {
  const fetch = createGuardedFetch({ loopback: true });
  closers.push(() => fetch.close());
  const node = { ...identityOf('a'), origin: 'http://127.0.0.1:9000', authority: '127.0.0.1:9000' };
  let nonces = 0;
  return createPeerClient({
    fetch,
    crypto,
    node,
    now: () => NOW,
    random: (bytes) => new Uint8Array(bytes).fill(++nonces),
    ...(signal === undefined ? {} : { signal }),
  });
}

describe('signed requests', () => {
  it.each(['GET', 'POST', 'DELETE'] as const)('%s speaks for the node', async (method) => {
    const verdicts: unknown[] = [];
    const url = await serve(async (request, body) => {
      const headers: [string, string][] = [];
      const raw = request.rawHeaders;
      for (let i = 0; i < raw.length; i += 2) headers.push([raw[i] ?? '', raw[i + 1] ?? '']);
      const authority = request.headers.host ?? '';
      const policy = {
        write: method !== 'GET',
        hasBody: body.length > 0,
        now: NOW / 1000,
        ...REQUEST_WINDOW,
        compat: COMPAT_ALL,
        loopback: true,
        authorities: [authority],
      };
      const verdict = await verifyRequest(
        { method, target: request.url ?? '', scheme: 'http', authority, headers },
        policy,
        async () => ({ ok: false, reason: 'discovery_failed', detail: '', retryable: false }),
        crypto,
      );
      verdicts.push(verdict);
      const matches =
        body.length === 0 || (verdict.ok && verdict.contentDigest === contentDigest(body, crypto));
      return { status: matches ? 200 : 400, body: body.toString() };
    });
    const body = method === 'GET' ? null : { a: 1 };
    const reply = await client().send(method, `${url}/federation/x?y=1`, body);
    expect(verdicts).toMatchObject([{ ok: true, did: identityOf('a').did }]);
    expect(reply).toMatchObject({ ok: true });
    expect(reply.ok && new TextDecoder().decode(reply.body)).toBe(body === null ? '' : '{"a":1}');
  });

  it('name the key directory of an https node', async () => {
    const seen: (string | string[] | undefined)[] = [];
    const url = await serve((request) => {
      seen.push(request.headers['signature-agent']);
      return { status: 200 };
    });
    const fetch = createGuardedFetch({ loopback: true });
    closers.push(() => fetch.close());
    const did = parseDid('did:web:node.example.com');
    if (did === null) throw new Error('no DID');
    const node = { ...identityOf('a'), did, origin: 'https://node.example.com' };
    const random = (bytes: number) => new Uint8Array(bytes);
    const made = createPeerClient({ fetch, crypto, node, now: () => NOW, random });
    await made.send('GET', `${url}/`, null);
    expect(seen).toEqual([
      'sig1="https://node.example.com/.well-known/http-message-signatures-directory"',
    ]);
  });

  it('are not made for what is open to everybody', async () => {
    const seen: IncomingMessage['headers'][] = [];
    const url = await serve((request) => {
      seen.push(request.headers);
      return { status: 200, body: 'open' };
    });
    expect((await client().read(`${url}/log/system/checkpoint`)).ok).toBe(true);
    expect(seen[0]).not.toHaveProperty('signature');
  });
});

describe('a peer that asks for another signature', () => {
  const ASKED =
    'other=("@query" "@path" "@authority" "@method" "content-digest" "signature-agent";key="me");created;expires;nonce="of the peer";tag="web-bot-auth"';

  async function script(replies: readonly Reply[]) {
    const inputs: string[] = [];
    const url = await serve((request) => {
      inputs.push(String(request.headers['signature-input']));
      return replies[inputs.length - 1] ?? { status: 200, body: '{}' };
    });
    return { url, inputs };
  }

  it.each([403, 429])('with %i gets it, once, with the nonce it names', async (status) => {
    const { url, inputs } = await script([{ status, headers: { 'accept-signature': ASKED } }]);
    expect(await client().send('POST', url, { a: 1 })).toMatchObject({ ok: true });
    expect(inputs).toHaveLength(2);
    expect(inputs[1]).toMatch(
      /^other=\("@query" "@path" "@authority" "@method" "content-digest" "signature-agent";key="me"\);created=.*;nonce="of the peer";tag="web-bot-auth"$/,
    );
  });

  it('again is not obeyed again', async () => {
    const reply = { status: 403, headers: { 'accept-signature': ASKED }, body: '{"code":"no"}' };
    const { url, inputs } = await script([reply, reply, reply]);
    expect(await client().send('POST', url, { a: 1 })).toMatchObject({
      ok: false,
      status: 403,
      problem: { code: 'no' },
    });
    expect(inputs).toHaveLength(2);
  });

  it.each<[string, Reply]>([
    ['with another status', { status: 401, headers: { 'accept-signature': ASKED } }],
    ['later', { status: 429, headers: { 'accept-signature': ASKED, 'retry-after': '5' } }],
    [
      'that would not be for this request alone',
      { status: 403, headers: { 'accept-signature': 's=("@method");created;tag="web-bot-auth"' } },
    ],
    ['by nothing', { status: 403 }],
  ])('%s gets none', async (_, reply) => {
    const { url, inputs } = await script([reply]);
    expect(await client().send('POST', url, { a: 1 })).toMatchObject({ status: reply.status });
    expect(inputs).toHaveLength(1);
  });
});

describe('answers', () => {
  it.each([
    [400, false],
    [403, false],
    [404, false],
    [408, true],
    [409, false],
    [413, false],
    [422, false],
    [425, true],
    [429, true],
    [500, true],
    [503, true],
  ])('%i may be otherwise later: %s', async (status, again) => {
    const url = await serve(() => ({
      status,
      body: '{"code":"some_code","detail":"why","size":3}',
      headers: { 'retry-after': '7' },
    }));
    expect(await client().send('POST', url, {})).toMatchObject({
      ok: false,
      again,
      status,
      problem: { code: 'some_code', size: 3 },
      detail: `${url} answers ${status}: why`,
      retryAfterMs: 7_000,
    });
  });

  it('without a problem document, too large, redirected or never given are failures too', async () => {
    const html = await serve(() => ({ status: 500, body: '<html>' }));
    expect(await client().read(html)).toMatchObject({ again: true, problem: {}, status: 500 });
    const large = await serve(() => ({ status: 200, body: 'x'.repeat(100) }));
    const capped = await client().read(large, { maxBytes: 10 });
    expect(capped).toMatchObject({ ok: false, tooLarge: true, again: true, status: null });
    const moved = await serve(() => ({ status: 302, headers: { location: '/' } }));
    expect(await client().read(moved)).toMatchObject({ ok: false, again: false, status: null });
    const silent = await serve(() => new Promise<Reply>(() => undefined));
    expect(await client().read(silent, { timeMs: 50 })).toMatchObject({ ok: false, again: true });
    expect(await client().read('http://10.0.0.1/')).toMatchObject({ ok: false, again: false });
  });

  it('are not waited for when the node stops', async () => {
    const silent = await serve(() => new Promise<Reply>(() => undefined));
    const stop = new AbortController();
    const reply = client(stop.signal).read(silent);
    stop.abort();
    expect(await reply).toMatchObject({ ok: false, again: true });
  });
});
