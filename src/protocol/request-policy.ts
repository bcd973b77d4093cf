// What a signature must say to count here: its parameters, its window of time, what it covers.
import { type ContentDigestRefusal, parseContentDigest } from './content-digest.ts';
import type { SignatureCandidate } from './http-signature.ts';
import { announcesBody, type RequestMessage } from './request-message.ts';
import type { SignatureAgentCompat } from './signature-agent.ts';
import type { SignatureComponent } from './signature-base.ts';

/** How strictly requests are read. Times in seconds. */
export interface RequestPolicy {
  /** The request changes something: it must carry a nonce. */
  readonly write: boolean;
  /** The request has content, even if no field announces it. */
  readonly hasBody: boolean;
  /** Seconds since the epoch. */
  readonly now: number;
  readonly maxAge: number;
  readonly clockSkew: number;
  readonly maxWindow: number;
  readonly compat: SignatureAgentCompat;
  /** The node itself is on plain-http loopback, so http agent URLs of this machine are taken. */
  readonly loopback: boolean;
  /** What the Host field may name: host and port, lower case, without the scheme's default port. */
  readonly authorities: readonly string[];
}

/** The windows of the profile, in seconds. */
export const REQUEST_WINDOW = { maxAge: 300, clockSkew: 30, maxWindow: 86_400 } as const;

/** The tag of the Web Bot Auth profile: signatures with another one are not about the caller. */
export const REQUEST_TAG = 'web-bot-auth';

export type RequestPolicyRefusal =
  | 'missing_parameter'
  | 'nonce_missing'
  | 'parameter_malformed'
  | 'keyid_malformed'
  | 'algorithm_mismatch'
  | 'window_invalid'
  | 'window_too_long'
  | 'not_yet_valid'
  | 'too_old'
  | 'expired'
  | 'insufficient_coverage'
  | 'digest_not_covered'
  | 'missing_component'
  | 'unsupported_component'
  | ContentDigestRefusal;

/** The parameters of a signature that has passed. */
export interface RequestParameters {
  readonly keyid: string;
  readonly created: number;
  readonly expires: number;
  readonly nonce: string | null;
  /** Value of the covered Content-Digest field, to be compared with the body; null if none is covered. */
  readonly contentDigest: string | null;
}

type Refused = {
  readonly ok: false;
  readonly reason: RequestPolicyRefusal;
  readonly detail: string;
};
export type CheckedPolicy = ({ readonly ok: true } & RequestParameters) | Refused;

/** RFC 7638 with SHA-256: the only keyid of the Web Bot Auth drafts. */
const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;
export const MAX_NONCE = 256;
/** A signature over other signatures would be undone by any relabelling, and obliges checks that nobody needs. */
const NEVER_COVERED = new Set(['signature', 'signature-input']);

function refuse(reason: RequestPolicyRefusal, detail: string): Refused {
  return { ok: false, reason, detail };
}

function checkWindow(created: number, expires: number, policy: RequestPolicy): Refused | null {
  const { now, maxAge, clockSkew, maxWindow } = policy;
  if (expires < created) return refuse('window_invalid', 'expires lies before created');
  if (expires - created > maxWindow) {
    return refuse('window_too_long', `expires must lie at most ${maxWindow} s after created`);
  }
  if (created > now + clockSkew) return refuse('not_yet_valid', 'created lies in the future');
  if (expires <= now - clockSkew) return refuse('expired', 'the signature has expired');
  if (now - created > maxAge) return refuse('too_old', `created is more than ${maxAge} s ago`);
  return null;
}

function isCovered(components: readonly SignatureComponent[], name: string): boolean {
  return components.some((component) => component.name === name && component.key === null);
}

function checkCoverage(
  { components }: SignatureCandidate,
  message: RequestMessage,
  policy: RequestPolicy,
): Refused | null {
  const odd = components.find(({ name, req }) => req || NEVER_COVERED.has(name));
  if (odd) return refuse('unsupported_component', `"${odd.name}" cannot be covered here`);
  const covers = (name: string) => isCovered(components, name);
  const target =
    covers('@target-uri') || (covers('@authority') && covers('@path') && covers('@query'));
  if (!covers('@method') || !target) {
    return refuse(
      'insufficient_coverage',
      'cover "@method" and "@target-uri" (or "@authority" "@path" "@query")',
    );
  }
  if ((policy.hasBody || announcesBody(message)) && !covers('content-digest')) {
    return refuse('digest_not_covered', 'cover "content-digest": the request has content');
  }
  return null;
}

/** Parameters, window and coverage of one signature; nothing here depends on a key. */
export function checkPolicy(
  candidate: SignatureCandidate,
  message: RequestMessage,
  policy: RequestPolicy,
): CheckedPolicy {
  const { parameters } = candidate;
  const created = parameters.get('created');
  const expires = parameters.get('expires');
  const keyid = parameters.get('keyid');
  const nonce = parameters.get('nonce');
  const alg = parameters.get('alg');
  if (created === undefined || expires === undefined || keyid === undefined) {
    return refuse('missing_parameter', 'created, expires and keyid must be present');
  }
  if (typeof created !== 'number' || typeof expires !== 'number') {
    return refuse('parameter_malformed', 'created and expires must be integers');
  }
  if (typeof keyid !== 'string' || !THUMBPRINT.test(keyid)) {
    return refuse('keyid_malformed', 'keyid must be the base64url SHA-256 thumbprint of the key');
  }
  // RFC 9421 §3.2 step 6: all stated algorithms agree; the key can only be Ed25519.
  if (alg !== undefined && alg !== 'ed25519') {
    return refuse('algorithm_mismatch', 'alg must be ed25519');
  }
  if (
    nonce !== undefined &&
    (typeof nonce !== 'string' || nonce === '' || nonce.length > MAX_NONCE)
  ) {
    return refuse('parameter_malformed', `nonce must be a string of 1 to ${MAX_NONCE} characters`);
  }
  if (policy.write && nonce === undefined) {
    return refuse('nonce_missing', 'a write must carry a nonce');
  }
  const refused =
    checkWindow(created, expires, policy) ?? checkCoverage(candidate, message, policy);
  if (refused) return refused;
  let contentDigest: string | null = null;
  if (isCovered(candidate.components, 'content-digest')) {
    contentDigest = message.fields.get('content-digest') ?? null;
    // Without this a covered and absent digest would compare as equal to nothing on both sides.
    if (contentDigest === null) return refuse('missing_component', 'Content-Digest is absent');
    const parsed = parseContentDigest(contentDigest);
    if (!parsed.ok) return refuse(parsed.reason, parsed.detail);
  }
  return { ok: true, keyid, created, expires, nonce: nonce ?? null, contentDigest };
}
