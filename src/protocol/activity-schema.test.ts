// Limits of every member at their edges; spec/vectors/objects has the refusals one by one.
import { describe, expect, test } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { parseActivity } from './activity-schema.ts';
import { SIGNED_CONTEXT } from './contexts.ts';
import { didKeyOf } from './did.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { LABEL_BASE } from './labels.ts';
import { nameFromHash } from './object-name.ts';
import { encodeProofValue } from './proof.ts';

const AGENT = didKeyOf(createNodeCrypto().publicKeyOf(new Uint8Array(32).fill(1)));
const OTHER = didKeyOf(createNodeCrypto().publicKeyOf(new Uint8Array(32).fill(2)));
const SUBMOLT = nameFromHash(new Uint8Array(32).fill(1));
const POST = nameFromHash(new Uint8Array(32).fill(2));

const proof = {
  '@context': [...SIGNED_CONTEXT],
  type: 'DataIntegrityProof',
  cryptosuite: 'eddsa-jcs-2022',
  verificationMethod: `${AGENT}#key-1`,
  proofPurpose: 'assertionMethod',
  created: '2026-11-20T10:00:00Z',
  // A schema does not look at the signature.
  proofValue: encodeProofValue(new Uint8Array(64).fill(1)),
};

/** The outcome for an act: `ok`, or the reason and path of the refusal. */
function outcome(act: JsonObject, proofChange: JsonObject = {}): string {
  const verdict = parseActivity({
    '@context': [...SIGNED_CONTEXT],
    actor: AGENT,
    published: '2026-11-20T10:00:00Z',
    audience: SUBMOLT,
    proof: { ...proof, ...proofChange },
    ...act,
  });
  return verdict.ok ? 'ok' : `${verdict.reason} ${verdict.path}`;
}

const article = (change: JsonObject) =>
  outcome({ type: 'Create', object: { type: 'Article', name: 'a', ...change } });
const note = (change: JsonObject) =>
  outcome({
    type: 'Create',
    object: { type: 'Note', content: 'a', mediaType: 'text/plain', inReplyTo: POST, ...change },
  });
const group = (change: JsonObject) =>
  outcome({
    type: 'Update',
    target: SUBMOLT,
    object: { type: 'Group', preferredUsername: 'tea', name: 'a', ...change },
  });
const flagged = (change: JsonObject) => outcome({ type: 'Flag', object: POST, ...change });
const removed = (change: JsonObject) =>
  outcome({ type: 'Remove', object: POST, origin: SUBMOLT, ...change });

function profile(change: JsonObject): string {
  const { audience: _, ...act } = {
    audience: null,
    '@context': [...SIGNED_CONTEXT],
    actor: AGENT,
    published: '2026-11-20T10:00:00Z',
    type: 'Update',
    object: { type: 'Service', name: 'a', ...change },
    proof,
  };
  const verdict = parseActivity(act as unknown as JsonValue);
  return verdict.ok ? 'ok' : `${verdict.reason} ${verdict.path}`;
}

describe('lengths in UTF-16 code units', () => {
  test.each<[string, number, number, (text: string) => string]>([
    ['the title of a post', 1, 300, (name) => article({ name })],
    ['the text of a post', 0, 40_000, (content) => article({ content, mediaType: 'text/plain' })],
    ['a comment', 1, 10_000, (content) => note({ content })],
    ['the name of a submolt', 1, 100, (name) => group({ name })],
    ['the description of a submolt', 0, 1000, (summary) => group({ summary })],
    ['the name of an agent', 1, 50, (name) => profile({ name })],
    ['the description of an agent', 0, 500, (summary) => profile({ summary })],
    ['a report', 0, 1000, (content) => flagged({ content })],
    ['a remark', 0, 1000, (summary) => removed({ summary })],
    ['a slug', 2, 30, (preferredUsername) => group({ preferredUsername })],
  ])('%s: %i to %i', (_, min, max, check) => {
    expect(check('a'.repeat(min))).toBe('ok');
    expect(check('a'.repeat(max))).toBe('ok');
    expect(check('a'.repeat(max + 1))).toMatch(/^malformed /);
    if (min > 0) expect(check('a'.repeat(min - 1))).toMatch(/^malformed /);
  });
});

describe('links', () => {
  test.each([
    'http://tea.example',
    'https://tea.example/a?b=c#d',
    'HTTPS://TEA.EXAMPLE/',
    'https://tea.example:8443/%20',
    'https://[2001:db8::1]/',
    'https://tea.example/@user',
    'https://tea.example?a=%C3%A9#b?c',
    "https://tea.example/-._~!$&'()*+,;=:@/?-._~!$&'()*+,;=:@/?#-._~!$&'()*+,;=:@/?",
    'http://127.0.0.1/',
    // What no parser takes for an address is still in the one form that every node sees alike.
    'https://tea.example:99999/',
    `https://tea.example/${'a'.repeat(2028)}`,
  ])('%s is one', (url) => {
    expect(article({ url })).toBe('ok');
  });

  test.each([
    'ftp://tea.example/',
    'data:text/html,a',
    'https:tea.example',
    'https://',
    'https://?a',
    'https://user@tea.example/',
    'https://user:word@tea.example/',
    'https://tea.example:100000/',
    'https://tea.example:/',
    'https://t\u0065\u0301a.example/',
    'https://日本.example/',
    'https://tea.example/日本',
    'https://tea.example/%e',
    'https://tea.example/a#b#c',
    'https://tea.example/[a]',
    'https://[2001:db8::1',
    'https://[2001:db8::1%25eth0]/',
    'https://tea.example\n',
    'http\u017f://tea.example/',
    'https://tea.example/\\a',
    'https://tea.example/{a}',
    'https://tea.example/"a"',
    ' https://tea.example/',
    'https://tea.example/\u0000',
    'https://tea.example/\ud800',
  ])('%j is none', (url) => {
    expect(article({ url })).toBe('malformed object.url');
  });
});

describe('hashtags', () => {
  test.each([
    '#a',
    '#A_1',
    '#緑茶',
    '#हिन्दी',
    `#${'a'.repeat(64)}`,
    `#${'\u{1F375}'.repeat(64)}`,
    '#\u00c0\u00d6\u00d8\u00f6\u00f8\u1fff\u2070\u2fff',
    '#\u3005\u3007\u3021\ud7ff\uf900\ufdcf\ufe10\uffef\u{10000}\u{dfffd}',
  ])('%s is one', (name) => {
    expect(article({ tag: [{ type: 'Hashtag', name }] })).toBe('ok');
  });

  test.each([
    ...['#', 'a', '##a', '#a-b', '#a.', '#a\n', `#${'a'.repeat(65)}`, `#${'\u{1F375}'.repeat(65)}`],
  ])('%j is none', (name) => {
    expect(article({ tag: [{ type: 'Hashtag', name }] })).toBe('malformed object.tag.0.name');
  });

  // The last one below U+00C0, and both ends of everything above it that is left out.
  test.each([
    ...['\u00bf', '\u00d7', '\u00f7', '\u2000', '\u206f', '\u3000', '\u3004', '\u3008', '\u3020'],
    ...['\ud800', '\udfff', '\ue000', '\uf8ff', '\ufe00', '\ufe0f', '\ufff0', '\uffff'],
    ...['\u{e0000}', '\u{10ffff}'],
  ])('cannot have %j in them', (character) => {
    const tag = [{ type: 'Hashtag', name: `#a${character}` }];
    expect(article({ tag })).toBe('malformed object.tag.0.name');
  });

  test('are at most ten', () => {
    const tags = (n: number) => Array.from({ length: n }, () => ({ type: 'Hashtag', name: '#a' }));
    expect(article({ tag: tags(10) })).toBe('ok');
    expect(article({ tag: tags(0) })).toBe('ok');
    expect(article({ tag: tags(11) })).toBe('malformed object.tag');
  });
});

describe('reasons', () => {
  test.each(['urn:a:b', 'https://tea.example/rules#2', `urn:${'a'.repeat(196)}`])(
    '%s',
    (reason) => {
      expect(flagged({ reason })).toBe('ok');
    },
  );

  test.each(['spam', '#spam', ':a', 'urn:a b', 'urn:', `urn:${'a'.repeat(197)}`])(
    'not %j',
    (reason) => {
      expect(flagged({ reason })).toBe('malformed reason');
    },
  );
});

describe('slugs', () => {
  test.each(['ab', 'a-b', '0x', 'a--b'])('%s', (preferredUsername) => {
    expect(group({ preferredUsername })).toBe('ok');
  });

  test.each(['-a', 'a-', 'a_b', 'aB', 'a b', 'ab\n', 'äb'])('not %j', (preferredUsername) => {
    expect(group({ preferredUsername })).toBe('malformed object.preferredUsername');
  });
});

describe('labels', () => {
  const add = (target: string, object: string, more: JsonObject = {}) =>
    outcome({ type: 'Add', object, target, ...more });

  test('that describe go on posts and on agents', () => {
    expect(add(`${LABEL_BASE}spam`, POST)).toBe('ok');
    expect(add(`${LABEL_BASE}spam`, AGENT)).toBe('ok');
  });

  test('that act go only where they can act', () => {
    expect(add(`${LABEL_BASE}featured`, POST)).toBe('ok');
    expect(add(`${LABEL_BASE}featured`, AGENT)).toBe('malformed object');
    expect(add(`${LABEL_BASE}moderators`, AGENT)).toBe('ok');
    expect(add(`${LABEL_BASE}moderators`, POST)).toBe('malformed object');
  });
});

describe('seq and previous', () => {
  const like = (more: JsonObject) => outcome({ type: 'Like', object: POST, ...more });

  test('stand together, or seq alone', () => {
    expect(like({ seq: 0 })).toBe('ok');
    expect(like({ seq: 7, previous: POST })).toBe('ok');
    expect(like({ previous: POST })).toBe('malformed seq');
  });

  test('are a count and a name', () => {
    expect(like({ seq: -0 })).toBe('malformed seq');
    expect(like({ seq: 0, previous: AGENT })).toBe('malformed previous');
  });
});

describe('the key a proof names', () => {
  const like = { type: 'Like', object: POST };

  test.each(['#a', '#0', '#a/b?c', "#%41-._~!$&'()*+,;=:@"])('%s is a fragment', (fragment) => {
    expect(outcome(like, { verificationMethod: AGENT + fragment })).toBe('ok');
  });

  test.each(['', '#', '#a#b', '# ', '#%4', '#é', `#${'a'.repeat(257)}`])(
    '%j is none',
    (fragment) => {
      const refused = 'proof_malformed proof.verificationMethod';
      expect(outcome(like, { verificationMethod: AGENT + fragment })).toBe(refused);
    },
  );

  test.each(['?a#b', '/a#b', ';a#b', ' #b'])('%j is of another DID', (rest) => {
    expect(outcome(like, { verificationMethod: AGENT + rest })).toMatch(/^proof_actor_mismatch /);
  });

  test('is the actor’s, letter by letter', () => {
    const verificationMethod = 'did:web:a.example#key';
    expect(outcome(like, { verificationMethod })).toMatch(/^proof_actor_mismatch /);
    expect(outcome({ ...like, actor: 'did:web:a.example' }, { verificationMethod })).toBe('ok');
  });
});

test('a refusal says what the member must be', () => {
  const verdict = parseActivity({ '@context': [...SIGNED_CONTEXT], type: 'Like', proof });
  expect(verdict).toEqual({
    ok: false,
    reason: 'member_missing',
    path: 'actor',
    detail: 'must be a did:key (Ed25519) or did:web',
  });
});

describe('statements', () => {
  /** An act outside of any submolt. */
  function stated(act: JsonObject): string {
    const verdict = parseActivity({
      '@context': [...SIGNED_CONTEXT],
      actor: AGENT,
      published: '2026-11-20T10:00:00Z',
      proof,
      ...act,
    });
    return verdict.ok ? 'ok' : `${verdict.reason} ${verdict.path}`;
  }
  const didLog = {
    type: 'Add',
    object: AGENT,
    target: `${LABEL_BASE}did-logs`,
    mediaType: 'text/jsonl',
    content: '{}\n',
  };
  const delegation = {
    ...didLog,
    object: OTHER,
    target: `${LABEL_BASE}delegates`,
    mediaType: 'application/json',
  };
  const acceptance = {
    ...didLog,
    object: POST,
    target: `${LABEL_BASE}owners`,
    mediaType: 'application/vc',
  };
  const attachment = { type: 'Document', mediaType: 'application/json', content: '[]' };

  test.each([
    ['a DID log', didLog],
    ['a DID log with witness proofs', { ...didLog, attachment }],
    ['a delegation', delegation],
    ['an accepted credential', acceptance],
    ['an accepted credential as a JWT', { ...acceptance, mediaType: 'application/vc+jwt' }],
    ['an accepted credential in a chain', { ...acceptance, seq: 1, previous: POST }],
    ['the withdrawal of an owner', { type: 'Remove', object: POST, target: acceptance.target }],
  ])('%s', (_, act) => {
    expect(stated(act)).toBe('ok');
  });

  test.each([
    ['in a submolt', { ...didLog, audience: SUBMOLT }, 'audience'],
    ['of somebody else', { ...didLog, object: OTHER }, 'object'],
    ['without content', { ...didLog, content: undefined, mediaType: undefined }, 'content'],
    ['in another media type', { ...didLog, mediaType: 'application/json' }, 'mediaType'],
    ['without media type', { ...didLog, mediaType: undefined }, 'mediaType'],
    ['with a place in a chain', { ...didLog, seq: 0 }, 'seq'],
    ['with witness proofs for a delegation', { ...delegation, attachment }, 'attachment'],
    ['delegating to an object', { ...delegation, object: POST }, 'object'],
    ['accepting an agent', { ...acceptance, object: OTHER }, 'object'],
    ['with content for another label', { ...didLog, target: `${LABEL_BASE}log-keys` }, 'content'],
    ['with a place in a chain, delegating', { ...delegation, seq: 0 }, 'seq'],
    ['under a delegation', { ...delegation, instrument: POST }, 'audience'],
  ])('none %s', (_, { ...act }, path) => {
    // A member that is undefined is one that is left out.
    expect(stated(JSON.parse(JSON.stringify(act)))).toBe(`malformed ${path}`);
  });

  test('an act in a submolt may name the delegation it is done under', () => {
    expect(flagged({ instrument: POST })).toBe('ok');
    expect(flagged({ instrument: AGENT })).toBe('malformed instrument');
    expect(removed({ instrument: POST })).toBe('ok');
    expect(removed({ content: 'a' })).toBe('unknown_member content');
    expect(outcome({ type: 'Add', object: POST, target: SUBMOLT, content: 'a' })).toBe(
      'malformed content',
    );
  });
});
