// The hashes that hold a DID log together: the SCID of the first entry and the chain of entry hashes.
import { decodeUtf8 } from './bytes.ts';
import type { Crypto } from './crypto.ts';
import { canonicalize } from './jcs.ts';
import type { JsonObject } from './json.ts';
import { multihashOf } from './multihash.ts';

/** Stands for the SCID until it is known. */
export const SCID_PLACEHOLDER = '{SCID}';

/** The hash in the `versionId` of an entry: of the entry with the version before in its place, and without proof. */
export function entryHashOf(
  { proof: _, ...entry }: JsonObject,
  previousVersionId: string,
  crypto: Pick<Crypto, 'sha256'>,
): string {
  return multihashOf(canonicalize({ ...entry, versionId: previousVersionId }), crypto);
}

/** The SCID of a first entry that still has the placeholder wherever the SCID will be. */
export function scidOfDraft(draft: JsonObject, crypto: Pick<Crypto, 'sha256'>): string {
  return entryHashOf(draft, SCID_PLACEHOLDER, crypto);
}

/** The SCID that a published first entry must have, given what it says that it has; null if there can be none. */
export function scidOfEntry(
  { proof: _, ...entry }: JsonObject,
  scid: string,
  crypto: Pick<Crypto, 'sha256'>,
): string | null {
  const text = decodeUtf8(canonicalize({ ...entry, versionId: '' }));
  // § Create, step 5: the placeholder is replaced everywhere. One left over could stand in for the SCID unnoticed.
  if (text.includes(SCID_PLACEHOLDER)) return null;
  return scidOfDraft(JSON.parse(text.replaceAll(scid, SCID_PLACEHOLDER)), crypto);
}
