// Writes down that a log has shown two histories: kept, its replica halted, and stated in this node's system log.
import { verifyEvidence } from '../log/evidence.ts';
import { type EvidenceParts, encodeEvidence } from '../log/evidence-file.ts';
import { decodeUtf8 } from '../protocol/bytes.ts';
import type { Did } from '../protocol/did.ts';
import { EVIDENCE } from '../protocol/labels.ts';
import { hashOf } from '../protocol/object-name.ts';
import {
  insertEvidence,
  readEvidence,
  SELECT_UNSTATED,
  selectEvidenceOf,
  stateEvidence,
} from '../store/evidence.ts';
import { record } from './admit.ts';
import type { CommandContext } from './context.ts';
import { CommandError } from './error.ts';
import type { Sequencer } from './sequencer.ts';
import { stateOwn } from './sign-own.ts';

/**
 * Records evidence against the home of a log; `peer` is null for a log of this node. False if the parts prove nothing, or
 * evidence against that log, or this very pair, is there already.
 */
export async function recordEvidence(
  context: CommandContext,
  sequencer: Sequencer,
  peer: Did | null,
  parts: EvidenceParts,
): Promise<boolean> {
  const { crypto, db, now } = context;
  const file = encodeEvidence(parts);
  const verdict = await verifyEvidence(file, crypto);
  if (!verdict.ok || verdict.home === null) return false;
  const { origin } = parts;
  const [known = []] = await db.batch('read', [selectEvidenceOf(origin)]);
  const pair = JSON.stringify(parts.heads);
  const before = known.map(readEvidence);
  if (before.some((one) => one.decision === null || pairOf(one.file) === pair)) return false;
  await record(context, sequencer, [insertEvidence({ origin, peer, file, foundAt: now() })]);
  await stateUnstated(context, sequencer);
  return true;
}

function pairOf(file: Uint8Array): string {
  return JSON.stringify((JSON.parse(decodeUtf8(file)) as { heads?: unknown }).heads);
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
