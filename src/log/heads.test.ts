// Heads: any log of any number of logs is proven, and no other, in no other place.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { crypto } from '../../test/sandbox.ts';
import { utf8 } from '../protocol/bytes.ts';
import type { Checkpoint } from './checkpoint.ts';
import { formatHeads, proveHead, sameHeads, sortHeads, verifyHead } from './heads.ts';

const headOf = (i: number, size = i + 1): Checkpoint => ({
  origin: `a.example/log/${String(i * 7919).padStart(43, '-')}`,
  size,
  root: crypto.sha256(utf8(`root ${i}`)),
});

test('any head of any number is proven, in its place alone, and no other is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.nat(), async (count, pick) => {
      const heads = sortHeads(Array.from({ length: count }, (_, i) => headOf(i)));
      const head = heads[pick % count] as Checkpoint;
      const text = formatHeads('a.example', heads, crypto);
      const proof = await proveHead(heads, head.origin, crypto);
      if (proof === null) throw new Error('there is one');
      const verified = (claim = head, at = proof.index, authority = 'a.example') =>
        verifyHead(text, authority, claim, { ...proof, index: at }, crypto);
      expect(verified()).toBe(true);
      expect(verified({ ...head, size: head.size + 1 })).toBe(false);
      expect(verified({ ...head, root: crypto.sha256(head.root) })).toBe(false);
      expect(verified(head, proof.index + 1)).toBe(false);
      expect(verified(head, proof.index, 'b.example')).toBe(false);
    }),
  );
});

test('the order in which the logs come makes no difference', () => {
  const heads = Array.from({ length: 9 }, (_, i) => headOf(i));
  const [one, other] = [heads, heads.toReversed()].map((each) =>
    formatHeads('a.example', sortHeads(each), crypto),
  );
  expect(one).toBe(other);
  expect(one?.split('\n').slice(0, 2)).toEqual(['a.example/heads', '9']);
});

test('a log that is not there has no proof, and another text is none', async () => {
  const heads = [headOf(1)];
  expect(await proveHead(heads, 'a.example/log/other', crypto)).toBeNull();
  const proof = { index: 0, hashes: [] };
  expect(verifyHead('nonsense', 'a.example', headOf(1), proof, crypto)).toBe(false);
});

test.each([
  ['fewer', [headOf(1)]],
  ['another size', [headOf(1), headOf(2, 9)]],
  ['another root', [headOf(1), { ...headOf(2), root: headOf(1).root }]],
  ['another log', [headOf(1), { ...headOf(2), origin: headOf(3).origin }]],
])('%s are not the same heads', (_, heads) => {
  expect(sameHeads(heads, [headOf(1), headOf(2)])).toBe(false);
  expect(sameHeads(heads, heads)).toBe(true);
});
