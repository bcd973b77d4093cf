// RFC 9421 (Ed25519 and component values), Web Bot Auth Appendix E and the vectors of its first implementation.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { vectorPath } from '../../test/vectors.ts';
import { createNodeCrypto } from '../crypto/node.ts';
import { decodeUtf8, fromBase64url, utf8 } from './bytes.ts';
import { matchesContentDigest, parseContentDigest } from './content-digest.ts';
import { createSignature, parseSignatures } from './http-signature.ts';
import { verifyDirectoryResponse } from './response-signature.ts';
import { COMPAT_ALL, chooseSignatureAgent } from './signature-agent.ts';
import { type MessageToCover, signatureBase } from './signature-base.ts';
import { jwkThumbprint } from './thumbprint.ts';

function read<T>(name: string): T {
  return JSON.parse(readFileSync(vectorPath('http-signatures', name), 'utf8'));
}

type Headers = [string, string][];
interface Rfc9421 {
  keys: Record<string, { x: string; d: string }>;
  test_request: { method: string; target_uri: string; headers: Headers };
  tests: {
    id: string;
    alg: string;
    signature_base: string;
    signature_input: string;
    signature: string;
  }[];
  transformations_B4: {
    signature_input: string;
    signature: string;
    signature_base: string;
    cases: { id: string; valid: boolean; method: string; target_uri: string; headers: Headers }[];
  };
  component_values: { method?: string; target_uri?: string; headers?: Headers; lines: string[] }[];
}
interface DraftVector {
  id: string;
  alg: string;
  headers: Headers;
  signature_base: string;
  message: {
    kind: 'request' | 'response';
    method: string;
    target_uri: string;
    status: number;
    body: string;
    request: { method: string; target_uri: string };
  };
}
interface CloudflareVector {
  key: { kty: string; x: string };
  target_url: string;
  signature: string;
  signature_input: string;
  signature_agent?: string;
}

const crypto = createNodeCrypto();
const rfc = read<Rfc9421>('rfc9421.json');
const jwk = rfc.keys['test-key-ed25519']!;
const publicKey = fromBase64url(jwk.x)!;
const seed = fromBase64url(jwk.d)!;
const KEYID = 'poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U';

function request(method: string, targetUri: string, headers: Headers): MessageToCover {
  const fields = headers.map(([name, value]) => ({ name, value }));
  return { kind: 'request', method, targetUri, fields };
}

function field(headers: Headers, name: string): string {
  return headers.find(([header]) => header.toLowerCase() === name)?.[1] ?? '';
}

function only(signatureInput: string, signature: string) {
  const parsed = parseSignatures(signatureInput, signature);
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.value[0]!;
}

function baseOf(message: MessageToCover, candidate: ReturnType<typeof only>): string {
  const built = signatureBase(message, candidate);
  return built.ok ? decodeUtf8(built.base) : built.reason;
}

describe('RFC 9421', () => {
  const b26 = rfc.tests.find(({ id }) => id === 'B.2.6')!;
  const { method, target_uri, headers } = rfc.test_request;
  const message = request(method, target_uri, headers);

  it('B.2.6 has the base of the RFC and verifies', async () => {
    const candidate = only(b26.signature_input, b26.signature);
    expect(baseOf(message, candidate)).toBe(b26.signature_base);
    const bytes = utf8(b26.signature_base);
    expect(await crypto.verify(publicKey, bytes, candidate.signature)).toBe(true);
  });

  it('B.2.6 is made again byte for byte', () => {
    const candidate = only(b26.signature_input, b26.signature);
    const sign = (base: Uint8Array) => crypto.sign(seed, base);
    const made = createSignature(message, candidate.label, candidate, sign);
    expect(made.signatureInput).toBe(b26.signature_input);
    expect(made.signature).toBe(b26.signature);
  });

  const { signature_input, signature, cases } = rfc.transformations_B4;
  it.each(cases)('$id: valid is $valid', async ({ valid, method, target_uri, headers }) => {
    const candidate = only(signature_input, signature);
    const built = signatureBase(request(method, target_uri, headers), candidate);
    const verified = built.ok && (await crypto.verify(publicKey, built.base, candidate.signature));
    expect(verified).toBe(valid);
  });

  // Folded lines never reach this code, and @query-param is refused as a component.
  const lines = rfc.component_values.flatMap(({ method, target_uri, headers, lines }) =>
    lines
      .filter((line) => !/^"(?:@query-param|x-obs-fold-header)"/.test(line))
      .map((line) => ({
        line,
        message: request(
          method ?? 'GET',
          target_uri ?? 'https://www.example.com/',
          (headers ?? []).filter(([name]) => name !== 'X-Obs-Fold-Header'),
        ),
      })),
  );
  it.each(lines)('component $line', ({ line, message }) => {
    const identifier = /^"[^"]+"(?:;key="[^"]+")?/.exec(line)![0];
    const candidate = only(`sig=(${identifier})`, 'sig=:AA==:');
    expect(baseOf(message, candidate)).toBe(`${line}\n"@signature-params": (${identifier})`);
  });

  it.each(['"@query-param";name="baz"', '"x";bs', '"x";sf', '"x";tr'])(
    'refuses %s',
    (component) => {
      const parsed = parseSignatures(`sig=(${component})`, 'sig=:AA==:');
      expect(parsed).toMatchObject({ ok: false, reason: 'unsupported_component' });
    },
  );
});

describe('Web Bot Auth, Appendix E', () => {
  const { vectors } = read<{ vectors: DraftVector[] }>('webbotauth-draft-appendix-E.json');

  it.each(vectors)('$id has the base of the draft', async (vector) => {
    const { message, headers, alg } = vector;
    const fields = headers.map(([name, value]) => ({ name, value }));
    const descriptor: MessageToCover =
      message.kind === 'request'
        ? request(message.method, message.target_uri, headers)
        : {
            kind: 'response',
            status: message.status,
            fields,
            request: request(message.request.method, message.request.target_uri, []) as never,
          };
    const candidate = only(field(headers, 'signature-input'), field(headers, 'signature'));
    const base = baseOf(descriptor, candidate);
    expect(base).toBe(vector.signature_base);
    const verified = await crypto.verify(publicKey, utf8(base), candidate.signature);
    expect(verified).toBe(alg === 'ed25519');
  });

  it('E.2.3 states the digest of its body', () => {
    const { headers, message } = vectors.find(({ id }) => id === 'E.2.3')!;
    const stated = parseContentDigest(field(headers, 'content-digest'));
    if (!stated.ok) throw new Error(stated.detail);
    expect(matchesContentDigest(stated.digest, utf8(message.body), crypto)).toBe(true);
  });

  it('E.2.3 proves the key it publishes', async () => {
    const { headers, message } = vectors.find(({ id }) => id === 'E.2.3')!;
    const { status, request } = message;
    const response = { url: request.target_uri, status, headers, body: utf8(message.body) };
    const at = (now: number) => verifyDirectoryResponse(response, { publicKey, now }, crypto);
    const window = { created: 1_735_689_600, expires: 4_889_289_600 };
    expect(await at(window.created)).toEqual({ ok: true, keyid: KEYID, ...window });
    expect(await at(window.created - 1)).toMatchObject({ reason: 'not_yet_valid' });
    expect(await at(window.expires)).toMatchObject({ reason: 'expired' });
  });

  it.each([
    ['E.2.1', 'origin'],
    ['E.2.2', 'string'],
  ])('%s names its directory in the form %s', (id, form) => {
    const { headers } = vectors.find((vector) => vector.id === id)!;
    const candidate = only(field(headers, 'signature-input'), field(headers, 'signature'));
    const chosen = chooseSignatureAgent(field(headers, 'signature-agent'), candidate, {
      compat: COMPAT_ALL,
      loopback: false,
    });
    expect(chosen).toEqual({
      ok: true,
      url: 'https://signature-agent.test/.well-known/http-message-signatures-directory',
      form,
      didKey: null,
    });
  });
});

describe('cloudflare/web-bot-auth', () => {
  const files = ['v1', 'v2'].flatMap((version) =>
    read<CloudflareVector[]>(`cloudflare__web_bot_auth_architecture_${version}.json`)
      .filter(({ key }) => key.kty === 'OKP')
      .map((vector, index) => ({ name: `${version} ${index}`, vector })),
  );

  it.each(files)('$name verifies', async ({ vector }) => {
    const headers: Headers = vector.signature_agent
      ? [['Signature-Agent', vector.signature_agent]]
      : [];
    const candidate = only(vector.signature_input, vector.signature);
    const built = signatureBase(request('GET', vector.target_url, headers), candidate);
    if (!built.ok) throw new Error(built.detail);
    const key = fromBase64url(vector.key.x)!;
    expect(jwkThumbprint(key, crypto)).toBe(candidate.parameters.get('keyid'));
    expect(await crypto.verify(key, built.base, candidate.signature)).toBe(true);
  });

  it('has the thumbprint of its example key', () => {
    const vectors = read<{ name: string; jwk: string; thumbprint: string }[]>(
      'cloudflare__vectors.json',
    );
    const { jwk, thumbprint } = vectors.find(({ name }) => name === 'ed25519')!;
    expect(jwkThumbprint(fromBase64url(JSON.parse(jwk).x)!, crypto)).toBe(thumbprint);
  });

  it('publishes the key that the RFC uses', () => {
    const { x } = read<{ x: string }>('cloudflare__ed25519.json');
    expect(jwkThumbprint(fromBase64url(x)!, crypto)).toBe(KEYID);
  });
});
