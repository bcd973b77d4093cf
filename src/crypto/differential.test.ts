// The three platforms give one verdict on every signature, hostile ones above all.
import { verify as verifyLeniently } from '@noble/ed25519';
import { expect, test } from 'vitest';
import { ed25519Cases } from '../../test/ed25519-cases.ts';
import { toHex } from '../protocol/bytes.ts';
import { createLibsodium } from './libsodium.ts';
import { createNoble } from './noble.ts';
import { createNodeCrypto } from './node.ts';

const platforms = [await createLibsodium(), createNodeCrypto(), createNoble()];
const cases = ['first', 'second', 'third', 'fourth'].flatMap((seed) => ed25519Cases(seed));
const families = Map.groupBy(cases, (given) => given.family);

test('there are hundreds of cases, most of them to be refused', () => {
  expect(cases.length).toBeGreaterThan(800);
  expect(cases.filter((given) => given.expected).length).toBeGreaterThan(20);
});

for (const [family, members] of families) {
  test(`all platforms agree on ${family} (${members.length} cases)`, () => {
    for (const { comment, publicKey, message, signature, keyAccepted, expected } of members) {
      const report = `${comment}: ${toHex(publicKey)} ${toHex(message)} ${toHex(signature)}`;
      const keys = platforms.map((platform) => platform.acceptsKey(publicKey));
      const verdicts = platforms.map((platform) => platform.verify(publicKey, message, signature));
      expect(verdicts, report).toEqual([expected, expected, expected]);
      expect(new Set(keys).size, report).toBe(1);
      if (keyAccepted !== null) expect(keys[0], report).toBe(keyAccepted);
    }
  });
}

test('the cases are hostile: a verifier that clears the cofactor accepts dozens of them', () => {
  const lenient = cases.filter(
    ({ publicKey, message, signature, expected }) =>
      !expected &&
      publicKey.length === 32 &&
      signature.length === 64 &&
      verifyLeniently(signature, message, publicKey, { zip215: true }),
  );
  expect(lenient.length).toBeGreaterThan(100);
});
