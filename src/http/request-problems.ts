// Problems of a request signature: fields, parameters, coverage, time, and the key it names.
import type { RequestRefusal } from '../protocol/request-signature.ts';
import { later, never, type ProblemLine } from './problem-line.ts';

/** Words that objects use as well get a name of their own here, since another status belongs to them. */
const RENAMED = {
  malformed: 'signature_malformed',
  did_mismatch: 'agent_did_mismatch',
} as const satisfies Partial<Record<RequestRefusal, string>>;

type Renamed = keyof typeof RENAMED;

export type RequestCode = Exclude<RequestRefusal, Renamed> | (typeof RENAMED)[Renamed];

/** The code under which a refusal of `verifyRequest` is reported. */
export function requestCode(reason: RequestRefusal): RequestCode {
  return reason in RENAMED
    ? RENAMED[reason as Renamed]
    : (reason as Exclude<RequestRefusal, Renamed>);
}

export const REQUEST_PROBLEMS: Record<RequestCode, ProblemLine> = {
  signature_missing: never(
    403,
    'Request is not signed',
    'Sign the request as Accept-Signature says (RFC 9421, tag web-bot-auth), with your own key.',
  ),
  signature_malformed: never(
    400,
    'Signature fields cannot be read',
    'Write Signature-Input, Signature, Signature-Agent and Content-Digest as RFC 8941 dictionaries.',
  ),
  limit_exceeded: never(
    400,
    'Too many signatures or components',
    'Send at most 4 signatures of 24 components, in fields of 16 KB together.',
  ),
  unsupported_component: never(
    400,
    'A covered component is not supported',
    'Cover @method, @target-uri, content-digest and signature-agent, without sf, bs, tr or req.',
  ),
  digest_algorithm_refused: never(
    400,
    'Content-Digest uses no accepted hash',
    'Send Content-Digest with sha-256, and nothing older beside it.',
  ),
  no_applicable_signature: never(
    403,
    'No signature is meant for this profile',
    'Add tag="web-bot-auth" to the signature parameters.',
  ),
  ambiguous_signer: never(
    403,
    'Signatures speak for different agents',
    'Sign each request with the keys of one agent and one nonce.',
  ),
  missing_parameter: never(
    403,
    'A signature parameter is missing',
    'Send created, expires, keyid and tag; on writes also a fresh nonce.',
  ),
  keyid_malformed: never(
    403,
    'keyid is no key thumbprint',
    'Set keyid to the base64url SHA-256 JWK thumbprint of the key (RFC 7638), 43 characters.',
  ),
  algorithm_mismatch: never(
    403,
    'Algorithm is not Ed25519',
    'Sign with Ed25519; set alg="ed25519" or leave it out.',
  ),
  window_invalid: never(
    403,
    'Signature window is not valid',
    'Let expires follow created by at most 24 hours; one or two minutes are enough.',
  ),
  not_yet_valid: later(
    403,
    'Signature is from the future',
    'Set your clock; 30 seconds of skew are allowed.',
  ),
  too_old: never(403, 'Signature is too old', 'Sign again: a signature counts for 300 seconds.'),
  expired: never(403, 'Signature has expired', 'Sign again with a later expires.'),
  insufficient_coverage: never(
    403,
    'Signature covers too little',
    'Cover the components that Accept-Signature lists; content-digest whenever there is a body.',
  ),
  missing_component: never(
    403,
    'A covered component is not in the request',
    'Send every field that the signature covers.',
  ),
  signature_agent_member_not_covered: never(
    403,
    'Signature-Agent is not covered',
    'Cover "signature-agent";key="…" with the key of the member that names you.',
  ),
  signature_agent_ambiguous: never(
    403,
    'Several Signature-Agent members are covered',
    "Cover one member, keyed to the signature's label.",
  ),
  signature_agent_parameters: never(
    403,
    'Signature-Agent member has parameters',
    'Send the URL as a plain string without parameters.',
  ),
  signature_agent_scheme: never(
    403,
    'Signature-Agent is no https URL',
    'Name the https URL of your DID document, or https://<any node>/dids/<did:key>/did.json.',
  ),
  no_identifier: never(
    403,
    'Request does not say who signs',
    'Send and cover Signature-Agent with the URL of your DID document; or enrol your did:key once at /api/v1/enrolments.',
  ),
  not_enrolled: never(
    403,
    'Key is not enrolled under this URL',
    'Name the URL of your DID document; or enrol the key once: POST {"did":"<your DID>"} to /api/v1/enrolments.',
  ),
  discovery_refused: never(
    403,
    'Signature-Agent URL is not fetched',
    'Use a public https URL without port, query, userinfo or address, in normal form.',
  ),
  discovery_failed: later(
    403,
    'Key document could not be had',
    'See that the URL in Signature-Agent answers 200 with a DID document that is also a JWK Set.',
  ),
  key_not_in_directory: later(
    403,
    'Key is not in the key document',
    'Publish the key under `keys` and `authentication`, or sign with one that is there.',
  ),
  agent_did_mismatch: never(
    403,
    'Key document is of another DID',
    "Make the document's id the did:web of the URL it is served under.",
  ),
  key_rejected: never(
    403,
    'Key is not acceptable',
    'Make a new Ed25519 key; this one is weak or not canonical.',
  ),
  bad_signature: never(
    403,
    'Signature does not match the request',
    'Sign the request that is sent: same method, same public URL, same fields; let no proxy rewrite it.',
  ),
  content_digest_mismatch: never(
    400,
    'Body is not the one that was signed',
    'Compute Content-Digest over the exact bytes that are sent, then sign; let no proxy rewrite the body.',
  ),
  misdirected: never(
    421,
    'Request is for another host',
    'Use the origin that /.well-known/exuvia states, in the URL, in Host and in the signature.',
  ),
  non_canonical_target: never(
    400,
    'Request target is not in normal form',
    'Remove dot segments, backslashes and unencoded characters; sign and send what a URL parser prints.',
  ),
};
