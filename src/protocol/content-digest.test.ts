// A stated digest counts only if every known part of it agrees with the body.

import { sha512 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { toBase64, utf8 } from './bytes.ts';
import {
  contentDigest,
  equalsContentDigest,
  matchesContentDigest,
  parseContentDigest,
} from './content-digest.ts';

const crypto = createNodeCrypto();
const body = utf8('{"type":"Like"}');
const own256 = `sha-256=:${toBase64(crypto.sha256(body))}:`;
const own512 = `sha-512=:${toBase64(sha512(body))}:`;
const other512 = `sha-512=:${toBase64(sha512(utf8('{}')))}:`;

function matches(field: string): boolean {
  const parsed = parseContentDigest(field);
  return parsed.ok && matchesContentDigest(parsed.digest, body, crypto);
}

describe('Content-Digest', () => {
  it('that we make matches its body and no other', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (one, two) => {
        const parsed = parseContentDigest(contentDigest(one, crypto));
        if (!parsed.ok) throw new Error(parsed.detail);
        expect(matchesContentDigest(parsed.digest, one, crypto)).toBe(true);
        const same = toBase64(one) === toBase64(two);
        expect(matchesContentDigest(parsed.digest, two, crypto)).toBe(same);
      }),
    );
  });

  it('needs every known algorithm to agree', () => {
    expect(matches(own512)).toBe(true);
    expect(matches(`${own256}, ${own512}`)).toBe(true);
    expect(matches(`${own256}, ${other512}`)).toBe(false);
    expect(matches(`${own256}, sha3-512=:AAAA:`)).toBe(true);
  });

  it('is a mismatch when a stated hash was not taken', () => {
    const parsed = parseContentDigest(`${own256}, ${own512}`);
    if (!parsed.ok) throw new Error(parsed.detail);
    const sha256 = crypto.sha256(body);
    expect(equalsContentDigest(parsed.digest, { sha256, sha512: null })).toBe(false);
    expect(equalsContentDigest(parsed.digest, { sha256, sha512: sha512(body) })).toBe(true);
  });

  it.each([
    ['', 'digest_algorithm_refused'],
    ['md5=:dK7KYFCeJC/ugZk8TRONBg==:', 'digest_algorithm_refused'],
    [`${own256}, sha=:AAAA:`, 'digest_algorithm_refused'],
    ['sha3-512=:AAAA:', 'digest_algorithm_refused'],
    [`${own256}, ${own256}`, 'digest_malformed'],
    ['sha-256=:AAAA:', 'digest_malformed'],
    [`${own256};q=1`, 'digest_malformed'],
    ['sha-256="RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg="', 'digest_malformed'],
    ['sha-256=(:AAAA:)', 'digest_malformed'],
    ['sha-256', 'digest_malformed'],
  ])('%s is refused', (field, reason) => {
    expect(parseContentDigest(field)).toMatchObject({ ok: false, reason });
  });
});
