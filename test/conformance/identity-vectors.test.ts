// Runs spec/vectors/identity: names of one key, documents, the keys a document or a DID log lists, did:web and did:webvh.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createNodeCrypto } from '../../src/crypto/node.ts';
import { createResolution } from '../../src/net/resolution.ts';
import { fromHex, toHex } from '../../src/protocol/bytes.ts';
import {
  didKeyOf,
  didWebToUrl,
  didWebvhToUrl,
  parseDid,
  scidOf,
  subjectOf,
  urlToDidWeb,
} from '../../src/protocol/did.ts';
import {
  buildDidKeyDocument,
  buildDidWebDocument,
  type KeyPurpose,
  keysFor,
} from '../../src/protocol/did-document.ts';
import { readDidLog } from '../../src/protocol/did-log.ts';
import { createStatedKeys, stateOf } from '../../src/protocol/did-log-statement.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { ed25519ToMultibase } from '../../src/protocol/multikey.ts';
import { didKeyResolver, verifyObject } from '../../src/protocol/object.ts';
import { ed25519ToJwk, jwkThumbprint } from '../../src/protocol/thumbprint.ts';

interface Case {
  readonly comment: string;
}

function load<C>(file: string): (Case & C)[] {
  const path = join(import.meta.dirname, '../../spec/vectors/identity', file);
  return JSON.parse(readFileSync(path, 'utf8')).cases;
}

const crypto = createNodeCrypto();

describe('keys.json', () => {
  test.each(load<{ publicKey: string; expected: unknown }>('keys.json'))('$comment', (each) => {
    const publicKey = fromHex(each.publicKey)!;
    expect({
      did: didKeyOf(publicKey),
      multibase: ed25519ToMultibase(publicKey),
      jwk: ed25519ToJwk(publicKey),
      thumbprint: jwkThumbprint(publicKey, crypto),
    }).toEqual(each.expected);
  });
});

interface DocumentCase {
  readonly did: string;
  readonly keys?: { publicKey: string; fragment?: string; purposes: KeyPurpose[] }[];
  readonly expected: unknown;
}

describe('documents.json', () => {
  test.each(load<DocumentCase>('documents.json'))('$comment', ({ did: text, keys, expected }) => {
    const did = parseDid(text)!;
    const listed = keys?.map((key) => ({ ...key, publicKey: fromHex(key.publicKey)! }));
    const document = listed
      ? buildDidWebDocument({ did, keys: listed }, crypto)
      : buildDidKeyDocument(did);
    expect(document).toEqual(expected);
  });
});

interface ListedCase {
  readonly did: string;
  readonly purpose: KeyPurpose;
  readonly document: unknown;
  readonly expected?: { id: string; publicKey: string }[];
  readonly error?: string;
}

describe('listed-keys.json', () => {
  const cases = load<ListedCase>('listed-keys.json');
  test.each(cases)('$comment', ({ did, purpose, document, expected, error }) => {
    const result = keysFor(document, parseDid(did)!, purpose);
    if (!result.ok) {
      expect(result.reason).toBe(error);
    } else {
      const keys = result.keys.map(({ id, publicKey }) => ({ id, publicKey: toHex(publicKey) }));
      expect(keys).toEqual(expected);
    }
  });
});

describe('did-web.json', () => {
  const cases = load<{ did?: string; url?: string; error?: string }>('did-web.json');
  test.each(cases)('$comment', ({ did, url, error }) => {
    if (error !== undefined) {
      expect(did === undefined ? urlToDidWeb(url!) : parseDid(did)).toBeNull();
    } else {
      expect(urlToDidWeb(url!)).toBe(did);
      if (!url!.endsWith('-directory')) expect(didWebToUrl(parseDid(did!)!)).toBe(url);
    }
  });
});

describe('did-webvh.json', () => {
  const cases = load<{ did: string; url?: string; error?: string }>('did-webvh.json');
  test.each(cases)('$comment', ({ comment, error, ...expected }) => {
    const did = parseDid(expected.did);
    if (did === null) {
      expect(error).toBe('invalid');
    } else {
      const found = { url: didWebvhToUrl(did), scid: scidOf(did), subject: subjectOf(did) };
      expect({ did, ...found }).toEqual(expected);
    }
  });
});

interface StatedCase {
  readonly known: string | null;
  readonly object: JsonObject;
  readonly expected?: { readonly name: string };
  readonly error?: string;
}

describe('stated-keys.json', () => {
  const cases = load<StatedCase>('stated-keys.json');
  test.each(cases)('$comment', async ({ error, expected, known, object }) => {
    const stated = known === null ? null : stateOf(readDidLog(known));
    const resolveKey = createStatedKeys(() => stated, crypto, didKeyResolver);
    const verdict = await verifyObject(object, { crypto, resolveKey });
    expect(verdict).toMatchObject(
      expected ? { ok: true, object: expected } : { ok: false, reason: error },
    );
  });
});

interface RequestKeyCase {
  readonly url: string;
  readonly keyid: string;
  readonly known: string | null;
  readonly published: Readonly<Record<string, string>>;
  readonly expected?: { readonly did: string; readonly verificationMethod: string };
  readonly error?: string;
}

describe('request-keys.json', () => {
  const cases = load<RequestKeyCase>('request-keys.json');
  test.each(cases)('$comment', async ({ error, expected, keyid, known, published, url }) => {
    const { requestKeys } = createResolution({
      crypto,
      loopback: false,
      // Logs of the future are refused where they are fetched.
      now: () => Date.UTC(2030, 0),
      findDidLog: async () => known,
      fetch: {
        async request(asked) {
          const text = published[asked];
          const status = text === undefined ? 404 : 200;
          return { status, header: () => null, body: new TextEncoder().encode(text ?? '') };
        },
      },
    });
    const found = await requestKeys(url, keyid);
    expect(found).toMatchObject(expected ? { ok: true, ...expected } : { reason: error });
  });
});
