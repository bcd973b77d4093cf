// Every write that must not count: it gets its coded refusal and leaves no trace in the database.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { utf8 } from '../../src/protocol/bytes.ts';
import { SIGNED_CONTEXT } from '../../src/protocol/contexts.ts';
import { formatDateTime } from '../../src/protocol/date-time.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import type { ObjectName } from '../../src/protocol/object-name.ts';
import { createProof } from '../../src/protocol/proof.ts';
import { Agent, crypto } from '../sandbox.ts';
import { comment, post } from '../town.ts';
import { dumpDatabase } from './database-dump.ts';
import { type Answer, HttpNode, POSTED } from './http-node.ts';

const PATH = '/api/v1/activities';
const ada = new Agent('ada');
const eve = new Agent('eve');
let node: HttpNode;
let submolt: ObjectName;
let other: ObjectName;
let item: ObjectName;
let elsewhere: ObjectName;
let acceptedBytes: Uint8Array;

beforeAll(async () => {
  node = await HttpNode.open();
  const found = (slug: string) => ({
    type: 'Create' as const,
    target: node.context.node.did,
    object: { type: 'Group' as const, preferredUsername: slug, name: slug },
  });
  submolt = await node.accept(ada, found('tides'));
  other = await node.accept(ada, found('rocks'));
  item = await node.accept(ada, post(submolt));
  elsewhere = await node.accept(ada, post(other));
  await node.accept(eve, { type: 'Like', audience: submolt, object: item });
  acceptedBytes = (await eve.sign(post(submolt, 'twice'), node.clock.now)).bytes;
});
afterAll(() => node.close());

const seconds = () => Math.floor(node.clock.now / 1000);
const fresh = async (title = 'new') => (await eve.sign(post(submolt, title), node.clock.now)).bytes;

/** A map signed whatever its shape: what a hostile client can make with its own key. */
function signed(draft: JsonObject, by: Agent = eve): JsonObject {
  const created = formatDateTime(seconds());
  const verificationMethod = `${by.did}#${by.did.slice('did:key:'.length)}`;
  const document = {
    '@context': [...SIGNED_CONTEXT],
    actor: eve.did,
    published: created,
    ...draft,
  };
  return createProof(document, { verificationMethod, created }, by.seed, crypto);
}

async function expectRefusal(status: number, code: string, send: () => Promise<Answer>) {
  const before = await dumpDatabase(node.context.db);
  const answer = await send();
  expect({ status: answer.status, code: answer.json.code }).toEqual({ status, code });
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  // A caller that only has to sign again is told how.
  const signatureHelps = status === 403 && code !== 'not_author' && code !== 'not_moderator';
  expect(answer.headers.has('accept-signature')).toBe(signatureHelps || code === 'replayed');
  expect(await dumpDatabase(node.context.db)).toEqual(before);
}

describe('a write whose request is not what was signed', () => {
  type Case = [string, number, string, (body: Uint8Array) => Promise<Answer>];
  test.each<Case>([
    ['has no signature', 403, 'signature_missing', (body) => node.send(PATH, { ...POSTED, body })],
    [
      'is signed with the key of another agent',
      403,
      'key_not_in_directory',
      (body) => node.submit(eve, body, { seed: ada.seed }),
    ],
    [
      'has another body',
      400,
      'content_digest_mismatch',
      (body) => node.submit(eve, body, { signedBody: utf8('{}') }),
    ],
    [
      'has another query',
      403,
      'bad_signature',
      (body) => node.ask(eve, `${PATH}?a=b`, { ...POSTED, body }, { path: PATH }),
    ],
    [
      'has another method',
      403,
      'bad_signature',
      (body) => node.submit(eve, body, { method: 'PUT' }),
    ],
    [
      'has another target',
      403,
      'bad_signature',
      (body) => node.ask(eve, PATH, { ...POSTED, body }, { path: '/api/v1/other' }),
    ],
    [
      'has expired',
      403,
      'expired',
      (body) => node.submit(eve, body, { created: seconds() - 120, expires: seconds() - 60 }),
    ],
    [
      'was signed too long ago',
      403,
      'too_old',
      (body) => node.submit(eve, body, { created: seconds() - 301, expires: seconds() + 60 }),
    ],
    [
      'is signed for the future',
      403,
      'not_yet_valid',
      (body) => node.submit(eve, body, { created: seconds() + 60 }),
    ],
    ['carries no nonce', 403, 'nonce_missing', (body) => node.submit(eve, body, { nonce: null })],
    [
      'does not cover its body',
      403,
      'digest_not_covered',
      (body) => node.send(PATH, { ...POSTED, body, headers: uncovered(/ "content-digest"/) }),
    ],
    [
      'does not cover its method',
      403,
      'insufficient_coverage',
      (body) => node.send(PATH, { ...POSTED, body, headers: uncovered(/"@method" /) }),
    ],
    [
      'covers nothing',
      403,
      'insufficient_coverage',
      (body) => node.send(PATH, { ...POSTED, body, headers: uncovered(/"[^()]*(?=\))/) }),
    ],
    [
      'has a signature field that does not parse',
      400,
      'signature_malformed',
      (body) => node.ask(eve, PATH, { ...POSTED, body, headers: { 'signature-input': 'sig1=(' } }),
    ],
    [
      'has a signature that is no byte sequence',
      400,
      'signature_malformed',
      (body) => node.ask(eve, PATH, { ...POSTED, body, headers: { signature: 'sig1="abc"' } }),
    ],
    [
      'has a digest that does not parse',
      400,
      'digest_malformed',
      (body) => node.ask(eve, PATH, { ...POSTED, body, headers: { 'content-digest': 'sha-256' } }),
    ],
  ])('%s', async (_, status, code, send) => {
    const body = await fresh();
    await expectRefusal(status, code, () => send(body));
  });

  test('is a replay', async () => {
    const body = await fresh('replayed');
    const sent = { ...POSTED, body };
    const headers = { ...POSTED.headers, ...node.sign(eve, PATH, sent) };
    expect((await node.send(PATH, { ...sent, headers })).status).toBe(201);
    await expectRefusal(429, 'replayed', () => node.send(PATH, { ...sent, headers }));
  });

  /** Fields signed over everything, with a part of the coverage cut out afterwards. */
  function uncovered(part: RegExp): Record<string, string> {
    const fields = node.sign(eve, PATH, { ...POSTED, body: acceptedBytes });
    const input = (fields['signature-input'] ?? '').replace(part, '');
    return { ...POSTED.headers, ...fields, 'signature-input': input };
  }
});

describe('a body that is no acceptable JSON', () => {
  test.each<[string, number, string, string | Uint8Array]>([
    ['is empty', 400, 'invalid_json', ''],
    ['is cut off', 400, 'invalid_json', '{"type":'],
    ['is not UTF-8', 400, 'invalid_utf8', new Uint8Array([0x22, 0xff, 0x22])],
    ['has a duplicate key', 400, 'duplicate_key', '{"type":"Like","type":"Dislike"}'],
    ['has a duplicate key in other spelling', 400, 'duplicate_key', '{"a":1,"\\u0061":2}'],
    ['has a lone surrogate', 400, 'lone_surrogate', '{"name":"\\ud800"}'],
    ['has a number over 2^53', 400, 'unsafe_number', '{"seq":9007199254740993}'],
    ['has a fraction', 400, 'unsafe_number', '{"seq":1.5}'],
    ['is a depth bomb', 400, 'too_deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['has __proto__', 400, 'forbidden_key', '{"__proto__":{}}'],
    ['has 2 MB', 413, 'too_large', 'x'.repeat(2_000_000)],
    ['is no object', 422, 'malformed', '[]'],
  ])('%s', async (_, status, code, text) => {
    const body = typeof text === 'string' ? utf8(text) : text;
    await expectRefusal(status, code, () => node.submit(eve, body));
  });
});

describe('an object that nobody would accept', () => {
  const article: JsonObject = { type: 'Article', name: 'new' };
  const create = (): JsonObject => ({ type: 'Create', audience: submolt, object: article });
  const [as, di, ex] = SIGNED_CONTEXT as unknown as [string, string, string];

  test.each<[string, string, () => JsonObject]>([
    [
      'an unknown context',
      'unknown_context',
      () => signed({ ...create(), '@context': [as, di, 'https://evil.example/v1'] }),
    ],
    [
      'a reordered context',
      'unknown_context',
      () => signed({ ...create(), '@context': [as, ex, di] }),
    ],
    [
      'one context more',
      'unknown_context',
      () => signed({ ...create(), '@context': [as, di, ex, as] }),
    ],
    [
      'an inline context',
      'unknown_context',
      () => signed({ ...create(), '@context': [as, di, { name: 'x:y' }] }),
    ],
    [
      'no context',
      'unknown_context',
      () => {
        const { '@context': _, ...rest } = signed(create());
        return rest;
      },
    ],
    [
      'a nested context',
      'nested_context',
      () => signed({ ...create(), object: { ...article, '@context': as } }),
    ],
    ['an unknown type', 'unknown_type', () => signed({ ...create(), type: 'Explode' })],
    [
      'an unknown member',
      'unknown_member',
      () => signed({ ...create(), bcc: 'did:web:x.example' }),
    ],
    [
      'a title of 301 characters',
      'malformed',
      () => signed({ ...create(), object: { ...article, name: 'x'.repeat(301) } }),
    ],
    [
      'no proof',
      'proof_missing',
      () => {
        const { proof: _, ...rest } = signed(create());
        return rest;
      },
    ],
    [
      'a proof that is a list',
      'proof_not_single',
      () => {
        const object = signed(create());
        return { ...object, proof: [object.proof ?? null] };
      },
    ],
    [
      'a proof by a key that is not the actor’s',
      'proof_actor_mismatch',
      () => signed(create(), ada),
    ],
    [
      'an actor that differs from the proof',
      'proof_actor_mismatch',
      () => ({ ...signed(create()), actor: ada.did }),
    ],
    [
      'a proof of other words',
      'proof_invalid',
      () => ({ ...signed(create()), object: { ...article, name: 'old' } }),
    ],
    ['the key of another agent under the actor’s name', 'proof_invalid', () => forged()],
  ])('has %s', async (_, code, make) => {
    await expectRefusal(422, code, () => node.submit(eve, make()));
  });

  /** Names eve's own key and is signed with ada's. */
  function forged(): JsonObject {
    const created = formatDateTime(seconds());
    const verificationMethod = `${eve.did}#${eve.did.slice('did:key:'.length)}`;
    const document = {
      '@context': [...SIGNED_CONTEXT],
      actor: eve.did,
      published: created,
      ...create(),
    };
    return createProof(document, { verificationMethod, created }, ada.seed, crypto);
  }
});

describe('an act that the rules refuse', () => {
  const nothing = 'ni:///sha-256;AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' as ObjectName;
  test.each([
    [
      'a vote on nothing',
      404,
      'item_unknown',
      () => ({ type: 'Like', audience: submolt, object: nothing }),
    ],
    [
      'a vote on a post of another submolt',
      422,
      'item_elsewhere',
      () => ({ type: 'Like', audience: submolt, object: elsewhere }),
    ],
    [
      'a second vote by the same agent',
      409,
      'vote_exists',
      () => ({ type: 'Dislike', audience: submolt, object: item }),
    ],
    [
      'a comment on a post of another submolt',
      422,
      'parent_elsewhere',
      () => comment(submolt, elsewhere),
    ],
    ['a comment on nothing', 404, 'item_unknown', () => comment(submolt, nothing)],
    ['a submission to a submolt nobody has', 404, 'submolt_unknown', () => post(nothing)],
    [
      'a post from last week',
      422,
      'clock_skew',
      () => ({ ...post(submolt), published: formatDateTime(seconds() - 604_800) }),
    ],
    [
      'an edit of somebody else’s post',
      403,
      'not_author',
      () => ({ ...post(submolt), type: 'Update', target: item }),
    ],
    [
      'a removal by who is no moderator',
      403,
      'not_moderator',
      () => ({ type: 'Remove', audience: submolt, object: item, origin: submolt }),
    ],
  ] as const)('is %s', async (_, status, code, make) => {
    await expectRefusal(status, code, () =>
      node.submit(eve, signed(make() as unknown as JsonObject)),
    );
  });
});

test('no refusal is a failure of the node', () => {
  expect(node.failures).toEqual([]);
});
