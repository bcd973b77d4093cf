// Proof files (c2sp.org/tlog-proof): an entry's index, its inclusion proof and a checkpoint, to be checked offline.
import { fromBase64, toBase64 } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { type OpenedCheckpoint, openCheckpoint, parseCheckpoint, parseSize } from './checkpoint.ts';
import { verifyInclusion } from './inclusion.ts';
import { HASH_SIZE, leafHash } from './merkle.ts';
import { parseNote } from './note.ts';
import { COSIGNATURE_V1, NOTE_ED25519 } from './note-key.ts';
import { evaluateQuorum, type Policy } from './policy.ts';

const header = 'c2sp.org/tlog-proof@v1';
/** A tree of 2^53 leaves has no longer path. */
const maxHashes = 64;

export interface ProofFile {
  /** Opaque and not authenticated. */
  readonly extra: Uint8Array | null;
  readonly index: number;
  /** From the leaf's sibling up to the root's child. */
  readonly hashes: readonly Uint8Array[];
  /** The checkpoint's note, verbatim. */
  readonly checkpoint: string;
}

export function formatProofFile(proof: ProofFile): string {
  const lines = [header];
  if (proof.extra !== null) lines.push(`extra ${toBase64(proof.extra)}`);
  lines.push(`index ${proof.index}`, ...proof.hashes.map(toBase64));
  return `${lines.join('\n')}\n\n${proof.checkpoint}`;
}

export type ProofFileResult =
  | { readonly ok: true; readonly proof: ProofFile }
  | { readonly ok: false; readonly reason: 'malformed_proof'; readonly detail: string };

/** Reads a proof file. Its checkpoint must at least have the form of one. */
export function parseProofFile(source: string): ProofFileResult {
  // The proof's own lines are not empty, so the first empty one ends them.
  const split = source.indexOf('\n\n');
  if (split < 0) return malformed('no empty line before the checkpoint');
  const lines = source.slice(0, split).split('\n');
  if (lines.shift() !== header) return malformed(`the first line is not ${header}`);
  let extra: Uint8Array | null = null;
  if (lines[0]?.startsWith('extra ')) {
    extra = fromBase64((lines.shift() as string).slice('extra '.length));
    if (extra === null) return malformed('the extra data is not base64');
  }
  const [indexLine = '', ...encoded] = lines;
  const index = indexLine.startsWith('index ') ? parseSize(indexLine.slice('index '.length)) : null;
  if (index === null) return malformed('no index');
  if (encoded.length > maxHashes) return malformed('too many hashes');
  const hashes: Uint8Array[] = [];
  for (const line of encoded) {
    const hash = fromBase64(line);
    if (hash?.length !== HASH_SIZE) return malformed(`hash ${hashes.length + 1}`);
    hashes.push(hash);
  }
  const checkpoint = source.slice(split + 2);
  const note = parseNote(checkpoint);
  if (!note.ok) return malformed(`checkpoint: ${note.detail}`);
  const tree = parseCheckpoint(note.note.text);
  if (!tree.ok) return malformed(`checkpoint: ${tree.detail}`);
  return { ok: true, proof: { extra, index, hashes, checkpoint } };
}

export type ProofVerdict =
  | {
      readonly ok: true;
      readonly origin: string;
      readonly size: number;
      readonly witnesses: readonly string[];
    }
  | Extract<ProofFileResult, { ok: false }>
  | Extract<OpenedCheckpoint, { ok: false }>
  | {
      readonly ok: false;
      readonly reason: 'log_signature_missing' | 'quorum_not_met' | 'not_included';
      readonly detail: string;
    };

/** Checks that `entry` is in a log of the policy's, seen by the policy's quorum. */
export async function verifyProofFile(
  source: string,
  entry: Uint8Array,
  policy: Policy,
  crypto: Crypto,
): Promise<ProofVerdict> {
  const parsed = parseProofFile(source);
  if (!parsed.ok) return parsed;
  const { index, hashes } = parsed.proof;
  const keys = [...policy.logs, ...policy.witnesses].map(({ verifier }) => verifier);
  const opened = await openCheckpoint(parsed.proof.checkpoint, keys, crypto);
  if (!opened.ok) return opened;
  const { origin, size, root } = opened.checkpoint;
  // tlog-policy: "this name MUST correspond to the log's origin line".
  const logKeys = opened.signatures
    .map(({ verifier }) => verifier)
    .filter(({ type, name }) => type === NOTE_ED25519 && name === origin);
  if (logKeys.length === 0) {
    return { ok: false, reason: 'log_signature_missing', detail: `no key of ${origin} has signed` };
  }
  const cosignatures = opened.signatures.filter(({ verifier }) => verifier.type === COSIGNATURE_V1);
  const { met, names } = evaluateQuorum(policy, cosignatures, logKeys);
  if (!met) return { ok: false, reason: 'quorum_not_met', detail: `signed: ${names.join(' ')}` };
  if (!verifyInclusion(index, size, leafHash(entry, crypto), hashes, root, crypto)) {
    return { ok: false, reason: 'not_included', detail: `entry ${index} of ${size}` };
  }
  return { ok: true, origin, size, witnesses: names };
}

function malformed(detail: string): ProofFileResult {
  return { ok: false, reason: 'malformed_proof', detail };
}
