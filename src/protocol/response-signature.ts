// A key directory that proves its keys: signed for the host it was asked at, so that copies can be told from originals.
import {
  type ContentDigestRefusal,
  contentDigest,
  matchesContentDigest,
  parseContentDigest,
} from './content-digest.ts';
import type { Crypto } from './crypto.ts';
import {
  createSignature,
  parseSignatures,
  type SignatureCandidate,
  type SignatureFieldRefusal,
} from './http-signature.ts';
import { type SignatureBaseRefusal, signatureBase, trimField } from './signature-base.ts';
import type { BareItem } from './structured-field.ts';
import { jwkThumbprint } from './thumbprint.ts';

/** The tag that says: whoever holds this key publishes it at this host. */
export const DIRECTORY_TAG = 'http-message-signatures-directory';

/** A directory as it was fetched with GET. */
export interface DirectoryResponse {
  /** What was asked for: the authority in it is what the signature is for. */
  readonly url: string;
  readonly status: number;
  /** All fields in order, repeats included. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
}

export type DirectoryRefusal =
  | SignatureFieldRefusal
  | SignatureBaseRefusal
  | ContentDigestRefusal
  | 'signature_missing'
  | 'no_applicable_signature'
  | 'missing_parameter'
  | 'parameter_malformed'
  | 'algorithm_mismatch'
  | 'window_invalid'
  | 'not_yet_valid'
  | 'expired'
  | 'insufficient_coverage'
  | 'content_digest_mismatch'
  | 'key_rejected'
  | 'bad_signature';

export type DirectoryVerdict =
  | {
      readonly ok: true;
      readonly keyid: string;
      /** Seconds since the epoch. */
      readonly created: number;
      /** Seconds since the epoch: no copy proves anything after it. */
      readonly expires: number;
    }
  | { readonly ok: false; readonly reason: DirectoryRefusal; readonly detail: string };

type Refused = Extract<DirectoryVerdict, { ok: false }>;

const LABEL = 'sig1';
const AUTHORITY = { name: '@authority', key: null, req: true } as const;
const DIGEST = { name: 'content-digest', key: null, req: false } as const;

function refuse(reason: DirectoryRefusal, detail: string): Refused {
  return { ok: false, reason, detail };
}

function describe(url: string, status: number, fields: ReadonlyMap<string, string>) {
  return {
    kind: 'response',
    status,
    fields: Array.from(fields, ([name, value]) => ({ name, value })),
    request: { kind: 'request', method: 'GET', targetUri: url, fields: [] },
  } as const;
}

/**
 * The fields to add to a directory's 200, by lower-case name. `url`: where it was asked for, under the node's own
 * origin. Times are seconds since the epoch; back-date `created`, since no verifier allows it to lie in the future.
 */
export function signDirectoryResponse(
  { url, body }: Pick<DirectoryResponse, 'url' | 'body'>,
  { seed, created, expires }: { seed: Uint8Array; created: number; expires: number },
  crypto: Crypto,
): Record<string, string> {
  const digest = contentDigest(body, crypto);
  const keyid = jwkThumbprint(crypto.publicKeyOf(seed), crypto);
  const { signatureInput, signature } = createSignature(
    describe(url, 200, new Map([['content-digest', digest]])),
    LABEL,
    {
      components: [AUTHORITY, DIGEST],
      parameters: new Map<string, BareItem>([
        ['created', created],
        ['expires', expires],
        ['keyid', keyid],
        ['alg', 'ed25519'],
        ['tag', DIRECTORY_TAG],
      ]),
    },
    (base) => crypto.sign(seed, base),
  );
  return { 'content-digest': digest, 'signature-input': signatureInput, signature };
}

function combine(headers: DirectoryResponse['headers']): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [sent, value] of headers) {
    const name = sent.toLowerCase();
    const earlier = fields.get(name);
    fields.set(name, earlier === undefined ? trimField(value) : `${earlier}, ${trimField(value)}`);
  }
  return fields;
}

/** What a signature says of itself; nothing here depends on the key. */
function checkParameters({ components, parameters }: SignatureCandidate, now: number) {
  const created = parameters.get('created');
  const expires = parameters.get('expires');
  const alg = parameters.get('alg');
  if (created === undefined || expires === undefined) {
    return refuse('missing_parameter', 'created and expires must be present');
  }
  if (typeof created !== 'number' || typeof expires !== 'number') {
    return refuse('parameter_malformed', 'created and expires must be integers');
  }
  if (alg !== undefined && alg !== 'ed25519') {
    return refuse('algorithm_mismatch', 'alg must be ed25519');
  }
  if (expires < created) return refuse('window_invalid', 'expires lies before created');
  // Web Bot Auth, Appendix B: a signature from the future is rejected, without any skew.
  if (created > now) return refuse('not_yet_valid', 'created lies in the future');
  if (expires <= now) return refuse('expired', 'the signature has expired');
  const covers = (wanted: typeof AUTHORITY | typeof DIGEST) =>
    components.some(
      ({ name, key, req }) => name === wanted.name && key === null && req === wanted.req,
    );
  if (!covers(AUTHORITY) || !covers(DIGEST)) {
    return refuse('insufficient_coverage', 'cover "@authority";req and "content-digest"');
  }
  return { ok: true, created, expires } as const;
}

/**
 * Whether the holder of `publicKey` made this directory for this host, at most until `expires`. A directory with
 * several keys is asked about each: every one of them signs for itself, and signatures of others say nothing. `now`
 * is in seconds since the epoch.
 */
export async function verifyDirectoryResponse(
  { url, status, headers, body }: DirectoryResponse,
  { publicKey, now }: { publicKey: Uint8Array; now: number },
  crypto: Crypto,
): Promise<DirectoryVerdict> {
  const fields = combine(headers);
  const input = fields.get('signature-input');
  const signature = fields.get('signature');
  if (input === undefined && signature === undefined) {
    return refuse('signature_missing', 'the directory is not signed');
  }
  const parsed = parseSignatures(input ?? '', signature ?? '', DIRECTORY_TAG);
  if (!parsed.ok) return parsed;
  const keyid = jwkThumbprint(publicKey, crypto);
  const candidate = parsed.value.find(({ parameters }) => parameters.get('keyid') === keyid);
  if (candidate === undefined) {
    return refuse(
      'no_applicable_signature',
      `no signature by this key has the tag ${DIRECTORY_TAG}`,
    );
  }
  const checked = checkParameters(candidate, now);
  if (!checked.ok) return checked;
  const digest = fields.get('content-digest');
  if (digest === undefined) return refuse('missing_component', 'Content-Digest is absent');
  const stated = parseContentDigest(digest);
  if (!stated.ok) return stated;
  if (!matchesContentDigest(stated.digest, body, crypto)) {
    return refuse('content_digest_mismatch', 'the body does not have the stated digest');
  }
  const covered = new Set(candidate.components.map(({ name }) => name));
  const named = new Map([...fields].filter(([name]) => covered.has(name)));
  const built = signatureBase(describe(url, status, named), candidate);
  if (!built.ok) return built;
  if (!crypto.acceptsKey(publicKey)) {
    return refuse('key_rejected', 'the key is not a canonical Ed25519 key of prime order');
  }
  if (!(await crypto.verify(publicKey, built.base, candidate.signature))) {
    return refuse('bad_signature', 'the signature does not match the directory');
  }
  return { ok: true, keyid, created: checked.created, expires: checked.expires };
}
