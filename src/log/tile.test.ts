// Tile paths in their one spelling, widths, and bundles.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBundle, encodeBundle, MAX_ENTRY_SIZE } from './bundle.ts';
import { LogError } from './error.ts';
import { parseTilePath, tilePath, tilesOf, tileWidth } from './tile.ts';

test('the index is written in groups of three digits', () => {
  expect(tilePath(0, 1234067)).toBe('tile/0/x001/x234/067');
  expect(tilePath(63, 0)).toBe('tile/63/000');
  expect(tilePath('entries', 999, 255)).toBe('tile/entries/999.p/255');
  expect(tilePath(2, 1000, 1)).toBe('tile/2/x001/000.p/1');
});

test('every path reads back, and only in this spelling', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.integer({ min: 0, max: 63 }), fc.constant('entries' as const)),
      fc.nat(10 ** 12),
      fc.integer({ min: 1, max: 256 }),
      (level, index, width) => {
        expect(parseTilePath(tilePath(level, index, width))).toEqual({ level, index, width });
      },
    ),
  );
  for (const path of [
    'tile/00/000',
    'tile/64/000',
    'tile/0/0',
    'tile/0/x000/001',
    'tile/0/001/002',
    'tile/0/x001',
    'tile/0/000.p/0',
    'tile/0/000.p/01',
    'tile/0/000.p/256',
    'tile/0/000.p/',
    '/tile/0/000',
    'tile/0/000/',
    'tile/data/000',
    'tile/-1/000',
    'tile/0/x999/x999/x999/x999/x999/x999/999',
  ]) {
    expect(parseTilePath(path), path).toBeNull();
  }
  expect(() => tilePath(64, 0)).toThrow(LogError);
  expect(() => tilePath(0, -1)).toThrow(LogError);
  expect(() => tilePath(0, 0, 257)).toThrow(LogError);
});

test('a tree of 70,000 leaves has the tiles of the specification’s example', () => {
  const tiles = [...tilesOf(70_000)];
  const at = (level: number) => tiles.filter((tile) => tile.level === level);
  expect(at(0).map(({ width }) => width)).toEqual([...Array(273).fill(256), 112]);
  expect(at(1).map(({ width }) => width)).toEqual([256, 17]);
  expect(at(2).map(({ width }) => width)).toEqual([1]);
  expect(at(3)).toEqual([]);
  expect([...tilesOf(256)].map(({ level, width }) => [level, width])).toEqual([
    [0, 256],
    [1, 1],
  ]);
  expect([...tilesOf(0)]).toEqual([]);
});

test('the tiles that growth touches are exactly those that differ', () => {
  fc.assert(
    fc.property(fc.nat(200_000), fc.nat(2000), (from, more) => {
      const key = (tile: { level: number; index: number; width: number }) =>
        tilePath(tile.level, tile.index, tile.width);
      const before = new Set([...tilesOf(from)].map(key));
      const grown = [...tilesOf(from + more)].map(key).filter((path) => !before.has(path));
      expect([...tilesOf(from + more, from)].map(key)).toEqual(grown);
    }),
    { numRuns: 40 },
  );
  expect(tileWidth(0, 3, 700)).toBe(0);
});

test('a bundle gives back its entries, and nothing when a byte is missing or left over', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 20 }),
      (entries) => {
        const bytes = encodeBundle(entries);
        expect(decodeBundle(bytes, entries.length)).toEqual(entries);
        expect(decodeBundle(bytes, entries.length + 1)).toBeNull();
        expect(decodeBundle(bytes.subarray(1), entries.length)).not.toEqual(entries);
        expect(decodeBundle(bytes.subarray(0, -1), entries.length)).toBeNull();
        expect(decodeBundle(new Uint8Array([...bytes, 0]), entries.length)).toBeNull();
      },
    ),
  );
});

test('an entry of 65,535 bytes fits a bundle and a longer one does not', () => {
  const entry = new Uint8Array(MAX_ENTRY_SIZE).fill(7);
  expect(decodeBundle(encodeBundle([entry]), 1)).toEqual([entry]);
  expect(() => encodeBundle([new Uint8Array(MAX_ENTRY_SIZE + 1)])).toThrow(LogError);
  expect(() => encodeBundle([])).toThrow(LogError);
  expect(() => encodeBundle(Array(257).fill(new Uint8Array(1)))).toThrow(LogError);
});
