// An object checked without our code: SHA-256 of two texts and `openssl pkeyutl`, nothing else.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

function base58(text: string): Buffer {
  let number = 0n;
  for (const digit of text) number = number * 58n + BigInt(BASE58.indexOf(digit));
  const hex = number.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** RFC 8785, as far as our objects need it. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonical(value[key]!)}`).join()}}`;
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'exuvia-openssl-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function opensslAccepts(text: string): boolean {
  const { proof, ...document } = JSON.parse(text);
  const { proofValue, ...config } = proof;
  const did = document.actor as string;
  const file = (name: string, bytes: Buffer): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  const key = base58(did.slice('did:key:z'.length)).subarray(2);
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key]);
  const signed = Buffer.concat([sha256(canonical(config)), sha256(canonical(document))]);
  const run = spawnSync('openssl', [
    ...['pkeyutl', '-verify', '-rawin', '-pubin', '-keyform', 'DER'],
    ...['-inkey', file('key.der', spki)],
    ...['-sigfile', file('signature', base58(proofValue.slice(1)))],
    ...['-in', file('signed', signed)],
  ]);
  if (run.error) throw run.error;
  return run.status === 0;
}

const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../spec/vectors/objects/signing.json'), 'utf8'),
) as { cases: { expected: { canonical: string; name: string } }[] };

test('openssl verifies each signed vector, whose name is the hash of its text', () => {
  for (const { expected } of vectors.cases) {
    expect(opensslAccepts(expected.canonical)).toBe(true);
    expect(expected.name).toBe(`ni:///sha-256;${sha256(expected.canonical).toString('base64url')}`);
  }
});

test('openssl refuses a vector with one letter changed', () => {
  const { canonical: text } = vectors.cases[0]!.expected;
  expect(opensslAccepts(text.replace('The tea room', 'The sea room'))).toBe(false);
});
