// One request vector made again for a node: the same message in the words of this run, the same fault, signed anew.
import { createHash } from 'node:crypto';
import {
  concatBytes,
  decodeUtf8,
  fromBase64,
  fromBase64url,
  toBase64,
  utf8,
} from '../protocol/bytes.ts';
import { jwkThumbprint } from '../protocol/thumbprint.ts';
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
import type { RequestVector, RequestVectors } from './conformance-vectors.ts';

/** Vectors of older forms of Signature-Agent, each of which a node may switch off. */
export const OLDER_FORMS = new Set(['type-jwks-uri', 'bare-string', 'whole-field']);

/** Seconds further over the limit than the vector: two clocks and the way between them are never exact. */
const MARGINS: Readonly<Record<string, number>> = {
  'created-in-the-future': 10,
  'too-old': -10,
  expired: -10,
};

/** What was signed instead of what is sent, for the vectors whose signature does not hold. */
const SIGNED_INSTEAD: Readonly<Record<string, (message: Message, live: Live) => Message>> = {
  'method-changed': (message) => ({ ...message, method: 'PUT' }),
  'target-changed': (message) => ({ ...message, target: '/api/v1/other' }),
  'agent-changed': (message, live) =>
    withField(message, 'Signature-Agent', agentMember(live, 'https://original.example')),
  'digest-changed': (message) =>
    withField(message, 'Content-Digest', sha256Digest(message.body ?? utf8(''))),
};

/** What was signed in another spelling than it is sent, as a change of the signed text. */
const SIGNED_OTHERWISE: Readonly<Record<string, (base: string) => string>> = {
  'absent-query-as-nothing': (base) => base.replace('"@query": ?', '"@query": '),
  'method-in-lower-case': (base) => base.replace('"@method": POST', '"@method": post'),
  // An address has no letters, so there something else has to be wrong with it.
  'authority-in-capitals': (base) =>
    base.replace(/^"@authority": (.*)$/m, (_, authority: string) =>
      authority === authority.toUpperCase()
        ? `"@authority": ${authority}.`
        : `"@authority": ${authority.toUpperCase()}`,
    ),
  'authority-with-default-port': (base) => base.replace(/^"@authority": .*$/m, '$&:443'),
  'escape-in-other-case': (base) => base.replaceAll('%2F', '%2f'),
  'escape-decoded': (base) => base.replaceAll('%70', 'p'),
  'query-reordered': (base) => base.replace('limit=1&sort=new', 'sort=new&limit=1'),
  'read-sent-as-head': (base) => base.replace('"@method": HEAD', '"@method": GET'),
  'scheme-changed': (base) => base.replace(/^"@target-uri": https?:/m, '"@target-uri": gopher:'),
  'parameters-as-sent': (base) => base.replace('("@method" ', '("@method"   '),
};

/** How the bytes of a good signature were spoilt. */
const SPOILT: Readonly<Record<string, (signature: Uint8Array) => Uint8Array>> = {
  's-plus-l': addGroupOrder,
  'signature-of-63-bytes': (signature) => signature.slice(0, 63),
  'signature-of-65-bytes': (signature) => concatBytes(signature, Uint8Array.of(0)),
  'signature-of-nothing': () => new Uint8Array(0),
  'r-is-the-identity': (signature) =>
    concatBytes(Uint8Array.of(1), new Uint8Array(31), signature.slice(32)),
};

/** A Signature field in another form than RFC 9421 gives it. */
const WRITTEN_OTHERWISE: Readonly<Record<string, (field: string) => string>> = {
  'signature-as-string': (field) => field.replace(/=:(.*):$/, '="$1"'),
  'signature-with-parameter': (field) => `${field};x`,
  'signature-without-padding': (field) => field.replace(/=*:$/, ':'),
  // 64 bytes leave four bits over in the last character, A, Q, g or w, and all of them zero.
  'signature-with-spare-bits': (field) =>
    field.replace(/([AQgw])==:$/, (_, last: string) => `${SPARE[last]}==:`),
};
const SPARE: Readonly<Record<string, string>> = { A: 'B', Q: 'R', g: 'h', w: 'x' };

const agentMember = (live: Live, origin: string) =>
  `sig1="${origin}/dids/${live.agent('ada').did}/did.json"`;

function sha256Digest(body: Uint8Array): string {
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
}

function holdsFor(signature: string, base: Uint8Array, x: string, { crypto }: Live) {
  const key = fromBase64url(x);
  const bytes = fromBase64(signature);
  return key !== null && bytes !== null && crypto.verify(key, base, bytes);
}

/**
 * The vector's request for this node: fresh keys, its authority, its clock, a fresh nonce, and `body` wherever the
 * vector has one. Every signature that holds in the vector holds again; those that do not, do not.
 */
export function remakeRequest(
  live: Live,
  vectors: RequestVectors,
  vector: RequestVector,
  body: Uint8Array,
): Promise<Message> {
  return new Remake(live, vectors, vector, body).message();
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
      if (given[at] === undefined) continue;
      const [, label = text.label, old = ''] = /^([^=]+)=:(.*):$/.exec(given[at]) ?? [];
      const signature = await this.#sign(message, live[at] as SignatureText, original, text, old);
      signatures.push(formatSignature(label, signature));
    }
    const written = WRITTEN_OTHERWISE[this.#vector.id] ?? ((field: string) => field);
    return withField(message, 'Signature', written(signatures.join(', ')));
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
    const otherwise = SIGNED_OTHERWISE[id] ?? ((text: string) => text);
    const sign = (signed: Message) => {
      const base = signatureBaseOf(signed, text, live.node.origin);
      return live.crypto.sign(seed, utf8(otherwise(decodeUtf8(base))));
    };
    const spoilt = SPOILT[id];
    if (spoilt !== undefined) return spoilt(sign(message));
    const isGood = error?.reason !== 'bad_signature' || byFirst || bySecond;
    if (isGood || id in SIGNED_OTHERWISE) return sign(message);
    const instead = SIGNED_INSTEAD[id];
    if (instead !== undefined) return sign(instead(message, live));
    return sign({ ...message, method: 'PATCH' });
  }

  #replacement(): (name: string, value: string) => string {
    const live = this.#live;
    const { input, id } = this.#vector;
    const { key, second_key: second } = this.#vectors;
    const nonce = live.nonce();
    const shift = live.now() - input.now + (MARGINS[id] ?? 0);
    const ada = live.agent('ada');
    const bede = live.agent('bede');
    const thumbprint = (seed: Uint8Array) =>
      jwkThumbprint(live.crypto.publicKeyOf(seed), live.crypto);
    const text = utf8(input.body ?? '');
    const hash = (algorithm: string, bytes: Uint8Array) =>
      toBase64(createHash(algorithm).update(bytes).digest());
    // A did:key URL in place of a did:web one: nothing has to be fetched, and the form is the same.
    const document = `https://agents.example/dids/${ada.did}/did.json`;
    const isForm = OLDER_FORMS.has(id);
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
        .replace(/nonce="[^"]{1,256}"/g, `nonce="${nonce}"`)
        .replace(
          /\b(created|expires)=([@"]?0*)(\d+)/g,
          (_, parameter, quote, time) => `${parameter}=${quote}${Number(time) + shift}`,
        );
    };
  }
}
