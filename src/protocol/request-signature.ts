// Who is talking to the node: verifies and makes request signatures under the Web Bot Auth profile with DIDs.
import { contentDigest } from './content-digest.ts';
import type { Crypto } from './crypto.ts';
import { type Did, publicKeyOfDidKey } from './did.ts';
import {
  createSignature,
  parseSignatures,
  type SignatureCandidate,
  type SignatureFieldRefusal,
} from './http-signature.ts';
import type {
  FoundRequestKey,
  RequestKey,
  RequestKeyLookup,
  RequestKeyRefusal,
} from './request-key.ts';
import {
  describeCovered,
  type RawRequest,
  type RequestMessage,
  type RequestMessageRefusal,
  readRequest,
} from './request-message.ts';
import {
  checkPolicy,
  REQUEST_TAG,
  type RequestParameters,
  type RequestPolicy,
  type RequestPolicyRefusal,
} from './request-policy.ts';
import {
  chooseSignatureAgent,
  type SignatureAgentForm,
  type SignatureAgentRefusal,
} from './signature-agent.ts';
import { type SignatureComponent, signatureBase } from './signature-base.ts';
import type { SignatureChallenge } from './signature-challenge.ts';
import type { BareItem } from './structured-field.ts';
import { jwkThumbprint } from './thumbprint.ts';

export type {
  DirectoryFault,
  FoundRequestKey,
  KeyFault,
  RequestKey,
  RequestKeyLookup,
  RequestKeyRefusal,
} from './request-key.ts';
export type { RawRequest } from './request-message.ts';
export { REQUEST_TAG, REQUEST_WINDOW, type RequestPolicy } from './request-policy.ts';

export type RequestRefusal =
  | RequestMessageRefusal
  | SignatureFieldRefusal
  | RequestPolicyRefusal
  | SignatureAgentRefusal
  | RequestKeyRefusal
  | 'signature_missing'
  | 'no_applicable_signature'
  | 'ambiguous_signer'
  | 'bad_signature'
  | 'content_digest_mismatch';

/** One signature that holds. */
interface VerifiedSignature extends RequestKey, RequestParameters {
  readonly label: string;
  /** SHA-256 of the signed bytes: what a request without a nonce is remembered by. */
  readonly signatureBaseHash: Uint8Array;
  readonly agentUrl: string | null;
  /** How Signature-Agent was written. */
  readonly form: SignatureAgentForm;
}

/**
 * What the first signature says, which is what all say: DID and nonce are the same in all. But `created` and
 * `expires` are the latest of any, since its nonce has to be remembered until none of them can be used again.
 */
export interface VerifiedRequest extends VerifiedSignature {
  readonly ok: true;
  /** Every signature that counts, in the order of the field. */
  readonly signatures: readonly Pick<VerifiedSignature, 'label' | 'agentUrl' | 'form'>[];
}

/** `invalid`: the same request will never pass. `unverified`: nothing wrong was shown, nothing right either. */
export interface RefusedRequest {
  readonly ok: false;
  readonly outcome: 'invalid' | 'unverified';
  readonly reason: RequestRefusal;
  readonly detail: string;
}

interface CheckedSignature {
  readonly candidate: SignatureCandidate;
  readonly parameters: RequestParameters;
  readonly agent: Agent;
  readonly base: Uint8Array;
}

/** Whom a signature speaks for, by its own word. */
interface Agent {
  readonly url: string | null;
  readonly form: SignatureAgentForm;
  readonly didKey: Did | null;
}

const NO_AGENT: Agent = { url: null, form: 'none', didKey: null };

const UNVERIFIED: ReadonlySet<RequestRefusal> = new Set<RequestRefusal>([
  'signature_missing',
  'no_identifier',
  'not_enrolled',
  'discovery_refused',
  'discovery_address_refused',
  'discovery_failed',
  'identity_unknown',
  'directory_status',
  'directory_redirected',
  'directory_media_type',
  'directory_encoded',
  'directory_too_large',
  'directory_malformed',
  'directory_too_many_keys',
  'directory_kid_mismatch',
  'key_not_in_directory',
  'signature_agent_member_not_covered',
  'signature_agent_parameters',
]);

function refuse(reason: RequestRefusal, detail: string): RefusedRequest {
  return { ok: false, outcome: UNVERIFIED.has(reason) ? 'unverified' : 'invalid', reason, detail };
}

/** The signatures with our tag. Labels carry no meaning (RFC 9421 §7.2.5). */
function selectSignatures({
  fields,
}: RequestMessage):
  | { readonly ok: true; readonly candidates: SignatureCandidate[] }
  | RefusedRequest {
  const input = fields.get('signature-input');
  const signature = fields.get('signature');
  if (input === undefined && signature === undefined) {
    return refuse('signature_missing', 'the request is not signed');
  }
  if (input === undefined || signature === undefined) {
    return refuse('signature_unpaired', 'only one of Signature and Signature-Input is present');
  }
  const parsed = parseSignatures(input, signature, REQUEST_TAG);
  if (!parsed.ok) return refuse(parsed.reason, parsed.detail);
  const candidates = parsed.value;
  if (candidates.length === 0) {
    return refuse('no_applicable_signature', `no signature has the tag ${REQUEST_TAG}`);
  }
  return { ok: true, candidates };
}

/** Everything that can be said about a signature without a key. */
function checkSignature(
  candidate: SignatureCandidate,
  message: RequestMessage,
  policy: RequestPolicy,
): ({ readonly ok: true } & CheckedSignature) | RefusedRequest {
  const parameters = checkPolicy(candidate, message, policy);
  if (!parameters.ok) return refuse(parameters.reason, parameters.detail);
  const field = message.fields.get('signature-agent');
  let agent = NO_AGENT;
  if (field !== undefined) {
    const chosen = chooseSignatureAgent(field, candidate, policy);
    if (!chosen.ok) return refuse(chosen.reason, chosen.detail);
    agent = chosen;
  }
  const built = signatureBase(describeCovered(message, candidate.components), candidate);
  if (!built.ok) return refuse(built.reason, built.detail);
  return { ok: true, candidate, parameters, agent, base: built.base };
}

/** A did:key is its own document: whatever host serves it, nothing is fetched and nobody is believed. */
async function findKey(
  { agent: { url, didKey }, parameters: { keyid } }: CheckedSignature,
  lookup: RequestKeyLookup,
): Promise<FoundRequestKey> {
  const publicKey = didKey === null ? null : publicKeyOfDidKey(didKey);
  if (didKey === null || publicKey === null) return lookup(url, keyid);
  const verificationMethod = `${didKey}#${didKey.slice('did:key:'.length)}`;
  return { ok: true, did: didKey, publicKey, verificationMethod };
}

async function verifySignature(
  checked: CheckedSignature,
  lookup: RequestKeyLookup,
  crypto: Crypto,
): Promise<({ readonly ok: true } & VerifiedSignature) | RefusedRequest> {
  const { candidate, parameters, agent, base } = checked;
  const found = await findKey(checked, lookup);
  if (!found.ok) return refuse(found.reason, found.detail);
  const { did, publicKey, verificationMethod } = found;
  // The thumbprint is computed, never read from a kid: a directory may call a key what it likes.
  if (jwkThumbprint(publicKey, crypto) !== parameters.keyid) {
    return refuse('key_not_in_directory', 'the agent has no key with this keyid');
  }
  if (!crypto.acceptsKey(publicKey)) {
    return refuse('key_rejected', 'the key is not a canonical Ed25519 key of prime order');
  }
  if (!(await crypto.verify(publicKey, base, candidate.signature))) {
    return refuse('bad_signature', 'the signature does not match the request');
  }
  return {
    ok: true,
    did,
    publicKey,
    verificationMethod,
    keyid: parameters.keyid,
    created: parameters.created,
    expires: parameters.expires,
    nonce: parameters.nonce,
    contentDigest: parameters.contentDigest,
    label: candidate.label,
    signatureBaseHash: crypto.sha256(base),
    agentUrl: agent.url,
    form: agent.form,
  };
}

/**
 * Who signed a request, from its head alone: the body is not needed, and whoever reads it compares it with
 * `contentDigest`. Replay is for the caller too: (did, nonce), or `signatureBaseHash` where there is no nonce.
 *
 * Every signature with our tag must be valid, speak for the same DID and carry the same nonce; a bad one is never
 * ignored. No key is looked up before all of them have passed what can be checked without one.
 */
export async function verifyRequest(
  request: RawRequest,
  policy: RequestPolicy,
  lookup: RequestKeyLookup,
  crypto: Crypto,
): Promise<VerifiedRequest | RefusedRequest> {
  const read = readRequest(request, policy.authorities);
  if (!read.ok) return refuse(read.reason, read.detail);
  const selected = selectSignatures(read.message);
  if (!selected.ok) return selected;
  const checked: CheckedSignature[] = [];
  for (const candidate of selected.candidates) {
    const result = checkSignature(candidate, read.message, policy);
    if (!result.ok) return result;
    checked.push(result);
  }
  const verified: VerifiedSignature[] = [];
  for (const signature of checked) {
    const result = await verifySignature(signature, lookup, crypto);
    if (!result.ok) return result;
    const [first = result] = verified;
    // One nonce is remembered: with two, the request could come again under the other signature alone.
    if (first.did !== result.did || first.nonce !== result.nonce) {
      return refuse('ambiguous_signer', 'the signatures differ in DID or nonce');
    }
    verified.push(result);
  }
  const [caller] = verified;
  if (caller === undefined) return refuse('no_applicable_signature', 'no signature was left');
  return {
    ...caller,
    ok: true,
    created: Math.max(...verified.map(({ created }) => created)),
    expires: Math.max(...verified.map(({ expires }) => expires)),
    contentDigest: verified.find((each) => each.contentDigest !== null)?.contentDigest ?? null,
    signatures: verified.map(({ label, agentUrl, form }) => ({ label, agentUrl, form })),
  };
}

const LABEL = 'sig1';

function component(name: string, key: string | null = null): SignatureComponent {
  return { name, key, req: false };
}

export interface RequestToSign {
  readonly method: string;
  /** Absolute URL; it must be sent in exactly its normal form (`new URL(url).href`), without fragment. */
  readonly url: string;
  readonly body?: Uint8Array;
  readonly contentType?: string;
}

export interface RequestSigner {
  readonly seed: Uint8Array;
  /** URL of the signer's key document; null for a signer whose key the node already holds. */
  readonly signatureAgent: string | null;
  /** Seconds since the epoch; back-date by 2 s, since some verifiers allow no skew. */
  readonly created: number;
  readonly expires: number;
  /** Needed on writes. */
  readonly nonce: string | null;
  /** What a node has asked to have covered, and under which label; null or absent for the usual form. */
  readonly challenge?: Pick<SignatureChallenge, 'label' | 'components'> | null;
}

function usualComponents(
  { body, contentType }: RequestToSign,
  signatureAgent: string | null,
): SignatureComponent[] {
  return [
    component('@method'),
    component('@target-uri'),
    ...(body === undefined ? [] : [component('content-digest')]),
    ...(contentType === undefined ? [] : [component('content-type')]),
    ...(signatureAgent === null ? [] : [component('signature-agent', LABEL)]),
  ];
}

/**
 * The fields to add to a request, by lower-case name, so that `verifyRequest` accepts it. A challenge must be one that
 * `readChallenge` has let pass for this request.
 */
export function signRequest(
  request: RequestToSign,
  { seed, signatureAgent, created, expires, nonce, challenge }: RequestSigner,
  crypto: Crypto,
): Record<string, string> {
  const { method, url, body, contentType } = request;
  const label = challenge?.label ?? LABEL;
  const components = challenge?.components ?? usualComponents(request, signatureAgent);
  const headers: Record<string, string> = {};
  if (body !== undefined) headers['content-digest'] = contentDigest(body, crypto);
  if (contentType !== undefined) headers['content-type'] = contentType;
  // Uncovered, the field would be anybody's word: it is sent only as the member that is covered.
  const member = components.find(({ name }) => name === 'signature-agent')?.key ?? null;
  if (signatureAgent !== null && member !== null) {
    headers['signature-agent'] = `${member}="${signatureAgent}"`;
  }
  const parameters = new Map<string, BareItem>([
    ['created', created],
    ['expires', expires],
    ['keyid', jwkThumbprint(crypto.publicKeyOf(seed), crypto)],
    ['alg', 'ed25519'],
  ]);
  if (nonce !== null) parameters.set('nonce', nonce);
  parameters.set('tag', REQUEST_TAG);
  const fields = Object.entries(headers).map(([name, value]) => ({ name, value }));
  const targetUri = new URL(url).href.replace(/#.*$/, '');
  const { signatureInput, signature } = createSignature(
    { kind: 'request', method, targetUri, fields },
    label,
    { components, parameters },
    (base) => crypto.sign(seed, base),
  );
  return { ...headers, 'signature-input': signatureInput, signature };
}

/** The refused request, and the nonce that its next signature is to have: null if it needs none. */
export interface RequestToChallenge {
  readonly hasBody: boolean;
  readonly nonce: string | null;
}

/**
 * The Accept-Signature value (RFC 9421 §5.1) that says what a refused request should have been signed with. Only the
 * value of a nonce can be asked for, not that there be one; so a write, which must have one, is given one.
 */
export function acceptSignature({ hasBody, nonce }: RequestToChallenge): string {
  const content = hasBody ? ' "content-digest" "content-type"' : '';
  const components = `"@method" "@target-uri"${content} "signature-agent";key="${LABEL}"`;
  const asked = nonce === null ? '' : `;nonce="${nonce}"`;
  return `${LABEL}=(${components});created;expires;alg="ed25519"${asked};tag="${REQUEST_TAG}"`;
}
