// Every request vector, made again for this node: fresh keys, its origin, its clock, an object it knows; the fault is kept.
import { createHash } from 'node:crypto';
import type { Code } from '../http/problem.ts';
import { REQUEST_PROBLEMS, requestCode } from '../http/request-problems.ts';
import { fromBase64, fromBase64url, toBase64, utf8 } from '../protocol/bytes.ts';
import { jwkThumbprint } from '../protocol/thumbprint.ts';
import {
  type Case,
  describeAnswer,
  expectRefusal,
  expectSuccess,
  failed,
  type Outcome,
  passed,
} from './conformance-case.ts';
import type { Message } from './conformance-exchange.ts';
import { addGroupOrder } from './conformance-faults.ts';
import type { Live } from './conformance-live.ts';
import {
  fieldValue,
  formatSignature,
  parseSignatureInput,
  type SignatureText,
  signatureBaseOf,
  withField,
} from './conformance-signature.ts';
import {
  acceptedRequests,
  type RequestVector,
  type RequestVectors,
  refusedRequests,
} from './conformance-vectors.ts';

/** What cannot be made on any node: it would have to fetch a document that the run publishes, or be set up otherwise. */
const FETCHED = 'the node would have to fetch a document from a public https host';
const SET_UP = 'depends on how the node is set up';
const NOT_LIVE: Readonly<Record<string, string>> = {
  'did-web-direct': FETCHED,
  'bare-origin': FETCHED,
  'plain-jwk-set': FETCHED,
  'type-directory': FETCHED,
  'document-not-a-jwk-set': FETCHED,
  'document-of-another': FETCHED,
  'document-key-not-for-authentication': FETCHED,
  'document-key-not-in-set': FETCHED,
  'directory-kid-lies': FETCHED,
  'compat-origin-off': SET_UP,
  'compat-typed-off': SET_UP,
  'compat-string-off': SET_UP,
  'compat-whole-field-off': SET_UP,
};

/** Where a node has more to look at than a signature: it answers before, with another code than the vector. */
const CODES: Readonly<Record<string, Code>> = {
  'two-hosts': 'field_repeated',
  'two-content-types': 'field_repeated',
  'no-host': 'host_missing',
  'absolute-form': 'misdirected',
  fragment: 'bad_target',
  'too-large': 'header_too_large',
};
/** An HTTP parser or proxy in front of the node may refuse these itself. */
const BARE = new Set(['two-hosts', 'no-host', 'two-content-types', 'other-host', 'too-large']);
/** Older forms, each of which a node may switch off. */
const OPTIONAL = new Set(['type-jwks-uri', 'bare-string', 'whole-field']);

/** What was signed instead of what is sent, for the vectors whose signature does not hold. */
const SIGNED_INSTEAD: Readonly<Record<string, (message: Message, live: Live) => Message>> = {
  'method-changed': (message) => ({ ...message, method: 'PUT' }),
  'target-changed': (message) => ({ ...message, target: '/api/v1/other' }),
  'agent-changed': (message, live) =>
    withField(message, 'Signature-Agent', agentMember(live, 'https://original.example')),
  'digest-changed': ({ body, ...message }) =>
    withField({ ...message, body }, 'Content-Digest', digest('sha-256', body ?? utf8(''))),
};

const agentMember = (live: Live, origin: string) =>
  `sig1="${origin}/dids/${live.agent('ada').did}/did.json"`;

function digest(algorithm: 'sha-256' | 'sha-512', body: Uint8Array): string {
  return `${algorithm}=:${createHash(algorithm.replace('-', '')).update(body).digest('base64')}:`;
}

function holdsFor(signature: string, base: Uint8Array, x: string, { crypto }: Live) {
  const key = fromBase64url(x);
  const bytes = fromBase64(signature);
  return key !== null && bytes !== null && crypto.verify(key, base, bytes);
}

class Remake {
  readonly #live: Live;
  readonly #vectors: RequestVectors;
  readonly #vector: RequestVector;
  readonly #body: Uint8Array;

  constructor(live: Live, vectors: RequestVectors, vector: RequestVector, body: Uint8Array) {
    this.#live = live;
    this.#vectors = vectors;
    this.#vector = vector;
    this.#body = body;
  }

  /** The vector's message in the words of this run, with a signature for each that it has. */
  async message(): Promise<Message> {
    const { input } = this.#vector;
    const original: Message = { ...input, fields: input.headers, body: null };
    const replace = this.#replacement();
    const fields = input.headers.map(([name, value]) => [name, replace(name, value)] as const);
    const isSent = Boolean(input.body) || fieldValue(original, 'transfer-encoding') !== null;
    let message: Message = { ...original, fields, body: isSent ? this.#body : null };
    // What kind of body it is comes before what is signed (spec/requests.md section 7).
    if (isSent && fieldValue(message, 'content-type') === null) {
      message = withField(message, 'Content-Type', 'application/json');
    }
    const inputField = fieldValue(original, 'signature-input');
    if (inputField === null || fieldValue(original, 'signature') === null) return message;
    const live = parseSignatureInput(fieldValue(message, 'signature-input') ?? '');
    const signatures: string[] = [];
    const texts = parseSignatureInput(inputField);
    const given = (fieldValue(original, 'signature') ?? '').split(', ');
    for (const [at, text] of texts.entries()) {
      const [, label = '', old = ''] = /^([^=]+)=:(.*):$/.exec(given[at] ?? '') ?? [];
      const signature = await this.#sign(message, live[at] as SignatureText, original, text, old);
      signatures.push(formatSignature(label, signature));
    }
    message = withField(message, 'Signature', signatures.join(', '));
    return message;
  }

  /** Signs with the key that had signed the vector; what had not held does not hold again. */
  async #sign(
    message: Message,
    text: SignatureText,
    original: Message,
    originalText: SignatureText,
    old: string,
  ): Promise<Uint8Array> {
    const { scheme, authority } = this.#vector.input;
    const { key, second_key: second } = this.#vectors;
    const live = this.#live;
    const base = signatureBaseOf(original, originalText, `${scheme}://${authority}`);
    const bySecond = await holdsFor(old, base, second.x, live);
    const byFirst = await holdsFor(old, base, key.x, live);
    const { seed } = live.agent(bySecond ? 'bede' : 'ada');
    const { id, error } = this.#vector;
    // The one signature of a key of small order fits every text.
    if (error?.reason === 'key_rejected') return fromBase64(old) ?? utf8('');
    const sign = (signed: Message) =>
      live.crypto.sign(seed, signatureBaseOf(signed, text, live.node.origin));
    if (error?.reason !== 'bad_signature' || byFirst || bySecond) return sign(message);
    if (id === 's-plus-l') return addGroupOrder(sign(message));
    const instead = SIGNED_INSTEAD[id];
    if (instead !== undefined) return sign(instead(message, live));
    return sign({ ...message, method: 'PATCH' });
  }

  #replacement(): (name: string, value: string) => string {
    const live = this.#live;
    const { input, id } = this.#vector;
    const { key, second_key: second } = this.#vectors;
    const nonce = live.nonce();
    const shift = live.now() - input.now;
    const ada = live.agent('ada');
    const bede = live.agent('bede');
    const thumbprint = (seed: Uint8Array) =>
      jwkThumbprint(live.crypto.publicKeyOf(seed), live.crypto);
    const text = utf8(input.body ?? '');
    const hash = (algorithm: string, bytes: Uint8Array) =>
      toBase64(createHash(algorithm).update(bytes).digest());
    // A did:key URL in place of a did:web one: nothing has to be fetched, and the form is the same.
    const document = `https://agents.example/dids/${ada.did}/did.json`;
    const isForm = OPTIONAL.has(id);
    const words: (readonly [string, string])[] = [
      [key.did, ada.did],
      [second.did, bede.did],
      [key.thumbprint, thumbprint(ada.seed)],
      [second.thumbprint, thumbprint(bede.seed)],
      ...['md5', 'sha256', 'sha512'].map(
        (name) => [hash(name, text), hash(name, this.#body)] as const,
      ),
      ...(isForm ? [['https://agents.example/alice/did.json', document] as const] : []),
      // A name that could be in the DNS and is not; names under .example are not even looked up by some.
      ...(id === 'document-unreachable'
        ? [['agents.example', `${live.tag}.example.com`] as const]
        : []),
    ];
    return (name, value) => {
      const field = name.toLowerCase();
      if (field === 'host') return value === input.authority ? live.authority : value;
      if (field === 'content-length') return String(this.#body.length);
      return words
        .reduce((now, [from, to]) => now.replaceAll(from, to), value)
        .replace(/nonce="[^"]+"/g, `nonce="${nonce}"`)
        .replace(
          /\b(created|expires)=([@"]?)(\d+)/g,
          (_, parameter, quote, time) => `${parameter}=${quote}${Number(time) + shift}`,
        );
    };
  }
}

/** An object that the node has already, so that a request which gets in changes nothing. */
async function knownBody(live: Live): Promise<Uint8Array> {
  const known = (await live.stage()).acts.get('post');
  if (known === undefined) throw new Error('there is no accepted post');
  return known.bytes;
}

async function judge(live: Live, vectors: RequestVectors, vector: RequestVector): Promise<Outcome> {
  const reason = NOT_LIVE[vector.id];
  if (reason !== undefined) return { kind: 'skipped', reason };
  if (vector.input.loopback === true && vector.error === undefined && !live.loopback) {
    return { kind: 'skipped', reason: 'for nodes on loopback' };
  }
  const body = await knownBody(live);
  const answer = await live.ask(() => new Remake(live, vectors, vector, body).message());
  if (vector.error !== undefined) {
    const code = CODES[vector.id] ?? requestCode(vector.error.reason);
    return expectRefusal(answer, code, live, { bare: BARE.has(vector.id) });
  }
  if (vector.id === 'write-without-body') {
    // There is nothing to do with it, but that is not for reasons of the signature.
    const aboutSigning = answer.status === 403 || (answer.code ?? '') in REQUEST_PROBLEMS;
    return aboutSigning
      ? failed('past the signature', describeAnswer(answer))
      : passed(describeAnswer(answer));
  }
  if (OPTIONAL.has(vector.id) && answer.status === 403) {
    return passed(describeAnswer(answer), 'an older form, switched off here');
  }
  return expectSuccess(answer, 200, live);
}

function casesOf(group: string, vectors: RequestVectors): Case[] {
  return vectors.vectors.map((vector) => ({
    group,
    name: `${vector.id}: ${vector.comment}`,
    run: (live) => judge(live, vectors, vector),
  }));
}

export function requestCases(): Case[] {
  return [
    ...casesOf('requests, accepted', acceptedRequests()),
    ...casesOf('requests, refused', refusedRequests()),
  ];
}
