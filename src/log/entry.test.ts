// Log entries: one line, one spelling, and a commitment that only its salt and object open.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { decodeUtf8, toHex, utf8 } from '../protocol/bytes.ts';
import { canonicalize } from '../protocol/jcs.ts';
import { commitment, type EntryKind, encodeEntry, makeEntry, parseEntry } from './entry.ts';
import { LogError } from './error.ts';

const crypto = createNodeCrypto();
const kinds: EntryKind[] = [
  'Create',
  'Like',
  'Dislike',
  'Undo',
  'Follow',
  'Update',
  'Delete',
  'Remove',
  'Add',
  'Block',
  'Flag',
  'Move',
];
const entry = makeEntry(crypto.sha256(utf8('x')), 'Create', 1763600000123);

test('an entry is its JCS form, and reads back', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.constantFrom(...kinds),
      fc.nat(253_402_300_799_999),
      (hash, kind, t) => {
        const made = makeEntry(hash, kind, t);
        const line = encodeEntry(made);
        expect(line).toEqual(canonicalize(made));
        expect(line.length).toBeLessThanOrEqual(128);
        expect(parseEntry(line)).toEqual(made);
      },
    ),
  );
});

test('the same entry in any other spelling is refused', () => {
  const line = decodeUtf8(encodeEntry(entry));
  for (const other of [
    line.replace('"k"', ' "k"'),
    `${line}\n`,
    `${line}\r`,
    ` ${line}`,
    line.replace('"v":1', '"v":1.0'),
    line.replace('"v":1', '"v":2'),
    line.replace('"Create"', '"Created"'),
    line.replace('"Create"', '"toString"'),
    line.replace('"Create"', '"\\u0043reate"'),
    line.replace('1763600000123', '01763600000123'),
    line.replace('1763600000123', '1763600000123.0'),
    line.replace('1763600000123', '-1'),
    line.replace('1763600000123', '253402300800000'),
    line.replace('1763600000123', '9007199254740992'),
    line.replace('"v":1', '"v":1,"w":1'),
    line.replace('{"c"', '{"a":1,"c"'),
    line.replace(/"c":"[^"]+",/, ''),
    line.replace(/"c":"([^"]+)",(.*?),"t"/, '$2,"c":"$1","t"'),
    line.replace(entry.c, `${entry.c.slice(0, -1)}=`),
    // A last character with spare bits set: the same 32 bytes to a loose reader.
    line.replace(entry.c, `${'A'.repeat(42)}B`),
    line.replace(entry.c, entry.c.slice(1)),
    '',
    '{}',
    'null',
  ]) {
    expect(parseEntry(utf8(other)), other).toBeNull();
  }
  expect(parseEntry(new Uint8Array(200_000).fill(0x7b))).toBeNull();
});

test('what is no entry is not written', () => {
  expect(() => encodeEntry({ ...entry, t: 0.5 })).toThrow(LogError);
  expect(() => encodeEntry({ ...entry, t: -1 })).toThrow(LogError);
  expect(() => encodeEntry({ ...entry, t: 253_402_300_800_000 })).toThrow(LogError);
  expect(() => encodeEntry({ ...entry, c: '"' })).toThrow(LogError);
  expect(() => encodeEntry({ ...entry, k: 'Tombstone' as EntryKind })).toThrow(LogError);
});

test('the commitment hangs on salt and object', () => {
  const salt = new Uint8Array(16).fill(1);
  const hash = commitment(salt, utf8('{}'), crypto);
  const preimage = new Uint8Array([...utf8('exuvia-entry-v1\0'), ...salt, ...utf8('{}')]);
  expect(toHex(hash)).toBe(toHex(crypto.sha256(preimage)));
  expect(commitment(new Uint8Array(16), utf8('{}'), crypto)).not.toEqual(hash);
  expect(commitment(salt, utf8('{ }'), crypto)).not.toEqual(hash);
  // With salts of any length, bytes could wander between salt and object.
  expect(() => commitment(new Uint8Array(15), utf8('{}'), crypto)).toThrow(LogError);
});
