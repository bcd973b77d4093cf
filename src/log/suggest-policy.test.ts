// Suggested policies are policies, with a quorum that two histories cannot both have.
import { expect, test } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { utf8 } from '../protocol/bytes.ts';
import { parsePolicy } from './policy.ts';
import { suggestPolicy } from './suggest-policy.ts';

const crypto = createNodeCrypto();
const key = (name: string) => crypto.publicKeyOf(crypto.sha256(utf8(name)));
const suggest = (count: number) =>
  suggestPolicy(
    'node.example/log/system',
    key('log'),
    Array.from({ length: count }, (_, i) => ({
      name: `w${i}.example/witness`,
      publicKey: key(`w${i}`),
    })),
    crypto,
  );

test.each([
  [0, undefined],
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 3],
  [7, 5],
])('of %i witnesses asks for %s', (count, threshold) => {
  const parsed = parsePolicy(utf8(suggest(count)), crypto);
  if (!parsed.ok) throw new Error(parsed.detail);
  expect(parsed.policy.witnesses).toHaveLength(count);
  expect(parsed.policy.groups.get('panel')?.threshold).toBe(threshold);
  expect(parsed.policy.quorum).toBe(count === 0 ? 'none' : 'panel');
  expect(parsed.policy.logs.map(({ verifier }) => verifier.name)).toEqual([
    'node.example/log/system',
  ]);
});
