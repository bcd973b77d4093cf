// Accept-Signature as a client takes it: what to sign instead, unless that is impossible or would say too little.
import { parseAcceptSignature, type SignatureFieldRefusal } from './http-signature.ts';
import { MAX_NONCE, REQUEST_TAG } from './request-policy.ts';
import type { SignatureComponent } from './signature-base.ts';
import type { BareItem } from './structured-field.ts';

/** A request signature that can be made as it is asked for. */
export interface SignatureChallenge {
  readonly label: string;
  /** All that is to be covered, in the order that is asked for. */
  readonly components: readonly SignatureComponent[];
  /** The nonce to send; true for one of the signer's own; false if none is asked for. */
  readonly nonce: string | boolean;
}

export type ChallengeRefusal =
  | SignatureFieldRefusal
  | 'several_signatures'
  | 'tag_mismatch'
  | 'key_mismatch'
  | 'algorithm_mismatch'
  | 'unsupported_parameter'
  | 'insufficient_coverage';

export type ReadChallenge =
  | { readonly ok: true; readonly challenge: SignatureChallenge }
  | { readonly ok: false; readonly reason: ChallengeRefusal; readonly detail: string };

type Refused = Extract<ReadChallenge, { ok: false }>;

/** The request that is to be signed again. */
export interface ChallengedRequest {
  /** Thumbprint of the only key that can sign. */
  readonly keyid: string;
  /** It has a body, and with it a Content-Type. */
  readonly hasBody: boolean;
}

const DERIVED = new Set(['@method', '@target-uri', '@authority', '@scheme', '@path', '@query']);
const OF_CONTENT = new Set(['content-digest', 'content-type']);
/** RFC 8941 §3.1.2. Anything else as the key of a member would write other members into the field. */
const DICTIONARY_KEY = /^[a-z*][a-z0-9_.*-]{0,63}$/;

function refuse(reason: ChallengeRefusal, detail: string): Refused {
  return { ok: false, reason, detail };
}

function canCover({ name, key, req }: SignatureComponent): boolean {
  if (req) return false;
  if (name === 'signature-agent') return key !== null && DICTIONARY_KEY.test(key);
  return key === null && (DERIVED.has(name) || OF_CONTENT.has(name));
}

function checkParameter(name: string, value: BareItem, keyid: string): Refused | null {
  switch (name) {
    case 'tag':
      return null;
    case 'created':
    case 'expires':
      // RFC 9421 §5.1: these ask for a parameter, they do not give its value.
      return value === true ? null : refuse('malformed', `${name} must stand without a value`);
    case 'nonce':
      if (value === true) return null;
      if (typeof value === 'string' && value !== '' && value.length <= MAX_NONCE) return null;
      return refuse('malformed', `nonce must be a string of 1 to ${MAX_NONCE} characters`);
    case 'alg':
      return value === 'ed25519' ? null : refuse('algorithm_mismatch', 'alg is not ed25519');
    case 'keyid':
      return value === keyid ? null : refuse('key_mismatch', 'another key is asked for');
    default:
      return refuse('unsupported_parameter', `the parameter ${name} is not known`);
  }
}

/**
 * What a node wants signed, from the combined value of its Accept-Signature field. Refused is what cannot be made, and
 * what would not tie the signature to this very request: a node must not be able to ask for a signature that is good
 * for another place. What is asked of content is left out where there is none.
 */
export function readChallenge(field: string, { keyid, hasBody }: ChallengedRequest): ReadChallenge {
  const parsed = parseAcceptSignature(field);
  if (!parsed.ok) return parsed;
  const [requested, ...others] = parsed.value;
  if (requested === undefined) return refuse('malformed', 'no signature is asked for');
  // RFC 9421 §5.2: every signature in the field is asked for, and a request of ours has one.
  if (others.length > 0)
    return refuse('several_signatures', 'more than one signature is asked for');
  const { label, parameters } = requested;
  if (parameters.get('tag') !== REQUEST_TAG) {
    return refuse('tag_mismatch', `the tag is not ${REQUEST_TAG}`);
  }
  for (const [name, value] of parameters) {
    const refused = checkParameter(name, value, keyid);
    if (refused !== null) return refused;
  }
  const odd = requested.components.find((component) => !canCover(component));
  if (odd) return refuse('unsupported_component', `"${odd.name}" cannot be covered so`);
  const components = requested.components.filter(({ name }) => hasBody || !OF_CONTENT.has(name));
  const covers = (...names: string[]) =>
    names.every((wanted) => components.some(({ name }) => name === wanted));
  const target = covers('@target-uri') || covers('@authority', '@path', '@query');
  if (!covers('@method') || !target || (hasBody && !covers('content-digest'))) {
    return refuse('insufficient_coverage', 'the signature would not be for this request alone');
  }
  if (components.filter(({ name }) => name === 'signature-agent').length > 1) {
    return refuse('unsupported_component', 'a request names one Signature-Agent');
  }
  const nonce = parameters.get('nonce');
  return {
    ok: true,
    challenge: { label, components, nonce: typeof nonce === 'string' ? nonce : nonce === true },
  };
}
