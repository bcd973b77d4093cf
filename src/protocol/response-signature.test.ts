// A signed directory is believed for its host, its body, its key and its time, and for nothing else.
import { describe, expect, it } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { utf8 } from './bytes.ts';
import { contentDigest } from './content-digest.ts';
import { createSignature } from './http-signature.ts';
import {
  DIRECTORY_TAG,
  type DirectoryResponse,
  signDirectoryResponse,
  verifyDirectoryResponse,
} from './response-signature.ts';
import { DIRECTORY_PATH } from './signature-agent.ts';
import { jwkThumbprint } from './thumbprint.ts';

const crypto = createNodeCrypto();
const seed = new Uint8Array(32).fill(1);
const publicKey = crypto.publicKeyOf(seed);
const keyid = jwkThumbprint(publicKey, crypto);
const CREATED = 1_763_600_000;
const window = { created: CREATED, expires: CREATED + 300 };
const url = `https://node.example${DIRECTORY_PATH}`;
const body = utf8('{"keys":[]}');

const digest = contentDigest(body, crypto);
const fields = signDirectoryResponse({ url, body }, { seed, ...window }, crypto);
const signed: DirectoryResponse = { url, status: 200, headers: Object.entries(fields), body };

function verify(changes: Partial<DirectoryResponse> = {}, now = CREATED + 2, key = publicKey) {
  return verifyDirectoryResponse({ ...signed, ...changes }, { publicKey: key, now }, crypto);
}

/** As an odd signer would have it: what it covers and says is up to the case. */
function resigned(
  components: readonly { name: string; req: boolean }[],
  parameters: Record<string, string | number>,
): Partial<DirectoryResponse> {
  const descriptor = {
    kind: 'response',
    status: 200,
    fields: [{ name: 'content-digest', value: digest }],
    request: { kind: 'request', method: 'GET', targetUri: url, fields: [] },
  } as const;
  const covered = components.map((component) => ({ ...component, key: null }));
  const { signatureInput, signature } = createSignature(
    descriptor,
    'sig1',
    { components: covered, parameters: new Map(Object.entries(parameters)) },
    (base) => crypto.sign(seed, base),
  );
  return {
    headers: [
      ['Content-Digest', digest],
      ['Signature-Input', signatureInput],
      ['Signature', signature],
    ],
  };
}

const AUTHORITY = { name: '@authority', req: true };
const DIGEST = { name: 'content-digest', req: false };
const FULL = { ...window, keyid, tag: DIRECTORY_TAG };

function changed(name: string, from: string | RegExp, to: string): Partial<DirectoryResponse> {
  return {
    headers: signed.headers.map(([field, value]) => [
      field,
      field === name ? value.replace(from, to) : value,
    ]),
  };
}

describe('a signed directory', () => {
  it('covers the authority of the request and the digest, and verifies', async () => {
    expect(fields['signature-input']).toBe(
      `sig1=("@authority";req "content-digest");created=${CREATED};expires=${CREATED + 300};keyid="${keyid}";alg="ed25519";tag="${DIRECTORY_TAG}"`,
    );
    expect(await verify()).toEqual({ ok: true, keyid, ...window });
  });

  it('may be signed by others too, and with other tags', async () => {
    const otherSeed = new Uint8Array(32).fill(2);
    const other = signDirectoryResponse({ url, body }, { seed: otherSeed, ...window }, crypto);
    const both = ['signature-input', 'signature'].map((name): [string, string] => [
      name,
      other[name]!.replace('sig1', 'other'),
    ]);
    const headers = [...both, ...signed.headers];
    expect(await verify({ headers })).toMatchObject({ ok: true, keyid });
    const otherKey = crypto.publicKeyOf(otherSeed);
    expect(await verify({ headers }, CREATED, otherKey)).toMatchObject({ ok: true });
  });

  it('holds from created until expires', async () => {
    expect(await verify({}, CREATED)).toMatchObject({ ok: true });
    expect(await verify({}, CREATED + 299)).toMatchObject({ ok: true });
  });
});

describe('is refused', () => {
  it.each([
    ['from the future', {}, CREATED - 1, 'not_yet_valid'],
    ['expired', {}, CREATED + 300, 'expired'],
    ['unsigned', { headers: [['content-digest', digest]] }, CREATED, 'signature_missing'],
    [
      'with half a signature',
      { headers: signed.headers.slice(0, 2) },
      CREATED,
      'signature_unpaired',
    ],
    ['from another host', { url: url.replace('node', 'evil') }, CREATED, 'bad_signature'],
    ['with another body', { body: utf8('{"keys":[1]}') }, CREATED, 'content_digest_mismatch'],
    [
      'with another body and its digest',
      {
        ...changed('content-digest', digest, contentDigest(utf8('{}'), crypto)),
        body: utf8('{}'),
      },
      CREATED,
      'bad_signature',
    ],
    ['without its digest', { headers: signed.headers.slice(1) }, CREATED, 'missing_component'],
    [
      'with a weak digest',
      changed('content-digest', 'sha-256', 'md5'),
      CREATED,
      'digest_algorithm_refused',
    ],
    [
      'with a longer life',
      changed('signature-input', /expires=\d+/, `expires=${CREATED + 999}`),
      CREATED,
      'bad_signature',
    ],
    [
      'with another tag',
      changed('signature-input', DIRECTORY_TAG, 'web-bot-auth'),
      CREATED,
      'no_applicable_signature',
    ],
    [
      'with a tag of its own',
      resigned([AUTHORITY, DIGEST], { ...FULL, tag: 'web-bot-auth' }),
      CREATED,
      'no_applicable_signature',
    ],
    ['without the authority', resigned([DIGEST], FULL), CREATED, 'insufficient_coverage'],
    ['without the digest covered', resigned([AUTHORITY], FULL), CREATED, 'insufficient_coverage'],
    [
      'without expires',
      resigned([AUTHORITY, DIGEST], { created: CREATED, keyid, tag: DIRECTORY_TAG }),
      CREATED,
      'missing_parameter',
    ],
    [
      'that expires before it was made',
      resigned([AUTHORITY, DIGEST], { ...FULL, expires: CREATED - 1 }),
      CREATED,
      'window_invalid',
    ],
    [
      'with another algorithm',
      changed('signature-input', 'alg="ed25519"', 'alg="hmac-sha256"'),
      CREATED,
      'algorithm_mismatch',
    ],
    [
      'with a component that no request of this kind has',
      changed('signature-input', '"@authority";req', '"@authority";req "x-y";req'),
      CREATED,
      'missing_component',
    ],
  ] as const)('a directory %s', async (_, changes, now, reason) => {
    expect(await verify(changes as Partial<DirectoryResponse>, now)).toMatchObject({
      ok: false,
      reason,
    });
  });

  it('a directory by a key that is none', async () => {
    const weak = new Uint8Array(32);
    const headers = changed('signature-input', keyid, jwkThumbprint(weak, crypto));
    expect(await verify(headers, CREATED, weak)).toMatchObject({ reason: 'key_rejected' });
  });

  it.each(['content-digest', 'signature-input', 'signature'])(
    'a directory with any character of %s changed',
    async (name) => {
      const at = signed.headers.findIndex(([field]) => field === name);
      const value = fields[name]!;
      for (let i = 0; i < value.length; i++) {
        const other = value.slice(0, i) + (value[i] === 'A' ? 'Q' : 'A') + value.slice(i + 1);
        const headers = signed.headers.with(at, [name, other]);
        expect(await verify({ headers }), other).toMatchObject({ ok: false });
      }
    },
  );
});
