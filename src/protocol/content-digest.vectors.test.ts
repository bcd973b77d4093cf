// The examples of RFC 9530.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { vectorPath } from '../../test/vectors.ts';
import { createNodeCrypto } from '../crypto/node.ts';
import { fromBase64, utf8 } from './bytes.ts';
import { contentDigest, matchesContentDigest, parseContentDigest } from './content-digest.ts';

interface Rfc9530 {
  examples: { section: string; algorithm: string; value: string; body_base64: string }[];
  header_syntax: {
    valid: string[];
    malformed_in_the_rfc: { value: string }[];
    insecure_must_not_be_used_when_signed: string[];
  };
}

const crypto = createNodeCrypto();
const vectors: Rfc9530 = JSON.parse(
  readFileSync(vectorPath('http-signatures', 'rfc9530.json'), 'utf8'),
);

describe('RFC 9530', () => {
  it.each(vectors.examples)('§$section $algorithm', ({ algorithm, value, body_base64 }) => {
    const body = fromBase64(body_base64)!;
    const parsed = parseContentDigest(`${algorithm}=:${value}:`);
    if (!parsed.ok) throw new Error(parsed.detail);
    expect(matchesContentDigest(parsed.digest, body, crypto)).toBe(true);
    expect(matchesContentDigest(parsed.digest, utf8('other'), crypto)).toBe(false);
  });

  const sha256 = vectors.examples.filter(({ algorithm }) => algorithm === 'sha-256');
  it.each(sha256)('§$section is made again', ({ value, body_base64 }) => {
    expect(contentDigest(fromBase64(body_base64)!, crypto)).toBe(`sha-256=:${value}:`);
  });

  it.each(vectors.header_syntax.valid)('reads %s', (field) => {
    expect(parseContentDigest(field).ok).toBe(true);
  });

  it.each(vectors.header_syntax.malformed_in_the_rfc)('refuses $value', ({ value }) => {
    expect(parseContentDigest(value)).toMatchObject({ ok: false, reason: 'digest_malformed' });
  });

  const insecure = vectors.header_syntax.insecure_must_not_be_used_when_signed;
  it.each(insecure)('refuses %s, alone and beside sha-256', (algorithm) => {
    const { value } = sha256[0]!;
    for (const field of [`${algorithm}=:AAAA:`, `sha-256=:${value}:, ${algorithm}=:AAAA:`]) {
      expect(parseContentDigest(field)).toMatchObject({
        ok: false,
        reason: 'digest_algorithm_refused',
      });
    }
  });
});
