// Checkpoints (c2sp.org/tlog-checkpoint): a log's name, size and root as the text of a signed note.
import { fromBase64, toBase64 } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { LogError } from './error.ts';
import { HASH_SIZE } from './merkle.ts';
import {
  type NoteResult,
  type NoteVerdict,
  parseNote,
  signNote,
  type VerifiedSignature,
  verifyNote,
} from './note.ts';
import type { NoteSigner, NoteVerifier } from './note-key.ts';

export interface Checkpoint {
  /** The log's identity, such as `node.example/log/system`. */
  readonly origin: string;
  /** Number of leaves. */
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/** Three lines, each with its newline. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const text = `${checkpoint.origin}\n${checkpoint.size}\n${toBase64(checkpoint.root)}\n`;
  const parsed = parseCheckpoint(text);
  // An origin with line breaks in it could read back as another log's checkpoint.
  if (!parsed.ok || parsed.checkpoint.origin !== checkpoint.origin) {
    throw new LogError('invalid_argument', 'not a checkpoint');
  }
  return text;
}

export type CheckpointResult =
  | { readonly ok: true; readonly checkpoint: Checkpoint }
  | { readonly ok: false; readonly reason: 'malformed_checkpoint'; readonly detail: string };

/**
 * Reads the text of a checkpoint's note. Extension lines are allowed if they are not empty, and mean nothing here. A
 * size above 2^53 − 1 is refused.
 */
export function parseCheckpoint(text: string): CheckpointResult {
  const lines = text.split('\n');
  const [origin, digits, encoded] = lines;
  if (lines.length < 4 || lines.pop() !== '' || lines.includes('')) {
    return malformed('three or more lines, none of them empty');
  }
  const size = parseSize(digits as string);
  if (size === null) return malformed('the size is not a plain decimal number');
  const root = fromBase64(encoded as string);
  if (root?.length !== HASH_SIZE) return malformed('the root is not the base64 of 32 bytes');
  return { ok: true, checkpoint: { origin: origin as string, size, root } };
}

/** ASCII decimal without leading zeroes; null for anything else, and above 2^53 − 1. */
export function parseSize(digits: string): number | null {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(digits)) return null;
  const size = Number(digits);
  return Number.isSafeInteger(size) ? size : null;
}

/** Signs a checkpoint with the log's key, or with the one that replaces it as well; a key's name is the origin. */
export function signCheckpoint(
  checkpoint: Checkpoint,
  signers: NoteSigner | readonly NoteSigner[],
  crypto: Crypto,
): string {
  return signNote(formatCheckpoint(checkpoint), [signers].flat(), crypto);
}

export type OpenedCheckpoint =
  | {
      readonly ok: true;
      readonly checkpoint: Checkpoint;
      /** The checkpoint's text, which cosigners sign. */
      readonly text: string;
      readonly signatures: readonly VerifiedSignature[];
    }
  | Extract<CheckpointResult, { ok: false }>
  | Extract<NoteVerdict, { ok: false }>
  | Extract<NoteResult, { ok: false }>
  | { readonly ok: false; readonly reason: 'wrong_origin'; readonly detail: string };

/**
 * Parses and verifies a checkpoint's note with the keys the caller knows. `origin`, if given, must be the
 * checkpoint's: a key that signs for several logs must not pass one off as another.
 */
export async function openCheckpoint(
  source: string,
  verifiers: readonly NoteVerifier[],
  crypto: Crypto,
  origin?: string,
): Promise<OpenedCheckpoint> {
  const parsed = parseNote(source);
  if (!parsed.ok) return parsed;
  const result = parseCheckpoint(parsed.note.text);
  if (!result.ok) return result;
  const { checkpoint } = result;
  if (origin !== undefined && checkpoint.origin !== origin) {
    return {
      ok: false,
      reason: 'wrong_origin',
      detail: `the checkpoint is of ${checkpoint.origin}`,
    };
  }
  const verdict = await verifyNote(parsed.note, verifiers, crypto);
  if (!verdict.ok) return verdict;
  return { ok: true, checkpoint, text: verdict.text, signatures: verdict.signatures };
}

function malformed(detail: string): CheckpointResult {
  return { ok: false, reason: 'malformed_checkpoint', detail };
}
