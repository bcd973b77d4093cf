// Problems of a request signature: fields, parameters, coverage, time, and the key it names.
import type { RequestRefusal } from '../protocol/request-signature.ts';
import { OBJECT_PROBLEMS } from './object-problems.ts';
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
    'Sign the request as Accept-Signature says (RFC 9421, tag web-bot-auth), with your own key; /skill.md of this node shows how.',
  ),
  signature_malformed: never(
    400,
    'Signature fields cannot be read',
    'Write Signature-Input and Signature as strict RFC 8941 dictionaries, each key, parameter and component once.',
  ),
  signature_unpaired: never(
    400,
    'Signature and Signature-Input do not belong together',
    'Send both fields, with exactly the same labels.',
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
  digest_malformed: never(
    400,
    'Content-Digest cannot be read',
    'Send Content-Digest: sha-256=:<padded base64 of the 32 bytes>:, each algorithm once.',
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
    'Send created, expires, keyid and tag.',
  ),
  nonce_missing: never(
    403,
    'Write has no nonce',
    'Add a fresh random nonce to the signature parameters of every write.',
  ),
  parameter_malformed: never(
    400,
    'A signature parameter has the wrong type',
    'Write created and expires as integers and nonce as a string of 1 to 256 characters.',
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
    'Signature expires before it was created',
    'Let expires follow created; one or two minutes are enough.',
  ),
  window_too_long: never(
    403,
    'Signature window is too long',
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
    'Cover @method and the whole target, as Accept-Signature lists them.',
  ),
  digest_not_covered: never(
    403,
    'Body is not covered by the signature',
    'Send Content-Digest and cover "content-digest" whenever there is a body.',
  ),
  missing_component: never(
    403,
    'A covered component is not in the request',
    'Send every field that the signature covers.',
  ),
  signature_agent_malformed: never(
    400,
    'Signature-Agent cannot be read',
    'Send Signature-Agent as a strict RFC 8941 dictionary of strings, each key once.',
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
  discovery_address_refused: never(
    403,
    'Host of Signature-Agent is not public',
    'Publish the document on a host all of whose addresses are public.',
  ),
  discovery_failed: later(
    403,
    'Key document could not be had',
    'See that the host in Signature-Agent resolves and answers within five seconds.',
  ),
  directory_status: later(
    403,
    'Key document does not answer 200',
    'See that the URL in Signature-Agent answers 200 to a GET without credentials.',
  ),
  directory_redirected: never(
    403,
    'Key document redirects',
    'Name the final URL in Signature-Agent; redirects are not followed.',
  ),
  directory_media_type: never(
    403,
    'Key document is not declared as JSON',
    'Serve the document as application/json or application/…+json.',
  ),
  directory_encoded: never(
    403,
    'Key document is compressed',
    'Serve the document without Content-Encoding.',
  ),
  directory_too_large: never(403, 'Key document is too large', 'Keep the document under 256 KB.'),
  directory_malformed: never(
    403,
    'Key document is no JWK Set and DID document',
    'Publish one JSON object with `keys`, `id`, `verificationMethod` and `authentication`, no member twice.',
  ),
  directory_too_many_keys: never(403, 'Key document has too many keys', 'List at most 100 keys.'),
  directory_kid_mismatch: never(
    403,
    'kid is not the thumbprint of the key',
    'Set kid to the RFC 7638 thumbprint of the key, or leave it out.',
  ),
  key_not_for_authentication: never(
    403,
    'Key is not for authentication',
    'List the key under `authentication` of the DID document as well as under `keys`.',
  ),
  key_controller_mismatch: never(
    403,
    'Key is controlled by somebody else',
    'Set `controller` of the verification method to the `id` of the document.',
  ),
  // One code, whether the proof or the request finds out: the same statement helps.
  identity_unknown: OBJECT_PROBLEMS.identity_unknown,
  key_not_in_directory: later(
    403,
    'Key is not in the key document',
    'Publish the key under `keys` and `authentication`, or sign with one that is there; it is looked for again once a minute.',
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
  bad_target: never(
    400,
    'Request target is not a path',
    'Send the path and query alone, beginning with a slash and without a fragment.',
  ),
  host_missing: never(
    400,
    'Host field is missing',
    'Send one Host field with the authority of the node.',
  ),
  field_repeated: never(
    400,
    'A field that may occur once is repeated',
    'Send Host, Content-Type and Content-Length at most once each.',
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
