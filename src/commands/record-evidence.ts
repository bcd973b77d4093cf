// Writes down that a log has shown two histories: kept, its replica halted, and stated in this node's system log.
import { verifyEvidence } from '../log/evidence.ts';
import { type EvidenceParts, encodeEvidence, parseEvidence } from '../log/evidence-file.ts';
import { decodeUtf8 } from '../protocol/bytes.ts';
import type { Did } from '../protocol/did.ts';
import { EVIDENCE } from '../protocol/labels.ts';
import { hashOf } from '../protocol/object-name.ts';
import {
  countFurther,
  insertEvidence,
  readEvidence,
  SELECT_UNSTATED,
  selectEvidenceOf,
  stateEvidence,
} from '../store/evidence.ts';
import { haltSource } from '../store/write-peers.ts';
import { record } from './admit.ts';
import type { CommandContext } from './context.ts';
import { CommandError } from './error.ts';
import type { Sequencer } from './sequencer.ts';
import { stateOwn } from './sign-own.ts';

export interface Accusation {
  /** Home of the log; null for a log of this node. */
  readonly peer: Did | null;
  readonly parts: EvidenceParts;
  /** Those of the two notes that are of another history than the one here, as far as there is one. */
  readonly shown: readonly string[];
  /** The evidence whose other history the shown head goes on from, which the operator has decided about: then it is only counted. */
  readonly further?: number;
}

/**
 * Records evidence against the home of a log, and halts the replica of it: both or neither. False if the parts prove nothing,
 * if evidence against that log waits for a decision, or if the operator has decided on what was `shown` already. What is `further`
 * halts nothing and is not stated again.
 */
export async function recordEvidence(
  context: CommandContext,
  sequencer: Sequencer,
  { further, parts, peer, shown }: Accusation,
): Promise<boolean> {
  const { crypto, db, now } = context;
  const file = encodeEvidence(parts);
  const verdict = await verifyEvidence(file, crypto);
  if (!verdict.ok || verdict.home === null) return false;
  const { origin } = parts;
  const [known = []] = await db.batch('read', [selectEvidenceOf(origin)]);
  const before = known.map(readEvidence);
  if (before.some(({ decision }) => decision === null)) return false;
  // One head that was shown makes a new pair with every head that the replica grows to.
  const files = before.flatMap(({ file: first, newest }) => [first, newest ?? first]);
  const decided = new Set(files.flatMap(headsOf).map(textOf));
  if (shown.every((note) => decided.has(textOf(note)))) return false;
  if (further !== undefined) {
    await record(context, sequencer, [countFurther(further, file, now())]);
    return true;
  }
  await record(context, sequencer, [
    insertEvidence({ origin, peer, file, foundAt: now() }),
    haltSource(origin, `fork: the home of ${origin} has signed two histories`),
  ]);
  await stateUnstated(context, sequencer);
  return true;
}

function headsOf(file: Uint8Array): readonly string[] {
  const parsed = parseEvidence(file);
  return parsed.ok ? parsed.parts.heads : [];
}

/** What was signed, whoever has signed it. */
function textOf(note: string): string {
  return note.slice(0, note.lastIndexOf('\n\n'));
}

/** Puts into the system log what is not there yet; what cannot be written now is done at the next start. */
export async function stateUnstated(context: CommandContext, sequencer: Sequencer): Promise<void> {
  const [rows = []] = await context.db.batch('read', [SELECT_UNSTATED]);
  for (const { file, id } of rows.map(readEvidence)) {
    const verdict = await verifyEvidence(file, context.crypto);
    if (!verdict.ok || verdict.home === null) continue;
    try {
      const object = await stateOwn(context, sequencer, {
        type: 'Add',
        object: verdict.home,
        target: EVIDENCE,
        mediaType: 'application/json',
        content: decodeUtf8(file),
      });
      await record(context, sequencer, [stateEvidence(id, hashOf(object.name))]);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
    }
  }
}
