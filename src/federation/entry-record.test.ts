// Entries on the wire: what is written is read back, and nothing else is read.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, fromBase64url, toBase64url, utf8 } from '../protocol/bytes.ts';
import { type Did, parseDid, subjectOf } from '../protocol/did.ts';
import { type CanonicalBytes, canonicalize } from '../protocol/jcs.ts';
import type { JsonObject, JsonValue } from '../protocol/json.ts';
import { nameFromHash, type ObjectName } from '../protocol/object-name.ts';
import { encodeEntryBody, parseEntryBody, parseEntryRecord } from './entry-record.ts';

const DID = parseDid('did:web:agents.example.com') as Did;
const WEBVH = parseDid(
  'did:webvh:QmPEQVM1JPTyrvEgBcDXwjK4TeyLGSX1PxjgyeAisdWM1p:agents.example.com',
) as Did;
const NAME = nameFromHash(new Uint8Array(32).fill(1));
const PARENT = nameFromHash(new Uint8Array(32).fill(2));
const SALT = new Uint8Array(16).fill(3);

function read(bytes: Uint8Array): JsonObject {
  return JSON.parse(decodeUtf8(bytes));
}

describe('entry records', () => {
  it('carry the signed bytes as they are', () => {
    const bytes = utf8('{"a":1,"b":"\\"é\\""}') as CanonicalBytes;
    const encoded = encodeEntryBody('"i":7', { erased: false, name: NAME, bytes, salt: SALT });
    expect(decodeUtf8(encoded)).toBe(
      `{"i":7,"o":{"a":1,"b":"\\"é\\""},"s":"${toBase64url(SALT)}"}`,
    );
    const body = parseEntryBody(read(encoded));
    expect(body).toEqual({ erased: false, object: { a: 1, b: '"é"' }, salt: SALT });
  });

  it('carry of an erased body what keeps its thread in shape', () => {
    const arbitrary = fc.record({
      by: fc.nat(),
      author: fc.constantFrom<Did | null>(DID, subjectOf(WEBVH), null),
      parent: fc.constantFrom<ObjectName | null>(PARENT, null),
    });
    fc.assert(
      fc.property(arbitrary, (members) => {
        const erased = { erased: true, name: NAME, ...members, remains: null } as const;
        const stored = { ...erased, withdrawal: null };
        expect(parseEntryBody(read(encodeEntryBody('"i":0', stored)))).toEqual(erased);
      }),
    );
  });

  it('of a body that was withdrawn say so, and are nothing to replicate', () => {
    const withdrawal = canonicalize({ type: 'Delete' });
    const left = { erased: true, name: NAME, author: DID, parent: PARENT, remains: null } as const;
    const encoded = read(encodeEntryBody('"i":7', { ...left, by: null, withdrawal }));
    expect(encoded).toEqual({ i: 7, n: NAME, a: DID, p: PARENT, w: { type: 'Delete' } });
    expect(parseEntryBody(encoded)).toBeNull();
  });

  const good = { o: {}, s: toBase64url(SALT) };
  const erased = { n: NAME, by: 9 };
  it.each<[string, JsonObject]>([
    ['nothing', {}],
    ['an object without its salt', { o: {} }],
    ['a salt without its object', { s: good.s }],
    ['an object that is none', { ...good, o: [] }],
    ['a salt that is too short', { ...good, s: toBase64url(SALT.subarray(1)) }],
    ['a salt in another spelling', { ...good, s: `${good.s}=` }],
    ['an object that is erased too', { ...good, by: 9 }],
    ['a name without its Delete', { n: NAME }],
    ['a Delete without a name', { by: 9 }],
    ['a name that is none', { ...erased, n: 'ni:///sha-256;x' }],
    ['a Delete before the log', { ...erased, by: -1 }],
    ['an author that is none', { ...erased, a: 'ada' }],
    ['an author by a name that may change', { ...erased, a: WEBVH }],
    ['a parent that is none', { ...erased, p: DID }],
    ['an erased body with a salt', { ...erased, s: good.s }],
  ])('do not carry %s', (_, record) => {
    expect(parseEntryBody(record)).toBeNull();
    expect(parseEntryRecord({ line: '', ...record })).toBeNull();
  });

  it('of a push have a line beside the body', () => {
    expect(parseEntryRecord({ line: 'é', ...erased })?.line).toEqual(utf8('é'));
    for (const value of [null, 7, [], erased, { line: 7, ...erased }] as JsonValue[]) {
      expect(parseEntryRecord(value)).toBeNull();
    }
    expect(fromBase64url(good.s)).toEqual(SALT);
  });
});
