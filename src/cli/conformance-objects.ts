// Every refused object of the vectors, made again by agents of this run in its submolt; the fault is kept.

import type { Code } from '../http/problem.ts';
import { toBase58btc } from '../protocol/base58.ts';
import { concatBytes, toBase64url, utf8 } from '../protocol/bytes.ts';
import { SIGNED_CONTEXT } from '../protocol/contexts.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { type Did, publicKeyOfDidKey } from '../protocol/did.ts';
import { canonicalize } from '../protocol/jcs.ts';
import type { JsonObject, JsonValue } from '../protocol/json.ts';
import { idOf } from '../protocol/object-name.ts';
import { decodeProofValue, encodeProofValue, hashData } from '../protocol/proof.ts';
import { type Case, expectRefusal } from './conformance-case.ts';
import { addGroupOrder } from './conformance-faults.ts';
import type { Live } from './conformance-live.ts';
import { type ObjectVector, refusedObjects } from './conformance-vectors.ts';

/** Whom and what the vectors speak of. */
const AUTHOR = 'did:key:z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX';
const OTHER = 'did:key:z6Mko9hTggMwjSTEaJaPUfE6tqcy2xvU6BnNq3e3o8qVBiyH';
const HOME = 'did:key:z6MkvRXNYcE7MMduynWTgeKbDaT1iijDSC8pZqXZc8rHPrf2';
const SUBMOLT = 'SQ84J16r7wNMr3OV-fW9vXXtrGQTAEd5UQeKvlIiVlA';
const POST = '9mf6593jHYoKho_LN46nHFFAVJhQG8EfIN0OahIujdA';
const COMMENT = '13a-McyD0VHTiM0vrA16vFyr-cn_6NxTKcb7XZZD6RI';
const INSTANT = '2026-11-20T10:00:00';

type Change = (object: JsonObject) => JsonObject;

const proofOf = (object: JsonObject) => object.proof as JsonObject;
const withProof = (object: JsonObject, members: JsonObject): JsonObject => ({
  ...object,
  proof: { ...proofOf(object), ...members },
});
const without = (object: JsonObject, member: string): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => name !== member));
const inContext: Change = (object) =>
  withProof({ ...object, '@context': [...SIGNED_CONTEXT] }, { '@context': [...SIGNED_CONTEXT] });

/** What the author had signed, for the vectors that were changed afterwards. */
const SIGNED_BEFORE: Readonly<Record<string, Change>> = {
  'a context appended after signing: the prefix rule of vc-di-eddsa would accept it': inContext,
  'a context appended after signing, to the proof as well': inContext,
  'a map inside the proof': (object) => ({ ...object, proof: without(proofOf(object), 'domain') }),
  'a vote turned around after signing': (object) => ({ ...object, type: 'Like' }),
  'a vote moved to another post': (object) => ({ ...object, object: object.audience as string }),
  'a title changed by one letter': (object) => ({
    ...object,
    object: { type: 'Article', name: 'A title' },
  }),
  'a member added that is allowed': (object) => ({
    ...object,
    object: { type: 'Article', name: 'A title' },
  }),
  'a signature on another day': (object) =>
    withProof(object, { created: object.published as string }),
  'a proof taken from another object': (object) => ({
    ...object,
    type: 'Create',
    object: { type: 'Article', name: 'A title' },
  }),
};

/** How the bytes of a good signature were spoilt. */
const SPOILT: Readonly<Record<string, (signature: Uint8Array) => string>> = {
  'a signature in base64url': (signature) => `u${toBase64url(signature)}`,
  'a signature of no bytes': () => 'z',
  'a signature in another alphabet': (signature) =>
    encodeProofValue(signature).replace(/^z./, 'z0'),
  'a signature of 63 bytes': (signature) => `z${toBase58btc(signature.subarray(0, 63))}`,
  'a signature of 65 bytes': (signature) => `z${toBase58btc(concatBytes(signature, utf8('x')))}`,
  'S plus the group order: a second signature of the same content': (signature) =>
    encodeProofValue(addGroupOrder(signature)),
};

/** Other bytes than the cryptosuite signs. */
const SIGNED_OTHERWISE: Readonly<
  Record<string, (document: JsonObject, config: JsonObject, crypto: Crypto) => Uint8Array>
> = {
  'the document’s hash first': (document, config, crypto) =>
    concatBytes(crypto.sha256(canonicalize(document)), crypto.sha256(canonicalize(config))),
  'the text signed without hashing': (document) => canonicalize(document),
};

/** Vectors without a signature, or with one that is nobody's of this run. */
const AS_IT_IS = new Set([
  'no proof',
  'null as proof',
  'a key of small order, under which one signature fits every content',
]);
const BY_THE_AUTHOR = new Set(['an author replaced, key and all']);

async function isSignedBy(did: string, object: JsonObject, crypto: Crypto): Promise<boolean> {
  const { proof, ...document } = object;
  const { proofValue, ...config } = proof as JsonObject;
  const key = publicKeyOfDidKey(did as Did);
  const signature = decodeProofValue(proofValue);
  if (key === null || signature === null) return false;
  return crypto.verify(key, hashData(document, config, crypto), signature);
}

/** The vector's words in those of this run: its agents, submolt, post, node and time. */
async function reworded(live: Live, value: JsonValue): Promise<JsonValue> {
  const { of } = await live.stage();
  const words: readonly (readonly [string, string])[] = [
    [AUTHOR.slice('did:key:'.length), live.agent('finn').did.slice('did:key:'.length)],
    [OTHER.slice('did:key:'.length), live.agent('gwen').did.slice('did:key:'.length)],
    [HOME, live.node.did],
    [SUBMOLT, idOf(of('submolt'))],
    [POST, idOf(of('post'))],
    [COMMENT, idOf(of('comment'))],
    [INSTANT, live.instant().slice(0, INSTANT.length)],
  ];
  const text = JSON.stringify(value);
  return JSON.parse(words.reduce((now, [from, to]) => now.replaceAll(from, to), text));
}

/** Signs `object` as the vector was signed, and puts the signature into its proof. */
async function signedAgain(
  live: Live,
  { comment, input }: ObjectVector,
  object: JsonObject,
  original: JsonObject,
): Promise<JsonObject> {
  if (AS_IT_IS.has(comment)) return object;
  const { crypto } = live;
  const byOther = input !== null && (await isSignedBy(OTHER, original, crypto));
  const { seed } = live.agent(byOther ? 'gwen' : 'finn');
  const before = SIGNED_BEFORE[comment]?.(object) ?? object;
  const { proof, ...document } = before;
  const config = without(proof as JsonObject, 'proofValue');
  const data = (SIGNED_OTHERWISE[comment] ?? hashData)(document, config, crypto);
  const signature = crypto.sign(seed, data);
  const proofValue = SPOILT[comment]?.(signature) ?? encodeProofValue(signature);
  return withProof(object, { proofValue });
}

/** The vector as this run sends it, or null for one that nobody knows how to make. */
async function remakeObject(live: Live, vector: ObjectVector): Promise<JsonValue | null> {
  const { comment, input } = vector;
  const value = await reworded(live, input);
  if (Array.isArray(value)) {
    const [object, original] = [value[0] as JsonObject, (input as JsonObject[])[0] as JsonObject];
    return [await signedAgain(live, vector, object, original)];
  }
  const object = value as JsonObject;
  const original = input as JsonObject;
  if (Array.isArray(object.proof)) {
    const [first] = object.proof;
    if (first === undefined) return object;
    const one = { ...object, proof: first };
    const signed = await signedAgain(live, vector, one, { ...original, proof: {} });
    return { ...object, proof: object.proof.map(() => proofOf(signed)) };
  }
  const isKnown =
    [SIGNED_BEFORE, SPOILT, SIGNED_OTHERWISE].some((table) => comment in table) ||
    AS_IT_IS.has(comment) ||
    BY_THE_AUTHOR.has(comment) ||
    (await isSignedBy(AUTHOR, original, live.crypto)) ||
    (await isSignedBy(OTHER, original, live.crypto));
  return isKnown ? signedAgain(live, vector, object, original) : null;
}

export function objectCases(): Case[] {
  return refusedObjects().map((vector) => ({
    group: 'objects, refused',
    name: `${vector.comment} (${vector.error.path || 'the whole'})`,
    async run(live) {
      const value = await remakeObject(live, vector);
      if (value === null) return { kind: 'skipped', reason: 'no live form of this vector' };
      const answer = await live.post(live.agent('ada'), utf8(JSON.stringify(value)));
      return expectRefusal(answer, vector.error.reason as Code, live);
    },
  }));
}
