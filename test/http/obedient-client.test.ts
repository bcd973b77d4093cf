// A client that knows RFC 9421 and its own key, and of this project nothing: it signs what Accept-Signature names, no more.
import { sign as ed25519, generateKeyPairSync, hash, type KeyObject } from 'node:crypto';
import { type BareItem, parseDictionary, serializeInnerList } from 'structured-headers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromBase64url } from '../../src/protocol/bytes.ts';
import { didKeyOf } from '../../src/protocol/did.ts';
import { Agent } from '../sandbox.ts';
import { type Answer, HttpNode, type Sent } from './http-node.ts';

let node: HttpNode;
beforeAll(async () => {
  node = await HttpNode.open({ name: 'obeyed', federated: true });
});
afterAll(() => node.close());

interface Client {
  readonly key: KeyObject;
  readonly thumbprint: string;
  readonly did: string;
}

function newClient(): Client {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  // RFC 7638 over RFC 8037's members.
  const thumbprint = hash('sha256', `{"crv":"Ed25519","kty":"OKP","x":"${x}"}`, 'base64url');
  return { key: privateKey, thumbprint, did: didKeyOf(fromBase64url(x)!) };
}

/** The fields that the answer asks for: components, label, parameters and their order are all taken from it. */
function obey(client: Client, answer: Answer, path: string, sent: Sent): Record<string, string> {
  const asked = parseDictionary(answer.headers.get('accept-signature') ?? '');
  expect(asked.size).toBe(1);
  const [[label, list]] = [...asked] as [
    [string, [[string, Map<string, BareItem>][], Map<string, BareItem>]],
  ];
  const [components, wanted] = list;
  const headers: Record<string, string> = { ...sent.headers };
  const url = new URL(path, node.origin);
  const agent = `"${node.origin}/dids/${client.did}/did.json"`;
  const values: Record<string, (key: string) => string> = {
    '@method': () => sent.method ?? 'GET',
    '@target-uri': () => url.href,
    'content-type': () => headers['content-type']!,
    'content-digest': () => {
      headers['content-digest'] = `sha-256=:${hash('sha256', sent.body!, 'base64')}:`;
      return headers['content-digest'];
    },
    'signature-agent': (key) => {
      headers['signature-agent'] = `${key}=${agent}`;
      return agent;
    },
  };
  const lines = components.map(([name, parameters]) => {
    const key = parameters.get('key');
    const identifier = key === undefined ? `"${name}"` : `"${name}";key="${key}"`;
    return `${identifier}: ${values[name]!(String(key))}`;
  });
  const created = Math.floor(node.clock.now / 1000);
  const made: Record<string, BareItem> = { created, expires: created + 60 };
  const parameters = new Map(
    [...wanted].map(([name, value]) => [name, value === true ? made[name]! : value] as const),
  );
  parameters.set('keyid', client.thumbprint);
  const signed = serializeInnerList([components as never, parameters]);
  const base = [...lines, `"@signature-params": ${signed}`].join('\n');
  headers['signature-input'] = `${label}=${signed}`;
  headers.signature = `${label}=:${ed25519(null, Buffer.from(base), client.key).toString('base64')}:`;
  return headers;
}

const JSON_TYPE = { 'content-type': 'application/json' };
async function objectOf(name: string) {
  const object = { type: 'Service', name } as const;
  const { bytes } = await new Agent(name).sign({ type: 'Update', object }, node.clock.now);
  return { method: 'POST', headers: JSON_TYPE, body: bytes } as const;
}

const parts = (answer: Answer) =>
  /^sig1=\(([^)]*)\)/.exec(answer.headers.get('accept-signature') ?? '')?.[1];
const nonceIn = (answer: Answer) =>
  /;nonce="([^"]*)"/.exec(answer.headers.get('accept-signature') ?? '')?.[1];
const HEAD = '"@method" "@target-uri"';
const AGENT = '"signature-agent";key="sig1"';

describe('whoever signs what is asked for, and only that, gets in', () => {
  test('with a write that has a body', async () => {
    const sent = await objectOf('writer');
    const refused = await node.send('/api/v1/activities', sent);
    expect(refused).toMatchObject({ status: 403, json: { code: 'signature_missing' } });
    expect(parts(refused)).toBe(`${HEAD} "content-digest" "content-type" ${AGENT}`);
    const headers = obey(newClient(), refused, '/api/v1/activities', sent);
    expect(await node.send('/api/v1/activities', { ...sent, headers })).toMatchObject({
      status: 201,
    });
  });

  test('with a write that has none', async () => {
    const sent = { method: 'DELETE' };
    const refused = await node.send('/federation/followers', sent);
    expect(parts(refused)).toBe(`${HEAD} ${AGENT}`);
    expect(nonceIn(refused)).toBeDefined();
    const headers = obey(newClient(), refused, '/federation/followers', sent);
    // The signature is good; what there is to say without a body is another matter.
    expect(await node.send('/federation/followers', { ...sent, headers })).toMatchObject({
      status: 400,
      json: { code: 'invalid_json' },
    });
  });

  test.each(['GET', 'HEAD'])('with a read by %s, for which no nonce is asked', async (method) => {
    const refused = await node.send('/api/v1/posts?sort=new', { method });
    expect(parts(refused)).toBe(`${HEAD} ${AGENT}`);
    expect(nonceIn(refused)).toBeUndefined();
    const headers = obey(newClient(), refused, '/api/v1/posts?sort=new', { method });
    const answer = await node.send('/api/v1/posts?sort=new', { method, headers });
    expect(answer.status).toBe(200);
  });
});

describe('a refusal that another signature would mend says which', () => {
  const agent = new Agent('mended');
  const now = () => Math.floor(node.clock.now / 1000);
  test.each<[string, () => Parameters<HttpNode['submit']>[2]]>([
    ['too_old', () => ({ created: now() - 301, expires: now() + 60 })],
    ['expired', () => ({ created: now() - 100, expires: now() - 40 })],
    ['not_yet_valid', () => ({ created: now() + 31 })],
    ['nonce_missing', () => ({ nonce: null })],
    ['bad_signature', () => ({ path: '/api/v1/other' })],
    ['key_not_in_directory', () => ({ seed: new Uint8Array(32).fill(5) })],
  ])('%s', async (code, signing) => {
    const sent = await objectOf(`mended ${code}`);
    const refused = await node.submit(agent, sent.body, signing());
    expect(refused).toMatchObject({ status: 403, json: { code } });
    const headers = obey(newClient(), refused, '/api/v1/activities', sent);
    const { status } = await node.send('/api/v1/activities', { ...sent, headers });
    expect(status).toBe(201);
  });

  test('digest_not_covered, of a write that covers no body', async () => {
    const sent = await objectOf('bare');
    const own = node.sign(agent, '/api/v1/activities', { method: 'POST' });
    const refused = await node.send('/api/v1/activities', {
      ...sent,
      headers: { ...own, ...JSON_TYPE },
    });
    expect(refused).toMatchObject({ status: 403, json: { code: 'digest_not_covered' } });
    const headers = obey(newClient(), refused, '/api/v1/activities', sent);
    const { status } = await node.send('/api/v1/activities', { ...sent, headers });
    expect(status).toBe(201);
  });

  test('replayed, with a nonce that nobody has used', async () => {
    const [first, second] = [await objectOf('first'), await objectOf('second')];
    await node.submit(agent, first.body, { nonce: 'spent' });
    const refused = await node.submit(agent, second.body, { nonce: 'spent' });
    expect(refused).toMatchObject({ status: 429, json: { code: 'replayed' } });
    expect(refused.headers.get('cache-control')).toBe('no-store');
    const again = await node.submit(agent, second.body, { nonce: 'spent' });
    expect(nonceIn(refused)).toMatch(/^[\w-]{22,}$/);
    expect(nonceIn(again)).not.toBe(nonceIn(refused));
    const headers = obey(newClient(), refused, '/api/v1/activities', second);
    const answer = await node.send('/api/v1/activities', { ...second, headers });
    expect(answer.status).toBe(201);
  });
});

test('who is known and may not is not asked to sign', async () => {
  const answer = await node.ask(new Agent('stranger'), '/federation/peers');
  expect(answer).toMatchObject({ status: 403, json: { code: 'not_node_key' } });
  expect(answer.headers.get('accept-signature')).toBeNull();
});
