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
import { type FoundRequestKey, REQUEST_WINDOW, verifyRequest } from './request-signature.ts';
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
  const refuse = (
    reason: 'no_identifier' | 'not_enrolled' | 'discovery_failed' | 'key_not_in_directory',
  ) => ({ ok: false, reason, detail: reason, retryable: false }) as const;
  if (url === null) return refuse('no_identifier');
  if (didOfAgentUrl(url) === null) return refuse('not_enrolled');
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
  return key === undefined ? refuse('key_not_in_directory') : { ok: true, ...key };
}

async function run({ input }: RequestVector, crypto: Crypto) {
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
    async (url, keyid) => find(input.documents ?? {}, url, keyid, crypto),
    crypto,
  );
  if (!result.ok || result.contentDigest === null) return result;
  const stated = parseContentDigest(result.contentDigest);
  if (stated.ok && matchesContentDigest(stated.digest, body, crypto)) return result;
  return { ok: false, outcome: 'invalid', reason: 'content_digest_mismatch' };
}

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
    expect(await run(vector, crypto)).toMatchObject({ ok: false, ...vector.error });
  });
});
