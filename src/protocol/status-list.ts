// BitstringStatusListCredential (W3C Bitstring Status List v1.0): made, verified, asked about one index.

import { dateTime } from './activity-fields.ts';
import { decodeBitstring, encodeBitstring } from './bitstring.ts';
import { type RefusedCredential, refuseCredential } from './credential-findings.ts';
import { type CredentialMediaType, mediaTypeOf } from './credential-form.ts';
import type { Crypto } from './crypto.ts';
import { formatDateTime } from './date-time.ts';
import type { JsonObject } from './json.ts';
import type { OwnerDid } from './owner-did.ts';
import { CREDENTIALS_CONTEXT, exactly, issuerId, listUrl, MAX_STATUS_LIST } from './ownership.ts';
import { type Check, count, literal, malformed, optional, record, string } from './schema.ts';
import { type CredentialSigner, openCredential, secureCredential } from './secured-credential.ts';
import { type CredentialCircumstances, verifyCredential } from './verify-credential.ts';

const PURPOSE = 'revocation';
const MAX_PURPOSES = 8;

type StatusListCredential = {
  '@context': string[];
  id?: string;
  type: string[];
  issuer: string;
  validFrom?: string;
  validUntil?: string;
  credentialSubject: {
    id?: string;
    type: 'BitstringStatusList';
    statusPurpose: string | string[];
    encodedList: string;
    ttl?: number;
  };
};

const TYPE = ['VerifiableCredential', 'BitstringStatusListCredential'];

// §2.2: one or more strings.
const purposes: Check<string | string[]> = (value, path) => {
  const all = Array.isArray(value) ? value : [value];
  const known = all.length <= MAX_PURPOSES && all.every((each) => typeof each === 'string');
  return known && all.includes(PURPOSE) ? null : malformed(path, `${PURPOSE}, or have it`);
};

const text = string(() => true, 'one string');
const checkStatusList = record<StatusListCredential>({
  '@context': exactly([CREDENTIALS_CONTEXT]),
  id: optional(listUrl),
  type: exactly(TYPE),
  issuer: issuerId,
  validFrom: optional(dateTime),
  validUntil: optional(dateTime),
  credentialSubject: record<StatusListCredential['credentialSubject']>({
    id: optional(text),
    type: literal('BitstringStatusList'),
    statusPurpose: purposes,
    encodedList: text,
    ttl: optional(count),
  }),
});

export interface StatusListRequest {
  readonly issuer: OwnerDid;
  /** Where it will be published. */
  readonly url: string;
  readonly bits: Uint8Array;
  /** Seconds since the epoch. */
  readonly validFrom: number;
  readonly validUntil: number;
  readonly mediaType: CredentialMediaType;
}

/** The signed list, as it is to be published. */
export async function createStatusList(
  { issuer, url, bits, validFrom, validUntil, mediaType }: StatusListRequest,
  signer: CredentialSigner,
  crypto: Pick<Crypto, 'sha256' | 'sign'>,
): Promise<string> {
  const credential: StatusListCredential = {
    '@context': [CREDENTIALS_CONTEXT],
    id: url,
    type: [...TYPE],
    issuer,
    validFrom: formatDateTime(validFrom),
    validUntil: formatDateTime(validUntil),
    credentialSubject: {
      id: `${url}#list`,
      type: 'BitstringStatusList',
      statusPurpose: PURPOSE,
      encodedList: await encodeBitstring(bits),
    },
  };
  return secureCredential(credential, mediaType, signer, validFrom, crypto);
}

/** What a list says, nothing verified: for its own issuer. Null for anything else, and for a list without its address. */
export async function readStatusList(
  text: string,
): Promise<{ readonly issuer: string; readonly url: string; readonly bits: Uint8Array } | null> {
  const opening = openCredential(text, mediaTypeOf(text), MAX_STATUS_LIST);
  if (!opening.ok || checkStatusList(opening.opened.credential, '')) return null;
  const { issuer, id: url, credentialSubject } = opening.opened.credential as StatusListCredential;
  const decoded = await decodeBitstring(credentialSubject.encodedList);
  return decoded.ok && url !== undefined ? { issuer, url, bits: decoded.bits } : null;
}

export type StatusListVerdict =
  | { readonly ok: true; readonly bits: Uint8Array; readonly until: number | null }
  | RefusedCredential;

/** The bits of the list that `issuer` has signed for `url`. */
export async function verifyStatusList(
  secured: string | JsonObject,
  { issuer, url, ...circumstances }: CredentialCircumstances & { issuer: OwnerDid; url: string },
): Promise<StatusListVerdict> {
  const verdict = await verifyCredential<StatusListCredential>(secured, circumstances, {
    maxLength: MAX_STATUS_LIST,
    check: checkStatusList,
    inspect(list) {
      // Whoever signs the list can revoke, so it is nobody but the issuer of what is revoked.
      if (list.issuer !== issuer) {
        return { reason: 'issuer_refused', detail: `the list is not of ${issuer}` };
      }
      return list.id === undefined || list.id === url
        ? null
        : { reason: 'subject_mismatch', detail: `the list is not the one at ${url}` };
    },
  });
  if (!verdict.ok) return refuseCredential(verdict.finding);
  const decoded = await decodeBitstring(verdict.credential.credentialSubject.encodedList);
  return decoded.ok
    ? { ok: true, bits: decoded.bits, until: verdict.until }
    : refuseCredential({ reason: 'credential_malformed', detail: decoded.detail });
}
