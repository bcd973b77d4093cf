// Compares a checkpoint that a home has signed with what is here of its log.
import { type Checkpoint, openCheckpoint } from '../log/checkpoint.ts';
import { NOTE_ED25519, noteVerifier } from '../log/note-key.ts';
import { treeRoot } from '../log/subtree.ts';
import { equalBytes } from '../protocol/bytes.ts';
import type { LogHead } from '../store/logs.ts';
import { proofReader } from '../store/queries/logs.ts';
import type { FederationContext } from './context.ts';

export type Judgement =
  /** It covers entries that are not here yet. */
  | { readonly kind: 'newer'; readonly checkpoint: Checkpoint }
  /** It covers exactly what is here, or less of the same history. */
  | { readonly kind: 'same' | 'older'; readonly checkpoint: Checkpoint }
  /** The home has signed another history: with what is here, this proves it to anybody. */
  | { readonly kind: 'fork'; readonly checkpoint: Checkpoint; readonly detail: string }
  /** Not signed by the log's key, or not a checkpoint of this log. `unknown`: perhaps by another key of the home. */
  | { readonly kind: 'invalid'; readonly detail: string; readonly unknown: boolean };

/** Verifies the note under the log's key and holds its root against the replica's tree of the same size. */
export async function judgeCheckpoint(
  { crypto, db }: FederationContext,
  log: LogHead,
  note: string,
): Promise<Judgement> {
  const verifier = noteVerifier(log.origin, NOTE_ED25519, log.logKey, crypto);
  const opened = await openCheckpoint(note, [verifier], crypto, log.origin);
  if (!opened.ok) {
    const { detail, reason } = opened;
    return { kind: 'invalid', detail, unknown: reason === 'no_known_signature' };
  }
  const { checkpoint } = opened;
  if (checkpoint.size > log.size) return { kind: 'newer', checkpoint };
  const { size } = checkpoint;
  const root =
    size === log.size
      ? log.root
      : await treeRoot(size, proofReader(db, log, log.size, crypto), crypto);
  if (!equalBytes(root, checkpoint.root)) {
    const detail = `the home has signed another root for ${size} entries than the one of those it gave`;
    return { kind: 'fork', checkpoint, detail };
  }
  return { kind: size === log.size ? 'same' : 'older', checkpoint };
}
