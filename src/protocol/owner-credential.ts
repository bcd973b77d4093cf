// Public entry `exuvia/owner-credential`: an owner's half of the claim that an agent is theirs.
import { bitAt } from './bitstring.ts';
import {
  type CredentialFinding,
  type RefusedCredential,
  refuseCredential,
} from './credential-findings.ts';
import { type CredentialMediaType, mediaTypeOf } from './credential-form.ts';
import type { Crypto } from './crypto.ts';
import { formatDateTime, parseDateTime } from './date-time.ts';
import { type Did, parseDid, parseSubject, subjectOf } from './did.ts';
import { ProtocolError } from './error.ts';
import type { JsonObject } from './json.ts';
import { domainOf, type OwnerDid } from './owner-did.ts';
import {
  checkOwnerCredential,
  draftOwnerCredential,
  MAX_OWNER_CREDENTIAL,
  MAX_OWNERSHIP,
  type OwnerCredential,
  type OwnershipRole,
  type StatusEntry,
} from './ownership.ts';
import { type CredentialSigner, openCredential, secureCredential } from './secured-credential.ts';
import { verifyStatusList } from './status-list.ts';
import {
  type CredentialCircumstances,
  inspectLifetime,
  verifyCredential,
} from './verify-credential.ts';

export { createBitstring, withBit } from './bitstring.ts';
export type { RefusedCredential } from './credential-findings.ts';
export { type CredentialMediaType, mediaTypeOf } from './credential-form.ts';
export { credentialName, draftAcceptance, draftWithdrawal } from './owner-acceptance.ts';
export { type OwnerDid, ownerDidOfKey, parseOwnerDid } from './owner-did.ts';
export type { OwnershipRole } from './ownership.ts';
export type { CredentialSigner } from './secured-credential.ts';
export { createStatusList, readStatusList, verifyStatusList } from './status-list.ts';

export interface OwnerClaim {
  readonly owner: OwnerDid;
  readonly agent: Did;
  readonly role?: OwnershipRole;
  /** Seconds since the epoch. */
  readonly validFrom: number;
  /** At most 366 days later. */
  readonly validUntil: number;
  /** Where the owner will say that it is revoked. */
  readonly status?: { readonly list: string; readonly index: number };
  readonly mediaType: CredentialMediaType;
}

/** What `fetchStatusList` got from a status list's URL. */
export type FetchedStatusList =
  | {
      readonly ok: true;
      readonly credential: string | JsonObject;
      readonly mediaType: CredentialMediaType;
    }
  | { readonly ok: false; readonly detail: string };

export interface OwnerExpectation extends CredentialCircumstances {
  /** Who is said to be owned. */
  readonly agent: Did;
  /** Gets status lists. Default: none can be had. */
  readonly statusList?: (url: string) => Promise<FetchedStatusList>;
}

declare const verified: unique symbol;

/** One half of an ownership: what the owner says. It counts together with the agent's acceptance of this very text. */
export interface VerifiedClaim {
  readonly [verified]: true;
  readonly owner: OwnerDid;
  readonly agent: Did;
  readonly role: OwnershipRole | null;
  /** Seconds since the epoch. */
  readonly validFrom: number;
  readonly validUntil: number;
  readonly form: 'vc' | 'jwt';
  /** DID URL of the key that signed. */
  readonly keyId: string;
  /** The domain that only its holder can speak for so; null proves nothing but that the same key signs again. */
  readonly domain: string | null;
  /** Where it may be revoked; it was not when this was verified. */
  readonly statusList: string | null;
}

export type OwnerVerdict = { readonly ok: true; readonly claim: VerifiedClaim } | RefusedCredential;

/**
 * The text by which `owner` says that the agent is theirs. Throws `invalid_argument` for what no verifier would
 * accept.
 */
export async function createOwnerCredential(
  { owner, agent, validFrom, validUntil, mediaType, ...rest }: OwnerClaim,
  signer: CredentialSigner,
  crypto: Pick<Crypto, 'sha256' | 'sign'>,
): Promise<string> {
  const window = { validFrom: formatDateTime(validFrom), validUntil: formatDateTime(validUntil) };
  const credential = draftOwnerCredential({ issuer: owner, agent, ...window, ...rest });
  const malformed = checkOwnerCredential(credential, '');
  const finding =
    malformed ?? inspect(credential, agent) ?? inspectLifetime(credential, MAX_OWNERSHIP);
  if (finding) throw new ProtocolError('invalid_argument', finding.detail);
  return secureCredential(credential, mediaType, signer, validFrom, crypto);
}

/**
 * What an owner says of `agent`. All that the credential says is checked before a document is asked for, and the
 * signature before the status list is. Throws `invalid_argument` for the verifier's own clock, and what the functions
 * handed in throw; never for what is in a credential.
 */
export async function verifyOwnerCredential(
  secured: string | JsonObject,
  { agent, statusList: fetchStatusList, ...circumstances }: OwnerExpectation,
): Promise<OwnerVerdict> {
  const verdict = await verifyCredential<OwnerCredential>(secured, circumstances, {
    maxLength: MAX_OWNER_CREDENTIAL,
    check: checkOwnerCredential,
    maxLifetime: MAX_OWNERSHIP,
    inspect: (credential) => inspect(credential, agent),
  });
  if (!verdict.ok) return refuseCredential(verdict.finding);
  const { credential, issuer: owner, keyId, until } = verdict;
  const { credentialSubject, credentialStatus, validFrom } = credential;
  if (credentialStatus !== undefined) {
    const from = { issuer: owner, fetch: fetchStatusList, ...circumstances };
    const finding = await inspectStatus(credentialStatus, from);
    if (finding) return refuseCredential(finding);
  }
  const claim = {
    owner,
    agent,
    role: credentialSubject.ownershipRole ?? null,
    validFrom: parseDateTime(validFrom) as number,
    validUntil: until as number,
    form: circumstances.mediaType === 'application/vc' ? 'vc' : 'jwt',
    keyId,
    domain: domainOf(owner),
    statusList: credentialStatus?.statusListCredential ?? null,
  } as const;
  return { ok: true, claim: claim as unknown as VerifiedClaim };
}

/** What a credential says, nothing verified: for its own issuer. Null for anything else. */
export function readOwnerCredential(text: string): OwnerCredential | null {
  const opening = openCredential(text, mediaTypeOf(text), MAX_OWNER_CREDENTIAL);
  if (!opening.ok || checkOwnerCredential(opening.opened.credential, '')) return null;
  return opening.opened.credential as OwnerCredential;
}

function inspect(
  { issuer, credentialSubject: { id } }: OwnerCredential,
  agent: Did,
): CredentialFinding | null {
  // A did:webvh whose host has changed is the same agent, and may be named without a host from the start.
  const named = parseSubject(id) ?? parseDid(id);
  const subject = named && subjectOf(named);
  const owner = parseDid(issuer);
  if (owner !== null && subjectOf(owner) === subject) {
    return { reason: 'issuer_refused', detail: 'nobody is an owner of themselves' };
  }
  return subject === subjectOf(agent)
    ? null
    : { reason: 'subject_mismatch', detail: `the credential is about ${id}` };
}

async function inspectStatus(
  { statusListCredential: url, statusListIndex }: StatusEntry,
  circumstances: Omit<CredentialCircumstances, 'mediaType'> & {
    readonly issuer: OwnerDid;
    readonly fetch?: OwnerExpectation['statusList'];
  },
): Promise<CredentialFinding | null> {
  const unknown = (detail: string) => ({ reason: 'status_unknown', detail }) as const;
  const { fetch: fetchStatusList, ...rest } = circumstances;
  const fetched = await fetchStatusList?.(url);
  if (!fetched?.ok) return unknown(fetched?.detail ?? `nobody is there to fetch ${url}`);
  const { credential, mediaType } = fetched;
  const list = await verifyStatusList(credential, { ...rest, url, mediaType });
  // A list that does not count says nothing, neither for the credential nor against it.
  if (!list.ok) return unknown(`${url}: ${list.reason}: ${list.detail}`);
  const revoked = bitAt(list.bits, Number(statusListIndex));
  if (revoked === null) return unknown(`${url} has no entry ${statusListIndex}`);
  return revoked ? { reason: 'revoked', detail: `${url} says so` } : null;
}
