// The short way gives what the long way gives, or nothing: for every act, and for every act with something wrong in it.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { activityDraft } from '../../test/activities.ts';
import { createNodeCrypto } from '../crypto/node.ts';
import { concatBytes, decodeUtf8, utf8 } from './bytes.ts';
import { PUBLIC_AUDIENCE } from './contexts.ts';
import { didKeyOf, didMethod, parseDid } from './did.ts';
import type { JsonObject } from './json.ts';
import { didKeyResolver, type KeyResolver, signObject, verifyObjectBytes } from './object.ts';
import { nameFromHash } from './object-name.ts';
import { type PlainObject, PlainReader } from './plain-object.ts';

const node = createNodeCrypto();
const seed = new Uint8Array(32).fill(1);
const alice = { seed, did: didKeyOf(node.publicKeyOf(seed)), created: '2026-11-20T10:00:00Z' };
const web = { ...alice, did: parseDid('did:web:agents.example:ada')! };
const webSigner = { ...web, verificationMethod: `${web.did}#key-1` };
const SUBMOLT = nameFromHash(new Uint8Array(32).fill(1));
const POST = nameFromHash(new Uint8Array(32).fill(2));
const text = { content: 'words', mediaType: 'text/plain' };
const article = (more: object = {}) => ({
  type: 'Create',
  audience: SUBMOLT,
  object: { type: 'Article', name: 'Title', ...text, ...more },
});
const note = (more: object = {}) => ({
  type: 'Create',
  audience: SUBMOLT,
  object: { type: 'Note', ...text, inReplyTo: POST, ...more },
});
const like = { type: 'Like', audience: SUBMOLT, object: POST };
const NO_KEY = new Uint8Array(32);
const signed = (draft: object, by = alice) => signObject(draft as JsonObject, by, node).bytes;
const read = (bytes: Uint8Array) => new PlainReader(node).read(bytes);

/** What the long way finds, with what it would have a signature checked of; null for what it refuses. */
async function readAtLength(bytes: Uint8Array): Promise<Partial<PlainObject> | null> {
  const asked: Uint8Array[] = [];
  const resolveKey: KeyResolver = async (did, keyId) =>
    didMethod(did) === 'key' ? didKeyResolver(did, keyId) : { ok: true, publicKey: NO_KEY };
  const verify = (_key: Uint8Array, ...signed: Uint8Array[]) => asked.push(...signed) > 0;
  const verdict = await verifyObjectBytes(bytes, { crypto: { ...node, verify }, resolveKey });
  if (!verdict.ok) return null;
  const { activity, keyId, publicKey } = verdict.object;
  const { actor, object, previous, seq, type } = activity;
  const [data, signature] = asked as [Uint8Array, Uint8Array];
  const audience = 'audience' in activity ? activity.audience : undefined;
  const what = typeof object === 'string' ? object : object.type;
  const act = { type, actor, audience, object: what, seq, previous, keyId };
  const key = publicKey === NO_KEY ? null : publicKey;
  const read = { ...act, publicKey: key, data, signature, bytes, text: decodeUtf8(bytes) };
  return read as Partial<PlainObject>;
}

async function expectTheSame(bytes: Uint8Array): Promise<boolean> {
  const plain = read(bytes);
  if (plain === null) return false;
  expect(plain).toEqual(await readAtLength(bytes));
  return true;
}

describe('what is read', () => {
  test.each([
    ['a post', article()],
    ['a post without words', { ...article(), object: { type: 'Article', name: 'Title' } }],
    ['a post with a link', article({ url: 'https://a.example/b?c=d#e' })],
    ['a post with hashtags', article({ tag: [{ type: 'Hashtag', name: '#tag_1' }] })],
    ['a post without any hashtag', article({ tag: [], sensitive: true })],
    ['words that have to be escaped', article({ content: 'a "b" \\ \n\tc', name: '"\\' })],
    ['words of the whole world', article({ content: 'naïve – 日本語 🦀\u2028', name: '🦀é' })],
    ['a comment', note({ context: POST, sensitive: false })],
    ['a vote', like],
    ['a downvote with a chain', { ...like, type: 'Dislike', seq: 7, previous: POST }],
    ['an act that says it is public', { ...like, to: [PUBLIC_AUDIENCE] }],
  ])('%s', async (_, draft) => {
    expect(await expectTheSame(signed(draft))).toBe(true);
    expect(await expectTheSame(signed(draft, webSigner))).toBe(true);
  });

  test('nothing for what is no post, comment or vote, or is done under a delegation', () => {
    expect(read(signed({ type: 'Follow', audience: SUBMOLT, object: SUBMOLT }))).toBeNull();
    expect(read(signed({ ...like, instrument: POST }))).toBeNull();
  });

  test('the key of a did:key, and none of an author whose keys have to be found', () => {
    expect(read(signed(like))?.publicKey).toEqual(node.publicKeyOf(seed));
    expect(read(signed(like, webSigner))?.publicKey).toBeNull();
  });

  test('many authors, each with the own key', () => {
    const reader = new PlainReader(node);
    for (let round = 0; round < 2; round++) {
      for (let n = 0; n < 9; n++) {
        const own = new Uint8Array(32).fill(n);
        const publicKey = node.publicKeyOf(own);
        const by = { ...alice, seed: own, did: didKeyOf(publicKey) };
        expect(reader.read(signed(like, by))?.publicKey).toEqual(publicKey);
      }
    }
  });
});

const changed = (draft: object, from: string | RegExp, to: string) => {
  const before = decodeUtf8(signed(draft));
  const after = before.replace(from, to);
  expect(after).not.toBe(before);
  return utf8(after);
};

test.each([
  ['space between members', like, '{', '{ '],
  ['an escape that is none', article(), 'words', 'w\\u006frds'],
  ['a solidus that is escaped', article(), 'words', 'wo\\/rds'],
  ['a control character', article(), 'words', 'wo\u0085rds'],
  ['a noncharacter', article(), 'words', 'wo\ufdd0rds'],
  ['a noncharacter beyond the first plane', article(), 'words', 'wo\u{1fffe}rds'],
  ['a line break in a title', article(), 'Title', 'Ti\\ntle'],
  ['no title', article(), '"Title"', '""'],
  ['a title that is too long', article(), 'Title', 'x'.repeat(301)],
  ['a comment that is too long', note(), 'words', 'x'.repeat(10_001)],
  ['a post that is too long', article(), 'words', 'x'.repeat(40_001)],
  ['no comment', note(), 'words', ''],
  ['a link with credentials', article({ url: 'https://a.example/' }), 'a.example', 'b@a.example'],
  ['a date that is none', like, /2026-11-20/g, '2026-11-31'],
  ['a leap day of no leap year', like, /2026-11-20/g, '2026-02-29'],
  ['the year 0', like, /2026-11-20/g, '0000-11-20'],
  ['another context', like, 'https://w3id.org/exuvia/v1', 'https://w3id.org/exuvia/v2'],
  ['another key than the own', like, /(#z6Mk.*?)[A-Z]"/, '$1a"'],
  ['another author than the signer', like, '"actor":"did:key:z6Mk', '"actor":"did:key:z6Mj'],
  ['another suite', like, 'eddsa-jcs-2022', 'eddsa-rdfc-2022'],
  ['a signature that is too short', like, /"proofValue":"z.{40}/, '"proofValue":"z'],
  ['another type of what is voted on', like, '"Like"', '"Create"'],
  ['a seq with a zero before it', { ...like, seq: 7 }, '"seq":7', '"seq":07'],
  ['a previous without seq', { ...like, seq: 7, previous: POST }, '"seq":7,', ''],
  ['a member of another act', like, '"type":"Like"', '"target":"x","type":"Like"'],
])('nothing for %s', async (_, draft, from, to) => {
  const bytes = changed(draft, from, to);
  expect(read(bytes)).toBeNull();
  expect(await readAtLength(bytes)).toBeNull();
});

test('nothing for what is not UTF-8, and none of an overlong text', () => {
  const bytes = signed(article());
  const at = decodeUtf8(bytes).indexOf('words');
  expect(read(bytes.with(at, 0xff))).toBeNull();
  const overlong = concatBytes(
    bytes.subarray(0, at),
    Uint8Array.of(0xc1, 0xa1),
    bytes.subarray(at),
  );
  expect(read(overlong)).toBeNull();
});

const anything = activityDraft([alice.did]).map((draft) => signed(draft));

test('every act is read as at length, or not at all', async () => {
  let found = 0;
  await fc.assert(
    fc.asyncProperty(anything, async (bytes) => {
      if (await expectTheSame(bytes)) found += 1;
    }),
    { numRuns: 500 },
  );
  expect(found).toBeGreaterThan(20);
});

test('so is every act of which something was changed', async () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 3 }),
    fc.constantFrom('"', '\\', '\\n', ',', '0', '🦀', '\u0000', '{', '}', '\ufffe').map(utf8),
  );
  const change = fc.tuple(anything, fc.nat(), fc.nat(3), piece).map(([bytes, n, cut, put]) => {
    const at = n % bytes.length;
    return concatBytes(bytes.subarray(0, at), put, bytes.subarray(at + cut));
  });
  await fc.assert(
    fc.asyncProperty(change, async (bytes) => {
      await expectTheSame(bytes);
    }),
    { numRuns: 2000 },
  );
});

test('what is hostile takes no longer than it is long', () => {
  const bytes = changed(article(), 'words', '\\n"'.repeat(60_000).replaceAll('"', 'x'));
  const start = performance.now();
  for (const broken of [bytes, bytes.subarray(0, -1), bytes.with(bytes.length - 3, 0x20)]) {
    expect(read(broken)).toBeNull();
  }
  expect(performance.now() - start).toBeLessThan(1000);
});
