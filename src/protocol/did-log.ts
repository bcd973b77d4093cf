// did:webvh 1.0: what a verified DID log is, and whether one continues another.
import type { Did } from './did.ts';
import type { JsonObject } from './json.ts';

/** One version of a DID: an entry of its log. */
export interface DidLogVersion {
  /** From 1, without gaps. */
  readonly number: number;
  /** `<number>-<entry hash>`. */
  readonly versionId: string;
  /** RFC 3339, UTC, as its author states it: it orders nothing between logs. */
  readonly versionTime: string;
  /** What the DID is called from this version on. */
  readonly did: Did;
  readonly document: JsonObject;
  /** Multikeys that are in force once this version is published. */
  readonly updateKeys: readonly string[];
  /** Multihashes of the Multikeys that may sign the next version; empty: no pre-rotation. */
  readonly nextKeyHashes: readonly string[];
}

/** A log as a whole. Nothing but `verifyDidLog` and the makers produce one from text that was not verified before. */
export interface DidLog {
  /** The DID of the last version. */
  readonly did: Did;
  /** `did:scid:vh:1:<scid>`. */
  readonly subject: Did;
  readonly scid: string;
  /** At least one. */
  readonly versions: readonly DidLogVersion[];
  readonly deactivated: boolean;
  readonly portable: boolean;
}

/** True if `older` stands at its place in `newer`: the log was continued, not written anew. */
export function extendsDidLog(
  newer: DidLog,
  older: { readonly number: number; readonly versionId: string },
): boolean {
  return newer.versions[older.number - 1]?.versionId === older.versionId;
}
