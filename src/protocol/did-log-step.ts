// One entry of a DID log behind the others: in its place, linked to the one before, and allowed by it.
import type { Crypto } from './crypto.ts';
import { type Did, subjectOf } from './did.ts';
import type { DidLog, DidLogVersion } from './did-log.ts';
import { checkDocument } from './did-log-document.ts';
import { type DidLogEntry, splitVersionId } from './did-log-entry.ts';
import { entryHashOf, scidOfEntry } from './did-log-hash.ts';
import { type RefusedDidLog, refuse } from './did-log-refusal.ts';
import { checkParameters, type DidLogStanding, standingAfter } from './did-log-standing.ts';
import { parseVersionTime } from './did-log-time.ts';
import type { JsonObject } from './json.ts';

/** A version, and what holds after it: what the next entry is judged by. */
export interface DidLogHead {
  readonly version: DidLogVersion;
  readonly standing: DidLogStanding;
}

/** § Read, step 4: how far ahead of the reader's clock a version may be, in milliseconds. */
const TOLERANCE = 300_000;

/** All that an entry must be besides signed: in its place, linked to the one before, and allowed by it. */
export function checkEntry(
  previous: DidLogHead | null,
  entry: DidLogEntry,
  crypto: Pick<Crypto, 'sha256' | 'acceptsKey'>,
  now?: number,
): { readonly ok: true; readonly head: DidLogHead } | RefusedDidLog {
  if (previous?.standing.deactivated) {
    return refuse('deactivated', 'the version before was the last');
  }
  const number = (previous?.version.number ?? 0) + 1;
  const { parameters, state, versionId, versionTime } = entry;
  const named = splitVersionId(versionId);
  if (named?.number !== number) {
    return refuse('version_id', `${versionId} stands where number ${number} has to`);
  }
  if (previous !== null && !isLater(versionTime, previous.version.versionTime)) {
    return refuse('version_time', `${versionTime} is not later than the version before`);
  }
  if (now !== undefined && isAhead(versionTime, now)) {
    return refuse('version_time', `${versionTime} is in the future`);
  }
  const misplaced = checkParameters(previous?.standing ?? null, parameters, crypto);
  if (misplaced !== null) return misplaced;
  const standing = standingAfter(previous?.standing ?? null, parameters);
  const { scid } = standing;
  const json = entry as DidLogEntry & JsonObject;
  if (previous === null && scidOfEntry(json, scid, crypto) !== scid) {
    return refuse('scid_mismatch', `${scid} is not the hash of the first entry`);
  }
  if (entryHashOf(json, previous?.version.versionId ?? scid, crypto) !== named.hash) {
    return refuse('entry_hash_mismatch', `${versionId} is not the hash of this entry`);
  }
  const document = checkDocument(state, standing, previous?.version.did ?? null);
  if (!document.ok) return document;
  return { ok: true, head: headOf(entry, number, document.did, standing) };
}

/** § Authorized Keys: the Multikeys one of which has to sign: the entry's own if it is the first or was pre-rotated. */
export function signersOf(
  previous: DidLogHead | null,
  { standing }: DidLogHead,
): readonly string[] {
  const own = previous === null || previous.standing.nextKeyHashes.length > 0;
  return own ? standing.updateKeys : previous.standing.updateKeys;
}

/** The log of its versions, at least one. */
export function logOf(heads: readonly DidLogHead[]): DidLog {
  const { version, standing } = heads.at(-1) as DidLogHead;
  return {
    did: version.did,
    subject: subjectOf(version.did),
    scid: standing.scid,
    versions: heads.map((head) => head.version),
    deactivated: standing.deactivated,
    portable: standing.portable,
  };
}

/** The version that an entry is, and what holds after it. */
export function headOf(
  { versionId, versionTime, state }: DidLogEntry,
  number: number,
  did: Did,
  standing: DidLogStanding,
): DidLogHead {
  const { updateKeys, nextKeyHashes } = standing;
  const version = {
    number,
    versionId,
    versionTime,
    did,
    document: state,
    updateKeys,
    nextKeyHashes,
  };
  return { version, standing };
}

function isLater(time: string, than: string): boolean {
  return (parseVersionTime(time) as bigint) > (parseVersionTime(than) as bigint);
}

function isAhead(versionTime: string, now: number): boolean {
  return (
    (parseVersionTime(versionTime) as bigint) > BigInt(Math.floor(now) + TOLERANCE) * 1_000_000n
  );
}
