// Reads ordinary posts, comments and votes in one pass over their bytes: most of every log. All else is for object.ts.
import { webUrl } from './activity-fields.ts';
import { fromBase58btc } from './base58.ts';
import { decodeUtf8, utf8 } from './bytes.ts';
import { PUBLIC_AUDIENCE, SIGNED_CONTEXT } from './contexts.ts';
import type { Crypto } from './crypto.ts';
import { type Did, parseDid, publicKeyOfDidKey } from './did.ts';
import type { CanonicalBytes } from './jcs.ts';
import { NONCHARACTER } from './json.ts';
import type { ObjectName } from './object-name.ts';
import { Scratch } from './scratch.ts';

/** What such an act says, but for its words, and what has to be verified of it. */
export interface PlainObject {
  readonly bytes: CanonicalBytes;
  readonly text: string;
  readonly type: 'Create' | 'Like' | 'Dislike';
  readonly actor: Did;
  readonly audience: ObjectName;
  /** The name of what is voted on, or the type of what is created. */
  readonly object: ObjectName | 'Article' | 'Note';
  readonly seq: number | undefined;
  readonly previous: ObjectName | undefined;
  readonly keyId: string;
  /** That of a did:key, whose one key `keyId` names; null for every other method. */
  readonly publicKey: Uint8Array | null;
  /** What was signed, 64 bytes, and the signature. */
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
}

const literal = (text: string): string => text.replaceAll(/[.+*?^${}()|[\]\\/]/g, '\\$&');

const CONTEXT = literal(`"@context":${JSON.stringify(SIGNED_CONTEXT)},`);
const NAME = String.raw`ni:\/\/\/sha-256;[\w-]{42}[AEIMQUYcgkosw048]`;
// All but 29 February, which is left to whoever can count years.
const DAY = String.raw`(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31`;
const INSTANT = String.raw`(?!0000)\d{4}-(?:${DAY})T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ`;

// Characters that JSON writes as they are, less those that no text may have (Unicode's Cc). Only an escape ends a run of
// them, so there is one way to match a text, and no input makes the pattern try another.
const PLAIN = String.raw`[^"\\\0-\x1f\x7f-\x9f]*`;
// RFC 8785 §3.2.2.2: of what may stand in a text, this has to be escaped.
const LINE = String.raw`${PLAIN}(?:\\["\\]${PLAIN})*`;
const PROSE = String.raw`${PLAIN}(?:\\["\\nt]${PLAIN})*`;

const MEDIA_TYPE = String.raw`"mediaType":"text\/(?:markdown|plain)",`;
const SENSITIVE = '(?:"sensitive":(?:true|false),)?';
const TAG = String.raw`\{"name":"#\w{1,64}","type":"Hashtag"\}`;
const TAGS = String.raw`(?:"tag":\[(?:${TAG}(?:,${TAG}){0,9})?\],)?`;
const URL = String.raw`(?:,"url":"([!#-\[\]-~]+)")?`;
const ARTICLE = String.raw`\{(?:"content":"(${PROSE})",${MEDIA_TYPE})?"name":"(${LINE})",${SENSITIVE}${TAGS}"type":"Article"${URL}\}`;
const NOTE = String.raw`\{"content":"(${PROSE})",(?:"context":"${NAME}",)?"inReplyTo":"${NAME}",${MEDIA_TYPE}${SENSITIVE}"type":"Note"\}`;
const OBJECT = `"object":(?:${ARTICLE}|${NOTE}|"(${NAME})"),`;

const ACTOR = String.raw`"actor":"(did:[!$-\[\]-~]+)",`;
const FRAGMENT = String.raw`(?:[\w.~!$&'()*+,;=:@\/?-]|%[\dA-Fa-f]{2}){1,256}`;
const KEY = String.raw`"verificationMethod":"(\1#${FRAGMENT})"`;
const SUITE = `"created":"${INSTANT}","cryptosuite":"eddsa-jcs-2022","proofPurpose":"assertionMethod",`;
const SIGNATURE = '"proofValue":"z([1-9A-HJ-NP-Za-km-z]{1,88})",';
const TO = literal(`"to":["${PUBLIC_AUDIENCE}"],`);

/** An object in three parts, of which the proof is the second; and what of the proof is signed, on both sides of the signature. */
const OF_AN_ACT = new RegExp(
  String.raw`^\{${CONTEXT}${ACTOR}"audience":"(${NAME})",${OBJECT}(?:"previous":"(${NAME})",)?` +
    String.raw`"proof":(\{${CONTEXT}${SUITE})${SIGNATURE}("type":"DataIntegrityProof",${KEY}\}),` +
    String.raw`("published":"${INSTANT}",(?:"seq":(0|[1-9]\d{0,14}),)?(?:${TO})?"type":"(Create|Like|Dislike)"\})$`,
);

interface Parts {
  readonly actor: string;
  readonly audience: string;
  readonly content: string | undefined;
  readonly title: string | undefined;
  readonly url: string | undefined;
  readonly comment: string | undefined;
  readonly item: string | undefined;
  readonly previous: string | undefined;
  readonly suite: string;
  readonly signature: string;
  readonly method: string;
  readonly keyId: string;
  readonly end: string;
  readonly seq: string | undefined;
  readonly type: string;
}

/** In the order of the pattern's groups; to name them there would take as long as to match them. */
function partsOf(text: string): Parts | null {
  const match = OF_AN_ACT.exec(text);
  if (match === null) return null;
  const [, actor = '', audience = '', content, title, url, comment, item, previous, ...rest] =
    match;
  const [suite = '', signature = '', method = '', keyId = '', end = '', seq, type = ''] = rest;
  const object = { content, title, url, comment, item };
  return { actor, audience, ...object, previous, suite, signature, method, keyId, end, seq, type };
}

type Author = Pick<PlainObject, 'actor' | 'keyId' | 'publicKey'>;

/** Authors whose DIDs are kept: to read a DID takes as long as all the rest. */
const AUTHORS = 4096;

/**
 * Reads objects that are spelled as JCS spells them and keep to the schema: for those, what it gives is what
 * `verifyObjectBytes` would find. Null means nothing: the object is of another kind, or there is something wrong with it.
 */
export class PlainReader {
  readonly #crypto: Pick<Crypto, 'sha256'>;
  readonly #authors = new Map<string, Author>();
  /** The submolt of the object before, which most often is that of the next one. */
  #audience = '';
  readonly #scratch = new Scratch(4096);

  constructor(crypto: Pick<Crypto, 'sha256'>) {
    this.#crypto = crypto;
  }

  read(bytes: Uint8Array): PlainObject | null {
    const text = textOf(bytes);
    const parts = text === null ? null : partsOf(text);
    if (text === null || parts === null || !holds(parts)) return null;
    const { audience, comment, item, previous, seq, type } = parts;
    const author = this.#authorOf(parts.actor, parts.keyId);
    const signature = fromBase58btc(parts.signature);
    if (author === null || signature?.length !== 64) return null;
    if (audience !== this.#audience) this.#audience = alone(audience);
    return {
      bytes: bytes as CanonicalBytes,
      text,
      type: type as PlainObject['type'],
      ...author,
      audience: this.#audience as ObjectName,
      object: (item as ObjectName | undefined) ?? (comment === undefined ? 'Article' : 'Note'),
      seq: seq === undefined ? undefined : Number(seq),
      previous: previous as ObjectName | undefined,
      data: this.#dataOf(bytes, parts),
      signature,
    };
  }

  /** What is signed: SHA-256 of the proof without its signature, then of the object without its proof (vc-di-eddsa §3.3.4). */
  #dataOf(bytes: Uint8Array, { end, method, signature, suite }: Parts): Uint8Array {
    // All from the proof on is ASCII, so counted from the end a character is a byte.
    const endAt = bytes.length - end.length;
    const methodAt = endAt - ','.length - method.length;
    const suiteAt = methodAt - '"proofValue":"z",'.length - signature.length - suite.length;
    const proofAt = suiteAt - '"proof":'.length;
    // An object that lacks a member has the JCS bytes that it had with it, less the member.
    const config = this.#hash(
      bytes.subarray(suiteAt, suiteAt + suite.length),
      bytes.subarray(methodAt, endAt - 1),
    );
    const document = this.#hash(bytes.subarray(0, proofAt), bytes.subarray(endAt));
    const data = new Uint8Array(64);
    data.set(config);
    data.set(document, 32);
    return data;
  }

  #hash(before: Uint8Array, after: Uint8Array): Uint8Array {
    return this.#crypto.sha256(this.#scratch.join(before, after));
  }

  /** Null for what is no DID, or no key of its did:key. */
  #authorOf(actor: string, keyId: string): Author | null {
    const known = this.#authors.get(keyId);
    if (known !== undefined) return known;
    const did = parseDid(actor);
    if (did === null) return null;
    const publicKey = publicKeyOfDidKey(did);
    const theKey = `${did}#${did.slice('did:key:'.length)}`;
    if (publicKey !== null && keyId !== theKey) return null;
    const author = { actor: alone(did) as Did, keyId: alone(keyId), publicKey };
    if (this.#authors.size === AUTHORS) this.#authors.clear();
    this.#authors.set(author.keyId, author);
    return author;
  }
}

/** A piece of a text may hold on to all of it: this one stands by itself, however long it is kept. */
function alone(piece: string): string {
  return decodeUtf8(utf8(piece));
}

/** Null for what is not UTF-8 of characters that a text may have. */
function textOf(bytes: Uint8Array): string | null {
  let text: string;
  try {
    text = decodeUtf8(bytes);
  } catch {
    return null;
  }
  return text.length !== bytes.length && NONCHARACTER.test(text) ? null : text;
}

/** The rules that tie members together, and limits. */
function holds({ comment, content, item, previous, seq, title, type, url }: Parts): boolean {
  return (
    (item === undefined) === (type === 'Create') &&
    (previous === undefined || seq !== undefined) &&
    fits(content, 0, 40_000) &&
    fits(title, 1, 300) &&
    fits(comment, 1, 10_000) &&
    (url === undefined || webUrl(url, '') === null)
  );
}

/** An escape takes two characters here and counts as one: what is within the limit so is within it in any case. */
function fits(text: string | undefined, least: number, most: number): boolean {
  return text === undefined || (text.length >= least && text.length <= most);
}
