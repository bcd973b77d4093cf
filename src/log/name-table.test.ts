// Names and their numbers stay together however many there are.
import { expect, test } from 'vitest';
import { crypto } from '../../test/sample-log.ts';
import { utf8 } from '../protocol/bytes.ts';
import { nameFromHash } from '../protocol/object-name.ts';
import { NameTable } from './name-table.ts';

const name = (n: number) => nameFromHash(crypto.sha256(utf8(`${n}`)));

test('gives back what was given, and nothing of other names', () => {
  const table = new NameTable();
  const count = 40_000;
  for (let n = 0; n < count; n++) table.add(name(n), n * 3);
  expect(table.size).toBe(count);
  const wrong: number[] = [];
  for (let n = 0; n < count; n++) if (table.get(name(n)) !== n * 3) wrong.push(n);
  for (let n = 0; n < count; n += 99) if (table.at(n) !== name(n)) wrong.push(n);
  expect(table.at(count)).toBeUndefined();
  for (let n = count; n < 2 * count; n++) if (table.has(name(n))) wrong.push(n);
  expect(wrong).toEqual([]);
});

test('a name keeps its first number', () => {
  const table = new NameTable();
  table.add(name(1), 0);
  table.add(name(1), 7);
  expect([table.size, table.get(name(1)), table.get(name(2))]).toEqual([1, 0, undefined]);
});

test('names that begin with the same bytes are told apart', () => {
  const table = new NameTable();
  const twins = Array.from({ length: 3000 }, (_, n) => {
    const hash = new Uint8Array(32).fill(9);
    hash.set([n & 255, n >> 8], 30);
    return nameFromHash(hash);
  });
  for (const [n, twin] of twins.entries()) table.add(twin, n);
  expect(twins.map((twin) => table.get(twin))).toEqual(twins.map((_, n) => n));
});
