// The project's own request vectors: every accepted and refused request of spec/vectors/requests.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createNoble } from '../crypto/noble.ts';
import { createNodeCrypto } from '../crypto/node.ts';
import { readAgentDirectory } from './agent-directory.ts';
import { toBase64url, utf8 } from './bytes.ts';
import { matchesContentDigest, parseContentDigest } from './content-digest.ts';
import type { Crypto } from './crypto.ts';
import { didOfAgentUrl } from './key-link.ts';
import {
  type FoundRequestKey,
  REQUEST_WINDOW,
  type RequestKeyRefusal,
  verifyRequest,
} from './request-signature.ts';
import { COMPAT_ALL, type SignatureAgentCompat } from './signature-agent.ts';

interface RequestVector {
  id: string;
  comment: string;
  input: {
    now: number;
    write: boolean;
    loopback?: boolean;
    compat?: SignatureAgentCompat;
    scheme: 'http' | 'https';
    authority: string;
    method: string;
    target: string;
    headers: [string, string][];
    body: string | null;
    documents?: Record<string, unknown>;
  };
  expected?: {
    did: string;
    verification_method: string;
    keyid: string;
    form: string;
    nonce: string | null;
    signature_base: string;
  };
  error?: { outcome: string; reason: string };
}

const folder = join(import.meta.dirname, '..', '..', 'spec', 'vectors', 'requests');

function read(name: string): RequestVector[] {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')).vectors;
}

/** What a node finds out when only the vector's documents can be fetched. */
function find(
  documents: Record<string, unknown>,
  url: string | null,
  keyid: string,
  crypto: Crypto,
): FoundRequestKey {
  const refuse = (reason: RequestKeyRefusal) =>
    ({ ok: false, reason, detail: reason, retryable: false }) as const;
  if (url === null) return refuse('no_identifier');
  if (didOfAgentUrl(url) === null) return refuse('not_enrolled');
  if (documents[url] === undefined) return refuse('discovery_failed');
  let read = readAgentDirectory({ url, document: documents[url] }, crypto);
  if (!read.ok && read.reason === 'did_document_needed') {
    const didDocument = documents[read.didDocumentUrl] ?? null;
    read = readAgentDirectory({ url, document: documents[url], didDocument }, crypto);
  }
  if (!read.ok) {
    const reason = read.reason === 'did_document_needed' ? 'did_mismatch' : read.reason;
    return { ok: false, reason, detail: read.detail, retryable: false };
  }
  const key = read.keys.get(keyid);
  const fault = read.faults.get(keyid) ?? 'key_not_in_directory';
  return key === undefined ? refuse(fault) : { ok: true, ...key };
}

async function run({ input }: RequestVector, crypto: Crypto, asked: (string | null)[] = []) {
  const { method, target, scheme, authority, headers } = input;
  const body = utf8(input.body ?? '');
  const result = await verifyRequest(
    { method, target, scheme, authority, headers },
    {
      write: input.write,
      hasBody: input.body !== null,
      now: input.now,
      ...REQUEST_WINDOW,
      compat: input.compat ?? COMPAT_ALL,
      loopback: input.loopback ?? false,
      authorities: [authority],
    },
    async (url, keyid) => {
      asked.push(url);
      return find(input.documents ?? {}, url, keyid, crypto);
    },
    crypto,
  );
  if (!result.ok || result.contentDigest === null) return result;
  const stated = parseContentDigest(result.contentDigest);
  if (stated.ok && matchesContentDigest(stated.digest, body, crypto)) return result;
  return { ok: false, outcome: 'invalid', reason: 'content_digest_mismatch' };
}

/** The only reasons for which a key may have been looked for. */
const AFTER_LOOKUP = new Set([
  'no_identifier',
  'not_enrolled',
  'discovery_refused',
  'discovery_failed',
  'directory_malformed',
  'directory_too_many_keys',
  'directory_kid_mismatch',
  'key_not_in_directory',
  'key_not_for_authentication',
  'key_controller_mismatch',
  'did_mismatch',
  'key_rejected',
  'bad_signature',
  'ambiguous_signer',
  'content_digest_mismatch',
]);

describe.each([createNodeCrypto(), createNoble()])('with $name', (crypto) => {
  it.each(read('accepted.json'))('accepts $id: $comment', async (vector) => {
    const { did, verification_method, keyid, form, nonce, signature_base } = vector.expected!;
    const hash = toBase64url(crypto.sha256(utf8(signature_base)));
    const result = await run(vector, crypto);
    expect(result).toMatchObject({ ok: true, did, keyid, form, nonce });
    expect(result).toMatchObject({ verificationMethod: verification_method });
    expect('signatureBaseHash' in result && toBase64url(result.signatureBaseHash)).toBe(hash);
  });

  it.each(read('refused.json'))('refuses $id: $comment', async (vector) => {
    const asked: (string | null)[] = [];
    expect(await run(vector, crypto, asked)).toMatchObject({ ok: false, ...vector.error });
    // What can be said against a request without a key is said without looking for one.
    if (!AFTER_LOOKUP.has(vector.error?.reason ?? '')) expect(asked).toEqual([]);
  });
});
