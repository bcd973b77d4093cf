// The small parts statements are made of: parameters counted, rows in chunks, keys that must be loaded.
import { describe, expect, test } from 'vitest';
import { integer } from './database.ts';
import { parameterCount } from './parameters.ts';
import { Table } from './table.ts';
import { valuesList } from './values-list.ts';

describe('parameterCount', () => {
  test.each([
    ['SELECT 1', 0],
    ['SELECT ?, ?', 2],
    ['SELECT ?1, ?1, ?3', 3],
    ["SELECT '?', ? -- ?", 1],
    ['SELECT "?", ?\n-- ?\n, ?', 2],
    ["SELECT 'it''s ?', ?", 1],
  ])('%s has %d', (sql, count) => {
    expect(parameterCount(sql)).toBe(count);
  });
});

describe('valuesList', () => {
  const insert = valuesList('INSERT INTO t (a, b) VALUES', 2, 'ON CONFLICT DO NOTHING');

  test.each([0, 1, 3, 4, 5, 64, 100, 300])('writes %d rows, in order, in known chunks', (count) => {
    const rows = Array.from({ length: count }, (_, i) => [integer(i), `row ${i}`]);
    const statements = insert(rows);
    expect(statements.flatMap(({ args }) => args)).toEqual(rows.flat());
    for (const { args, sql } of statements) {
      expect(parameterCount(sql)).toBe(args.length);
      expect([2, 8, 32, 128]).toContain(args.length);
    }
  });

  test('gives the same text for the same number of rows', () => {
    const [one] = insert([[1n, 'a']]);
    const [other] = insert([[2n, 'b']]);
    expect(one?.sql).toBe('INSERT INTO t (a, b) VALUES (?, ?) ON CONFLICT DO NOTHING');
    expect(other?.sql).toBe(one?.sql);
  });
});

describe('a table of loaded rows', () => {
  test('tells a row that does not exist from one that was not asked for', () => {
    const table = new Table<string>('item');
    table.expect('a');
    expect(table.get('a')).toBeUndefined();
    expect(() => table.get('b')).toThrow(expect.objectContaining({ code: 'row_not_loaded' }));
  });

  test('gives what was put last, and keeps what was loaded', () => {
    const table = new Table<string>('item');
    table.fill('a', 'loaded');
    table.put('a', 'first');
    table.put('a', 'second');
    table.put('b', 'new');
    table.drop('b');
    expect(table.get('a')).toBe('second');
    expect(table.loaded('a')).toBe('loaded');
    expect(table.get('b')).toBeUndefined();
    expect([...table.changed()]).toEqual(['second']);
  });
});
