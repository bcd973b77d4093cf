// Evidence of a fork that anybody can check: two checkpoints signed by one log, and why they cannot both be true.
import { equalBytes, fromBase64, toBase64 } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { isObject, type JsonValue } from '../protocol/json.ts';
import { openCheckpoint } from './checkpoint.ts';
import { verifyConsistency } from './consistency.ts';
import { HASH_SIZE } from './merkle.ts';
import { parseVerifierKey } from './note-key.ts';

const FORMAT = 'exuvia-fork-v1';

/** Two notes of one log. The newer tree had another root when it was as large as the older one. */
export interface ForkEvidence {
  readonly format: typeof FORMAT;
  /** vkey of the log; that of the older note beside it where the log has had another key then. */
  readonly log: string;
  readonly olderLog?: string;
  readonly older: string;
  readonly newer: string;
  /** Base64: the newer tree's root at the size of the older checkpoint, and the proof that it was. */
  readonly root: string;
  readonly proof: readonly string[];
}

export interface ForkFound {
  readonly log: string;
  readonly olderLog: string;
  readonly older: string;
  readonly newer: string;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

export function formatForkEvidence(found: ForkFound): ForkEvidence {
  const { log, newer, older, olderLog, proof, root } = found;
  return {
    format: FORMAT,
    log,
    ...(olderLog === log ? {} : { olderLog }),
    older,
    newer,
    root: toBase64(root),
    proof: proof.map((hash) => toBase64(hash)),
  };
}

export type ForkVerdict =
  | { readonly ok: true; readonly origin: string; readonly sizes: readonly [number, number] }
  | {
      readonly ok: false;
      readonly reason: 'malformed_evidence' | 'not_signed' | 'no_fork';
      readonly detail: string;
    };

/** Whether `value` shows that the holder of its log key, or keys, has signed two histories. Whose they are is for the reader to know. */
export async function verifyForkEvidence(value: JsonValue, crypto: Crypto): Promise<ForkVerdict> {
  const evidence = readEvidence(value);
  if (evidence === null) return refuse('malformed_evidence', 'not the evidence of a fork');
  const key = parseVerifierKey(evidence.log, crypto);
  if (!key.ok) return refuse('malformed_evidence', key.detail);
  const { name: origin } = key.verifier;
  const olderKey = parseVerifierKey(evidence.olderLog, crypto);
  if (!olderKey.ok) return refuse('malformed_evidence', olderKey.detail);
  const older = await openCheckpoint(evidence.older, [olderKey.verifier], crypto, origin);
  const newer = await openCheckpoint(evidence.newer, [key.verifier], crypto, origin);
  if (!older.ok) return refuse('not_signed', `the older checkpoint: ${older.detail}`);
  if (!newer.ok) return refuse('not_signed', `the newer checkpoint: ${newer.detail}`);
  const [before, after] = [older.checkpoint, newer.checkpoint];
  if (before.size > after.size) return refuse('malformed_evidence', 'the older is the larger one');
  if (equalBytes(before.root, evidence.root)) return refuse('no_fork', 'the roots are the same');
  const { proof, root } = evidence;
  if (!verifyConsistency(before.size, after.size, root, after.root, proof, crypto)) {
    return refuse('no_fork', 'the newer tree is not shown to have had another root');
  }
  return { ok: true, origin, sizes: [before.size, after.size] };
}

function readEvidence(value: JsonValue): ForkFound | null {
  if (!isObject(value) || value.format !== FORMAT) return null;
  const { log, newer, older, proof, olderLog = log } = value;
  if (typeof log !== 'string' || typeof older !== 'string' || typeof newer !== 'string')
    return null;
  if (typeof olderLog !== 'string') return null;
  const root = hashOf(value.root);
  if (root === null || !Array.isArray(proof) || proof.length > 64) return null;
  const hashes = proof.map(hashOf).filter((hash) => hash !== null);
  return hashes.length === proof.length
    ? { log, olderLog, older, newer, root, proof: hashes }
    : null;
}

function hashOf(value: JsonValue | undefined): Uint8Array | null {
  const hash = typeof value === 'string' ? fromBase64(value) : null;
  return hash?.length === HASH_SIZE ? hash : null;
}

function refuse(
  reason: Extract<ForkVerdict, { ok: false }>['reason'],
  detail: string,
): ForkVerdict {
  return { ok: false, reason, detail };
}
