// What an accepted credential says, read again without verifying: it was verified before its acceptance was logged.
import { fromBase64url, utf8 } from './bytes.ts';
import { parseDateTime } from './date-time.ts';
import { type Did, parseDid, parseSubject, subjectOf } from './did.ts';
import { isObject, type JsonObject, parseIJson } from './json.ts';
import { type OwnerDid, parseOwnerDid } from './owner-did.ts';
import {
  checkOwnerCredential,
  MAX_OWNER_CREDENTIAL,
  type OwnerCredential,
  type OwnershipRole,
} from './ownership.ts';

export interface StatedOwnership {
  /** As the credential names it. */
  readonly owner: OwnerDid;
  /** The subject of who is owned. */
  readonly agent: Did;
  readonly role: OwnershipRole | null;
  readonly form: 'vc' | 'jwt';
  /** Seconds since the epoch. */
  readonly validUntil: number;
  /** Where it may be revoked. */
  readonly statusList: string | null;
}

/** Members that are not the credential's: its proof, or the claims of its JWT. */
const BESIDE: Readonly<Record<StatedOwnership['form'], readonly string[]>> = {
  vc: ['proof'],
  jwt: ['iss', 'sub', 'iat', 'nbf', 'exp'],
};

/** Null for a text that no verifier accepts in the form of `mediaType`. Signature, time and status are not looked at. */
export function readStatedOwnership(text: string, mediaType: string): StatedOwnership | null {
  const form = mediaType === 'application/vc+jwt' ? 'jwt' : 'vc';
  const map = form === 'jwt' ? payloadOf(text) : objectOf(utf8(text));
  if (map === null) return null;
  const members = Object.entries(map).filter(([member]) => !BESIDE[form].includes(member));
  const credential = Object.fromEntries(members);
  if (checkOwnerCredential(credential, '') !== null) return null;
  const { credentialStatus, credentialSubject, issuer, validUntil } = credential as OwnerCredential;
  const owner = parseOwnerDid(issuer);
  const named = parseSubject(credentialSubject.id) ?? parseDid(credentialSubject.id);
  if (owner === null || named === null) return null;
  const end = parseDateTime(validUntil) as number;
  return {
    owner,
    agent: subjectOf(named),
    role: credentialSubject.ownershipRole ?? null,
    form,
    validUntil: form === 'jwt' && typeof map.exp === 'number' ? Math.min(end, map.exp) : end,
    statusList: credentialStatus?.statusListCredential ?? null,
  };
}

function payloadOf(token: string): JsonObject | null {
  const parts = token.split('.');
  const payload = parts.length === 3 ? fromBase64url(parts[1] as string) : null;
  return payload === null ? null : objectOf(payload);
}

function objectOf(bytes: Uint8Array): JsonObject | null {
  const parsed = parseIJson(bytes, { maxBytes: MAX_OWNER_CREDENTIAL });
  return parsed.ok && isObject(parsed.value) ? parsed.value : null;
}
