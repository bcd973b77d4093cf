// did:webvh 1.0 (whose sections `§` names in these files): verifies a whole DID log from its text alone; nothing is fetched.
import type { Crypto } from './crypto.ts';
import type { Did } from './did.ts';
import { type DidLogEntry, parseDidLog } from './did-log-entry.ts';
import { checkProof } from './did-log-proof.ts';
import { type RefusedDidLog, refuse } from './did-log-refusal.ts';
import { standingAfter } from './did-log-standing.ts';
import { checkEntry, type DidLogHead, headOf, logOf, signersOf } from './did-log-step.ts';
import { checkWitnesses, type WitnessedVersion } from './did-log-witness.ts';
import { ProtocolError } from './error.ts';
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

export type DidLogVerdict = { readonly ok: true; readonly log: DidLog } | RefusedDidLog;

export interface DidLogOptions {
  readonly crypto: Pick<Crypto, 'sha256' | 'verify' | 'acceptsKey'>;
  /** The text of did-witness.json. */
  readonly witnesses?: string | null;
  /** Milliseconds. Without it no version is from the future: for logs that were judged when they came in. */
  readonly now?: number;
  /** The DID that the log was asked for: one of its versions must have it. */
  readonly did?: Did;
}

/**
 * Verifies the text of a did.jsonl: every entry, none is skipped. The first fault refuses the whole log; the order of the
 * checks is that of spec/identity.md. Never throws.
 */
export async function verifyDidLog(text: string, options: DidLogOptions): Promise<DidLogVerdict> {
  const parsed = parseDidLog(text);
  if (!parsed.ok) return parsed;
  const { crypto, now, did } = options;
  const heads: DidLogHead[] = [];
  const witnessed: WitnessedVersion[] = [];
  for (const [index, entry] of parsed.entries.entries()) {
    const previous = heads.at(-1) ?? null;
    const at = (fault: RefusedDidLog) => ({ ...fault, version: index + 1 });
    const checked = checkEntry(previous, entry, crypto, now);
    if (!checked.ok) return at(checked);
    const { head } = checked;
    const { proof: proofs, ...document } = entry as DidLogEntry & JsonObject;
    for (const proof of proofs as JsonObject[]) {
      const fault = await checkProof(document, proof, signersOf(previous, head), crypto);
      if (fault !== null) return at(fault);
    }
    heads.push(head);
    // § The witness Parameter: who approves so far approves its own replacement; without any, the new ones do.
    const policy = previous?.standing.witness ?? head.standing.witness;
    witnessed.push({ versionId: entry.versionId, policy });
  }
  const log = logOf(heads);
  if (did !== undefined && !log.versions.some((version) => version.did === did)) {
    return refuse('did_mismatch', `no version of this log is ${did}`);
  }
  const fault = await checkWitnesses(witnessed, options.witnesses ?? null, crypto);
  return fault ?? { ok: true, log };
}

/** Reads a log that was verified before it was stored. Throws ProtocolError `invalid_argument` if it cannot be one. */
export function readDidLog(text: string): DidLog {
  return logOf(readHeads(text));
}

/** Every version of a log that was verified before, with what holds after it. Throws like `readDidLog`. */
export function readHeads(text: string): readonly DidLogHead[] {
  const parsed = parseDidLog(text);
  if (!parsed.ok) throw new ProtocolError('invalid_argument', parsed.detail);
  const heads: DidLogHead[] = [];
  for (const entry of parsed.entries) {
    const standing = standingAfter(heads.at(-1)?.standing ?? null, entry.parameters);
    heads.push(headOf(entry, heads.length + 1, entry.state.id as Did, standing));
  }
  return heads;
}

/** True if `older` stands at its place in `newer`: the log was continued, not written anew. */
export function extendsDidLog(
  newer: DidLog,
  older: { readonly number: number; readonly versionId: string },
): boolean {
  return newer.versions[older.number - 1]?.versionId === older.versionId;
}
