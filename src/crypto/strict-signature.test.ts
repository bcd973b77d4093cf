// The checks before the equation, which newer versions of Node repeat and older ones do not have.
import { expect, test } from 'vitest';
import { ed25519Cases, L, toLittleEndian } from '../../test/ed25519-cases.ts';
import { concatBytes } from '../protocol/bytes.ts';
import { isStrictSignature } from './strict-signature.ts';

const cases = ed25519Cases('strict');

function members(family: string) {
  return cases.filter((given) => given.family === family);
}

test('every spelling of an R of small order is refused, S = 0 or not', () => {
  const refused = members('small-order-r');
  expect(refused.length).toBe(28);
  for (const { comment, signature } of refused) {
    expect(isStrictSignature(signature), comment).toBe(false);
  }
});

test('S is refused from L upwards', () => {
  const r = members('honest')[0]?.signature.slice(0, 32) as Uint8Array;
  const withS = (s: bigint) => isStrictSignature(concatBytes(r, toLittleEndian(s)));
  expect(withS(0n)).toBe(true);
  expect(withS(L - 1n)).toBe(true);
  expect(withS(L)).toBe(false);
  expect(withS(L + 1n)).toBe(false);
  expect(withS(1n << 255n)).toBe(false);
  expect(withS((1n << 256n) - 1n)).toBe(false);
});

test('only 64 bytes are a signature', () => {
  const signature = members('honest')[0]?.signature as Uint8Array;
  expect(isStrictSignature(signature)).toBe(true);
  expect(isStrictSignature(signature.slice(0, 63))).toBe(false);
  expect(isStrictSignature(concatBytes(signature, Uint8Array.of(0)))).toBe(false);
});

test('no honest signature is refused', () => {
  for (const { signature } of members('honest')) expect(isStrictSignature(signature)).toBe(true);
});
