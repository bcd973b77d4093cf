// The other histories of a replicated log: those whose evidence the operator has answered with keeping the one that is here.
import type { CommandContext } from '../commands/context.ts';
import { type Checkpoint, parseCheckpoint } from '../log/checkpoint.ts';
import { parseEvidence } from '../log/evidence-file.ts';
import { parseNote } from '../log/note.ts';
import { treeRoot } from '../log/subtree.ts';
import { equalBytes } from '../protocol/bytes.ts';
import { readEvidence, type StoredEvidence, selectEvidenceOf } from '../store/evidence.ts';
import type { LogHead } from '../store/logs.ts';
import { proofReader } from '../store/queries/logs.ts';

export interface KeptFork {
  /** The evidence that was decided on. */
  readonly id: number;
  /** The largest head of the other history that is known to belong to it. */
  readonly head: Checkpoint;
}

/** Empty where nothing was decided, and while something waits for a decision: then the replica stands still. */
export async function findKeptForks(
  context: Pick<CommandContext, 'crypto' | 'db'>,
  log: LogHead,
): Promise<KeptFork[]> {
  if (log.isHome) return [];
  const [rows = []] = await context.db.batch('read', [selectEvidenceOf(log.origin)]);
  const known = rows.map(readEvidence);
  if (known.some(({ decision }) => decision === null)) return [];
  const kept = known.filter(({ decision }) => decision === 'keep');
  return (await Promise.all(kept.map((one) => headsOf(context, log, one)))).flat();
}

/** The very heads that were decided on, or counted since. */
export function isAmong(
  forks: readonly KeptFork[],
  { root, size }: Pick<Checkpoint, 'root' | 'size'>,
): boolean {
  return forks.some(({ head }) => head.size === size && equalBytes(head.root, root));
}

/** Of two heads that cannot both be true one may be of the history here; what is left is of another. */
async function headsOf(
  { crypto, db }: Pick<CommandContext, 'crypto' | 'db'>,
  log: LogHead,
  { file, id, newest }: StoredEvidence,
): Promise<KeptFork[]> {
  const parsed = parseEvidence(newest ?? file);
  if (!parsed.ok) return [];
  const heads = parsed.parts.heads.flatMap(checkpointOf);
  const reader = proofReader(db, log, log.signedSize, crypto);
  const others: Checkpoint[] = [];
  for (const head of heads) {
    const isHere =
      head.size <= log.signedSize &&
      equalBytes(await treeRoot(head.size, reader, crypto), head.root);
    if (!isHere) others.push(head);
  }
  return others.map((head) => ({ id, head }));
}

function checkpointOf(note: string): Checkpoint[] {
  const parsed = parseNote(note);
  const read = parsed.ok ? parseCheckpoint(parsed.note.text) : parsed;
  return read.ok ? [read.checkpoint] : [];
}
