// Proofs from memory are those that are made from the whole tree.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crypto } from '../../test/sample-log.ts';
import { concatBytes, utf8 } from '../protocol/bytes.ts';
import { LogError } from './error.ts';
import { GrownTree } from './grown-tree.ts';
import { inclusionProof } from './inclusion.ts';
import { Frontier, leafHash } from './merkle.ts';
import { TILE_WIDTH, tileHashReader } from './tile.ts';

const leaves = Array.from({ length: 1200 }, (_, n) => leafHash(utf8(`leaf ${n}`), crypto));

function grow(from: number, to: number) {
  const frontier = new Frontier(crypto);
  for (const leaf of leaves.slice(0, from)) frontier.append(leaf);
  const tree = new GrownTree(frontier, crypto);
  for (const leaf of leaves.slice(from, to)) frontier.append(leaf, tree.add);
  return tree;
}

function wholeProof(index: number, size: number) {
  const roots = Array.from({ length: 2 }, () => [] as Uint8Array[]);
  const readTile = (level: number, tile: number, width: number) => {
    if (level === 0)
      return concatBytes(...leaves.slice(tile * TILE_WIDTH, tile * TILE_WIDTH + width));
    for (let n = roots[1]?.length ?? 0; n < width; n++) {
      const frontier = new Frontier(crypto);
      for (const leaf of leaves.slice(n * TILE_WIDTH, (n + 1) * TILE_WIDTH)) frontier.append(leaf);
      roots[1]?.push(frontier.root());
    }
    return concatBytes(...(roots[1] ?? []).slice(0, width));
  };
  return inclusionProof(index, size, tileHashReader(readTile, size, crypto), crypto);
}

test('every new leaf of every small growth', async () => {
  const wrong: string[] = [];
  for (let from = 0; from < 20; from++) {
    for (let to = from + 1; to < 40; to++) {
      const tree = grow(from, to);
      for (let index = from; index < to; index++) {
        const expected = await wholeProof(index, to);
        if (String(tree.proof(index, to)) !== String(expected))
          wrong.push(`${from} ${to} ${index}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

test('larger trees, anywhere', async () => {
  const growth = fc.tuple(fc.nat(900), fc.integer({ min: 1, max: 299 }), fc.nat(298));
  await fc.assert(
    fc.asyncProperty(growth, async ([from, by, at]) => {
      const [size, index] = [from + by, from + (at % by)];
      expect(grow(from, size).proof(index, size)).toEqual(await wholeProof(index, size));
    }),
    { numRuns: 100 },
  );
});

test('of a leaf that was there before there is none', () => {
  const tree = grow(5, 9);
  expect(() => tree.proof(4, 9)).toThrow(LogError);
  expect(() => tree.proof(9, 9)).toThrow(LogError);
});
