// Signatures over HTTP requests as ActivityPub software makes them, with RSA: RFC 9421, and the draft before it (cavage).
import { fromBase64, toBase64, utf8 } from '../protocol/bytes.ts';
import {
  contentDigest,
  matchesContentDigest,
  parseContentDigest,
} from '../protocol/content-digest.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { createSignature, parseSignatures } from '../protocol/http-signature.ts';
import { type RequestToCover, signatureBase, trimField } from '../protocol/signature-base.ts';

/** A request as it came, its target as on the request line. */
export interface ForeignRequest {
  readonly method: string;
  readonly target: string;
  /** URL origin of this node. */
  readonly origin: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
}

/** A signature that was found, not verified. */
interface FoundSignature {
  readonly keyId: string;
  /** The bytes that were signed. */
  readonly base: Uint8Array;
  readonly signature: Uint8Array;
}

export type FoundSignatures =
  | { readonly ok: true; readonly signatures: readonly FoundSignature[] }
  | { readonly ok: false; readonly detail: string };

/** Seconds: what was signed before, and what a clock may be ahead. */
export const MAX_AGE = 3_600;
const MAX_SKEW = 300;

function fieldOf(headers: ForeignRequest['headers'], name: string): string | null {
  const values = headers.filter(([field]) => field.toLowerCase() === name);
  return values.length === 0 ? null : values.map(([, value]) => trimField(value)).join(', ');
}

/** Whether a request says that it is signed. */
export function isSigned({ headers }: Pick<ForeignRequest, 'headers'>): boolean {
  return fieldOf(headers, 'signature') !== null;
}

/**
 * The signatures of a request that cover its method, its target and its body, and are neither old nor of the future; `now` in
 * seconds. The body is held against its digest. No key is looked at.
 */
export function findSignatures(
  request: ForeignRequest,
  now: number,
  crypto: Crypto,
): FoundSignatures {
  return fieldOf(request.headers, 'signature-input') === null
    ? findDraft(request, now, crypto)
    : findStandard(request, now, crypto);
}

function refuse(detail: string): FoundSignatures {
  return { ok: false, detail };
}

function checkTime(created: unknown, expires: unknown, now: number): string | null {
  if (typeof created !== 'number') return 'the signature does not say when it was made';
  if (created > now + MAX_SKEW) return 'the signature is of the future';
  if (created < now - MAX_AGE) return `the signature is older than ${MAX_AGE} s`;
  if (expires !== undefined && !(typeof expires === 'number' && expires + MAX_SKEW > now)) {
    return 'the signature has expired';
  }
  return null;
}

function findStandard(request: ForeignRequest, now: number, crypto: Crypto): FoundSignatures {
  const { body, headers, method, origin, target } = request;
  const parsed = parseSignatures(
    fieldOf(headers, 'signature-input') ?? '',
    fieldOf(headers, 'signature') ?? '',
  );
  if (!parsed.ok) return refuse(parsed.detail);
  const stated = parseContentDigest(fieldOf(headers, 'content-digest') ?? '');
  if (!stated.ok || !matchesContentDigest(stated.digest, body, crypto)) {
    return refuse('Content-Digest is not of the body');
  }
  const message: RequestToCover = {
    kind: 'request',
    method,
    targetUri: origin + target,
    requestTarget: target,
    fields: headers.map(([name, value]) => ({ name, value })),
  };
  const signatures: FoundSignature[] = [];
  let fault = 'there is no signature';
  for (const candidate of parsed.value) {
    const { components, parameters, signature } = candidate;
    const covered = new Set(components.map(({ key, name, req }) => (key || req ? '' : name)));
    const whole = ['@target-uri', '@request-target'].some((name) => covered.has(name));
    const parts = covered.has('@path') && (covered.has('@query') || !target.includes('?'));
    const host = ['@target-uri', '@authority', 'host'].some((name) => covered.has(name));
    const alg = parameters.get('alg') ?? 'rsa-v1_5-sha256';
    const keyId = parameters.get('keyid');
    const time = checkTime(parameters.get('created'), parameters.get('expires'), now);
    const base = signatureBase(message, candidate);
    if (!covered.has('@method') || !(whole || parts) || !host || !covered.has('content-digest')) {
      fault = 'a signature covers @method, @target-uri and content-digest';
    } else if (alg !== 'rsa-v1_5-sha256') fault = 'the algorithm of a signature is rsa-v1_5-sha256';
    else if (time !== null) fault = time;
    else if (typeof keyId !== 'string') fault = 'the signature names no key';
    else if (!base.ok) fault = base.detail;
    else signatures.push({ keyId, base: base.base, signature });
  }
  return signatures.length === 0 ? refuse(fault) : { ok: true, signatures };
}

/** `name="value"` or `name=number`, as the draft has them; null for anything else, or what occurs twice. */
function parseDraft(field: string): ReadonlyMap<string, string> | null {
  const found = new Map<string, string>();
  const part = /\s*([A-Za-z]+)=(?:"([^"\\]*)"|(\d+))\s*(?:,|$)/y;
  while (part.lastIndex < field.length) {
    const match = part.exec(field);
    if (match === null) return null;
    const [, name = '', quoted, plain] = match;
    if (found.has(name)) return null;
    found.set(name, quoted ?? plain ?? '');
  }
  return found;
}

const NEEDED = ['(request-target)', 'host', 'digest'];

function findDraft(request: ForeignRequest, now: number, crypto: Crypto): FoundSignatures {
  const { body, headers, method, origin, target } = request;
  const parameters = parseDraft(fieldOf(headers, 'signature') ?? '');
  if (parameters === null) return refuse('the Signature field cannot be read');
  const keyId = parameters.get('keyId');
  const signature = fromBase64(parameters.get('signature') ?? '');
  if (keyId === undefined || signature === null)
    return refuse('a signature has keyId and signature');
  const algorithm = parameters.get('algorithm') ?? 'hs2019';
  if (algorithm !== 'rsa-sha256' && algorithm !== 'hs2019') {
    return refuse('the algorithm of a signature is rsa-sha256');
  }
  const names = (parameters.get('headers') ?? '').toLowerCase().split(' ');
  const dated = names.includes('date') || names.includes('(created)');
  if (!NEEDED.every((name) => names.includes(name)) || !dated || names.length > 24) {
    return refuse('a signature covers (request-target), host, date and digest');
  }
  if (!statesDigest(fieldOf(headers, 'digest') ?? '', body, crypto)) {
    return refuse('Digest is not the SHA-256 of the body');
  }
  const date = Date.parse(fieldOf(headers, 'date') ?? '') / 1000;
  const created = names.includes('(created)') ? Number(parameters.get('created')) : date;
  const expires = names.includes('(expires)') ? Number(parameters.get('expires')) : undefined;
  const time = checkTime(Number.isNaN(created) ? undefined : created, expires, now);
  if (time !== null) return refuse(time);
  const lines = names.map((name) => {
    if (name === '(request-target)') return `${name}: ${method.toLowerCase()} ${target}`;
    if (name === '(created)') return `${name}: ${parameters.get('created') ?? ''}`;
    if (name === '(expires)') return `${name}: ${parameters.get('expires') ?? ''}`;
    // What the server has made sure of is what it is called by, however it was spelt.
    const value = name === 'host' ? new URL(origin).host : fieldOf(headers, name);
    return value === null ? null : `${name}: ${value}`;
  });
  if (lines.includes(null)) return refuse('a header field that is covered is not there');
  return { ok: true, signatures: [{ keyId, base: utf8(lines.join('\n')), signature }] };
}

/** RFC 3230: algorithms are named without regard to case. */
function statesDigest(field: string, body: Uint8Array, crypto: Crypto): boolean {
  const wanted = toBase64(crypto.sha256(body));
  const stated = field.split(',').map((part) => part.trim());
  const sha256 = stated.filter((part) => /^sha-256=/i.test(part));
  return sha256.length === 1 && sha256[0]?.slice('sha-256='.length) === wanted;
}

export type SignatureForm = 'draft' | 'standard';

export interface RequestToSign {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly body?: Uint8Array;
  /** Milliseconds. */
  readonly now: number;
  readonly keyId: string;
  readonly sign: (bytes: Uint8Array) => Uint8Array;
}

/** The header fields that sign a request: by the draft, which everybody reads, or by RFC 9421 for who asks for that. */
export function signForeign(
  request: RequestToSign,
  form: SignatureForm,
  crypto: Crypto,
): Record<string, string> {
  return form === 'draft' ? signDraft(request, crypto) : signStandard(request, crypto);
}

function signDraft({ body, keyId, method, now, sign, url }: RequestToSign, crypto: Crypto) {
  const { host, pathname, search } = new URL(url);
  const date = new Date(now).toUTCString();
  const digest = body === undefined ? {} : { digest: `SHA-256=${toBase64(crypto.sha256(body))}` };
  const covered = {
    '(request-target)': `${method.toLowerCase()} ${pathname}${search}`,
    host,
    date,
    ...digest,
  };
  const text = Object.entries(covered).map(([name, value]) => `${name}: ${value}`);
  const signature = toBase64(sign(utf8(text.join('\n'))));
  const headers = Object.keys(covered).join(' ');
  return {
    date,
    ...digest,
    signature: `keyId="${keyId}",algorithm="rsa-sha256",headers="${headers}",signature="${signature}"`,
  };
}

function signStandard({ body, keyId, method, now, sign, url }: RequestToSign, crypto: Crypto) {
  const digest = body === undefined ? {} : { 'content-digest': contentDigest(body, crypto) };
  const fields = Object.entries(digest).map(([name, value]) => ({ name, value }));
  const names = ['@method', '@target-uri', ...Object.keys(digest)];
  const components = names.map((name) => ({ name, key: null, req: false }));
  const parameters = new Map<string, string | number>([
    ['created', Math.floor(now / 1000)],
    ['keyid', keyId],
    ['alg', 'rsa-v1_5-sha256'],
  ]);
  const message: RequestToCover = { kind: 'request', method, targetUri: url, fields };
  const made = createSignature(message, 'sig1', { components, parameters }, sign);
  return { ...digest, 'signature-input': made.signatureInput, signature: made.signature };
}
