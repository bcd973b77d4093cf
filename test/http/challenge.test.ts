// A client that is told what to sign signs exactly that, once, and is let in by whoever asked for it.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { keyFromSeed } from '../../src/client/keys.ts';
import { createSignedFetch, type SignedFetchOptions } from '../../src/client/signed-fetch.ts';
import { utf8 } from '../../src/protocol/bytes.ts';
import { matchesContentDigest, parseContentDigest } from '../../src/protocol/content-digest.ts';
import { parseSignatures } from '../../src/protocol/http-signature.ts';
import {
  REQUEST_WINDOW,
  type RequestKeyLookup,
  verifyRequest,
} from '../../src/protocol/request-signature.ts';
import { agentUrlOfDidKey, COMPAT_ALL } from '../../src/protocol/signature-agent.ts';
import { Agent, crypto, seedOf } from '../sandbox.ts';
import { HttpNode } from './http-node.ts';

const key = keyFromSeed(seedOf('challenged'), crypto);
const NOW = 1_763_600_000_000;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function clientOf(origin: string, options: Partial<SignedFetchOptions> = {}) {
  let drawn = 0;
  return createSignedFetch({
    origin,
    seed: key.seed,
    signatureAgent: agentUrlOfDidKey(origin, key.did),
    crypto,
    fetch,
    now: () => NOW,
    random: (length) => new Uint8Array(length).fill(++drawn),
    sleep: async () => undefined,
    attempts: 3,
    timeout: 5000,
    ...options,
  });
}

/** A server that answers its n-th request with the n-th field, as a refusal that asks for it; then it is content. */
async function scripted(...asked: string[]) {
  return scriptedWith({ status: 403 }, ...asked);
}

async function scriptedWith(
  { status, fields = {} }: { status: number; fields?: Record<string, string> },
  ...asked: string[]
) {
  const requests: { incoming: IncomingMessage; body: Uint8Array }[] = [];
  const server: Server = createServer((incoming, outgoing) => {
    void buffer(incoming).then((body) => {
      const field = asked[requests.length];
      requests.push({ incoming, body });
      if (field === undefined) outgoing.writeHead(200).end('{}');
      else
        outgoing
          .writeHead(status, { 'accept-signature': field, ...fields })
          .end('{"code":"asked"}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  closing.push(async () => server.closeAllConnections());
  const authority = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { requests, authority, origin: `http://${authority}` };
}

type Scripted = Awaited<ReturnType<typeof scripted>>;

function fieldsOf({ rawHeaders }: IncomingMessage): [string, string][] {
  return Array.from({ length: rawHeaders.length / 2 }, (_, i) => [
    rawHeaders[2 * i]!,
    rawHeaders[2 * i + 1]!,
  ]);
}

/** What the n-th request says it covers, as Signature-Input has it. */
function covered({ requests }: Pick<Scripted, 'requests'>, n: number): string {
  const { headers } = requests[n]!.incoming;
  return `${headers['signature-input']}`.replace(/\).*$/, ')');
}

/** The only one who may come without naming a document. */
const known: RequestKeyLookup = async (url) =>
  url === null
    ? {
        ok: true,
        did: key.did,
        publicKey: crypto.publicKeyOf(key.seed),
        verificationMethod: key.did,
      }
    : { ok: false, reason: 'discovery_failed', detail: '', retryable: false };

async function verify({ requests, authority }: Scripted, n: number, write: boolean) {
  const { incoming, body } = requests[n]!;
  const verdict = await verifyRequest(
    {
      method: incoming.method!,
      target: incoming.url!,
      scheme: 'http',
      authority,
      headers: fieldsOf(incoming),
    },
    {
      write,
      hasBody: body.length > 0,
      now: NOW / 1000,
      ...REQUEST_WINDOW,
      compat: { ...COMPAT_ALL, origin: false, typed: false, string: false, whole_field: false },
      loopback: true,
      authorities: [authority],
    },
    known,
    crypto,
  );
  if (!verdict.ok) throw new Error(`${verdict.reason}: ${verdict.detail}`);
  const stated = parseContentDigest(verdict.contentDigest ?? '');
  const digest = stated.ok && matchesContentDigest(stated.digest, body, crypto);
  return { ...verdict, digest };
}

const POST = { method: 'POST', path: '/api/v1/activities?a=1&b', body: utf8('{"a":1}') } as const;
const GET = { method: 'GET', path: '/api/v1/posts?limit=2' } as const;
const END = ';created;expires;alg="ed25519";tag="web-bot-auth"';
const PARTS =
  '("signature-agent";key="me" "content-digest" "@query" "@path" "@authority" "@method")';

describe('a client that is asked for another signature', () => {
  test('covers what is asked, in its order, under its label, with its nonce', async () => {
    const server = await scripted(`other=${PARTS};nonce="from the node"${END}`);
    await clientOf(server.origin)(POST);
    expect(server.requests).toHaveLength(2);
    expect(covered(server, 0)).toMatch(/^sig1=\("@method" "@target-uri" /);
    expect(covered(server, 1)).toBe(`other=${PARTS}`);
    const verdict = await verify(server, 1, true);
    expect(verdict).toMatchObject({ did: key.did, label: 'other', nonce: 'from the node' });
    expect([verdict.form, verdict.digest]).toEqual(['direct', true]);
    const { headers } = server.requests[1]!.incoming;
    const input = `${headers['signature-input']}`;
    const parsed = parseSignatures(input, `${headers.signature}`);
    const parameters = parsed.ok ? [...parsed.value[0]!.parameters.keys()] : [];
    expect(parameters).toEqual(['created', 'expires', 'keyid', 'alg', 'nonce', 'tag']);
    expect(server.requests[1]!.body).toEqual(server.requests[0]!.body);
  });

  test('makes a nonce where one is asked of a read, and leaves out what no read has', async () => {
    const server = await scripted(`r=("@method" "@target-uri" "content-digest");nonce${END}`);
    await clientOf(server.origin)(GET);
    expect(covered(server, 1)).toBe('r=("@method" "@target-uri")');
    const verdict = await verify(server, 1, false);
    expect(verdict.nonce).toMatch(/^[\w-]{86}$/);
    expect(server.requests[1]!.incoming.headers['signature-agent']).toBeUndefined();
  });

  test('makes a fresh nonce for a write of which none is asked', async () => {
    const server = await scripted(`w=${PARTS}${END}`);
    await clientOf(server.origin)(POST);
    const [first, second] = [await verify(server, 0, true), await verify(server, 1, true)];
    expect(second.nonce).toMatch(/^[\w-]{86}$/);
    expect(second.nonce).not.toBe(first.nonce);
  });

  test('obeys once, whatever it is asked for next', async () => {
    const server = await scripted(`a=${PARTS}${END}`, `b=${PARTS}${END}`, `c=${PARTS}${END}`);
    await expect(clientOf(server.origin)(POST)).rejects.toMatchObject({ code: 'asked' });
    expect(server.requests).toHaveLength(2);
  });

  test.each([
    ['for less than names the request', `s=("@method" "@path" "content-digest")${END}`],
    ['for a field it does not send', `s=("@method" "@target-uri" "content-digest" "cookie")${END}`],
    ['with another tag', `s=${PARTS};tag="other"`],
    ['by another key', `s=${PARTS};keyid="other"${END}`],
    ['for what nobody can read', 's=('],
  ])('does not obey when asked %s', async (_, field) => {
    const server = await scripted(field);
    await expect(clientOf(server.origin)(POST)).rejects.toMatchObject({ code: 'asked' });
    expect(server.requests).toHaveLength(1);
  });

  test('of a nonce that was spent signs at once with the one that is given, and again as usual', async () => {
    const server = await scriptedWith({ status: 429 }, `w=${PARTS};nonce="fresh"${END}`);
    const waits: number[] = [];
    const sleep = async (ms: number) => void waits.push(ms);
    await clientOf(server.origin, { sleep })(POST);
    expect(await verify(server, 1, true)).toMatchObject({ nonce: 'fresh' });
    expect([server.requests.length, waits]).toEqual([2, []]);
  });

  test('after a while waits, and signs as usual', async () => {
    const fields = { 'retry-after': '1' };
    const server = await scriptedWith({ status: 429, fields }, `w=${PARTS}${END}`);
    const waits: number[] = [];
    const sleep = async (ms: number) => void waits.push(ms);
    await clientOf(server.origin, { sleep })(POST);
    expect(covered(server, 1)).toMatch(/^sig1=/);
    expect(waits).toEqual([1000]);
  });

  test('does not say who it is when it came without a signature', async () => {
    const server = await scripted(`s=${PARTS}${END}`);
    const send = clientOf(server.origin)({ ...GET, unsigned: true });
    await expect(send).rejects.toMatchObject({ code: 'asked' });
    expect(server.requests).toHaveLength(1);
  });
});

describe('our own node', () => {
  test.each([
    ['a write', POST, ' "content-digest" "content-type"', null],
    ['a write without a body', { method: 'DELETE', path: '/federation/none' }, '', 'not_found'],
    ['a read', GET, '', null],
  ] as const)('is satisfied by %s that has what it asks for', async (_, request, content, code) => {
    const node = await HttpNode.open({ name: 'challenge' });
    closing.push(() => node.close());
    const object = { type: 'Group', preferredUsername: 'asked', name: 'Asked' } as const;
    const draft = { type: 'Create', target: node.context.node.did, object } as const;
    const { bytes } = await new Agent('challenged').sign(draft, node.clock.now);
    const inputs: string[] = [];
    const send = clientOf(node.origin, {
      now: () => node.clock.now,
      // On its way the first request loses its signature.
      fetch: (url, init) => {
        const headers = new Headers(init?.headers);
        inputs.push(`${headers.get('signature-input')}`);
        if (inputs.length > 1) return fetch(url, init);
        for (const name of ['signature', 'signature-input']) headers.delete(name);
        return fetch(url, { ...init, headers });
      },
    });
    const sent =
      request === POST ? { ...POST, path: '/api/v1/activities', body: bytes } : { ...request };
    const outcome = await send(sent).then(
      () => null,
      (error: { code: string }) => error.code,
    );
    expect(outcome).toBe(code);
    expect(inputs).toHaveLength(2);
    expect(inputs[1]!.replace(/;created.*$/, '')).toBe(
      `sig1=("@method" "@target-uri"${content} "signature-agent";key="sig1")`,
    );
  });
});
