// What is checked of any credential that counts here, in one order: form, shape, parties, time, key, signature.
import type { CredentialFinding, CredentialRefusal } from './credential-findings.ts';
import type { CredentialMediaType } from './credential-form.ts';
import type { Crypto } from './crypto.ts';
import { parseDateTime } from './date-time.ts';
import type { DocumentResolver } from './did-document.ts';
import { ProtocolError } from './error.ts';
import type { JsonObject } from './json.ts';
import { type OwnerDid, parseOwnerDid } from './owner-did.ts';
import { findOwnerKey } from './owner-document.ts';
import { ALGORITHMS, acceptsPublicKey } from './public-key.ts';
import type { Check } from './schema.ts';
import { type OpenedCredential, openCredential } from './secured-credential.ts';

/** Seconds that an issuer's clock may be ahead. */
const CLOCK_SKEW = 30;

/** What every credential here has, as `check` has found it. */
interface Issued {
  readonly issuer: string;
  readonly validFrom?: string;
  readonly validUntil?: string;
  readonly credentialSubject: { readonly id?: string };
}

export interface CredentialCircumstances {
  readonly mediaType: CredentialMediaType;
  /** Seconds since the epoch. */
  readonly now: number;
  readonly crypto: Pick<Crypto, 'sha256' | 'acceptsKey' | 'verify'>;
  /** Gets documents that are not computed, which is all but did:key. Default: none can be had. */
  readonly resolveDocument?: DocumentResolver;
}

/** What the kind of credential adds. */
export interface CredentialProfile<T extends Issued> {
  /** Characters of its text, at most. */
  readonly maxLength: number;
  readonly check: Check<T>;
  /** Seconds from `validFrom` to `validUntil`, at most. Default: any, and none. */
  readonly maxLifetime?: number;
  /** What is wrong between these parties, before anybody is asked for a key. */
  inspect(credential: T, issuer: OwnerDid): CredentialFinding | null;
}

export type CredentialVerdict<T> =
  | {
      readonly ok: true;
      readonly credential: T;
      readonly issuer: OwnerDid;
      readonly keyId: string;
      /** When it stops to count, in seconds; null for never. */
      readonly until: number | null;
    }
  | { readonly ok: false; readonly finding: CredentialFinding };

/**
 * All that a credential says is checked before a document is asked for. Throws `invalid_argument` for a clock that
 * does not tell the time, and what `resolveDocument` throws; never for what is in a credential.
 */
export async function verifyCredential<T extends Issued>(
  secured: string | JsonObject,
  circumstances: CredentialCircumstances,
  profile: CredentialProfile<T>,
): Promise<CredentialVerdict<T>> {
  const { mediaType, now, crypto, resolveDocument } = circumstances;
  // NaN is neither before nor after anything: every credential would be in time.
  if (!Number.isFinite(now)) throw new ProtocolError('invalid_argument', `${now} is no time`);
  const opening = openCredential(secured, mediaType, profile.maxLength);
  if (!opening.ok) return opening;
  const { opened } = opening;
  const malformed = profile.check(opened.credential, '');
  if (malformed) return failed('credential_malformed', `${malformed.path}: ${malformed.detail}`);
  const credential = opened.credential as unknown as T;
  const issuer = parseOwnerDid(credential.issuer);
  if (issuer === null)
    return failed('issuer_refused', `${credential.issuer} is no DID of an owner`);
  const finding =
    profile.inspect(credential, issuer) ??
    inspectParties(credential, opened) ??
    inspectWindow(credential, opened, now, profile.maxLifetime);
  if (finding) return { ok: false, finding };
  const { keyId } = opened;
  const found = await findOwnerKey(issuer, keyId, resolveDocument);
  if (!found.ok) return { ok: false, finding: found };
  if (ALGORITHMS[found.key.kind] !== opened.algorithm) {
    return failed('algorithm_refused', `${keyId} is a ${found.key.kind} key`);
  }
  if (!acceptsPublicKey(found.key, crypto)) {
    return failed('key_rejected', `${keyId} is no point that can be a key`);
  }
  if (!(await opened.isSignedBy(found.key, crypto))) {
    return failed('signature_invalid', `${keyId} did not sign this credential`);
  }
  return { ok: true, credential, issuer, keyId, until: endOf(credential, opened) };
}

function inspectParties(
  { issuer, credentialSubject }: Issued,
  { keyId, claims }: OpenedCredential,
): CredentialFinding | null {
  if (!keyId.startsWith(`${issuer}#`) || keyId.length === issuer.length + 1) {
    return { reason: 'key_mismatch', detail: `${keyId} is not the DID URL of a key of the issuer` };
  }
  if (claims.iss !== undefined && claims.iss !== issuer) {
    return { reason: 'claims_mismatch', detail: 'iss is not the issuer' };
  }
  if (claims.sub !== undefined && claims.sub !== credentialSubject.id) {
    return { reason: 'claims_mismatch', detail: 'sub is not the id of the subject' };
  }
  return null;
}

function inspectWindow(
  credential: Issued,
  opened: OpenedCredential,
  now: number,
  maxLifetime?: number,
): CredentialFinding | null {
  const { iat, nbf } = opened.claims;
  const finding = maxLifetime === undefined ? null : inspectLifetime(credential, maxLifetime);
  if (finding) return finding;
  const starts = [parseDateTime(credential.validFrom ?? ''), iat ?? null, nbf ?? null];
  if (starts.some((start) => start !== null && start > now + CLOCK_SKEW)) {
    return { reason: 'not_yet_valid', detail: 'it begins in the future' };
  }
  const end = endOf(credential, opened);
  // No allowance here: a credential never counts for longer than it says.
  if (end !== null && end <= now) {
    return { reason: 'expired', detail: `it ended ${Math.floor(now - end)} s ago` };
  }
  return null;
}

/** Whether it ends after it begins, and soon enough; one without begin or end does not. */
export function inspectLifetime(
  { validFrom, validUntil }: Pick<Issued, 'validFrom' | 'validUntil'>,
  most: number,
): CredentialFinding | null {
  const [from, until] = [parseDateTime(validFrom ?? ''), parseDateTime(validUntil ?? '')];
  if (from !== null && until !== null && until > from && until - from <= most) return null;
  return {
    reason: 'lifetime_refused',
    detail: `validUntil must lie 1 s to ${most} s after validFrom`,
  };
}

function endOf({ validUntil }: Issued, { claims }: OpenedCredential): number | null {
  const ends = [parseDateTime(validUntil ?? ''), claims.exp ?? null].filter((end) => end !== null);
  return ends.length === 0 ? null : Math.min(...ends);
}

function failed(
  reason: CredentialRefusal,
  detail: string,
): { readonly ok: false; readonly finding: CredentialFinding } {
  return { ok: false, finding: { reason, detail } };
}
