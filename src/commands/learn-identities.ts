// Takes the DID logs that other homes' logs have stated into this node's own system log: what it then knows of the agents.
import { createStatedKeys, isDidLogStatement } from '../protocol/did-log-statement.ts';
import { didKeyResolver, type VerifiedObject, verifyObjectBytes } from '../protocol/object.ts';
import { hashOf } from '../protocol/object-name.ts';
import { StoreError } from '../store/error.ts';
import { readObject } from '../store/queries/activity-status.ts';
import { listNewerPlaces } from '../store/queries/identities.ts';
import type { CommandContext } from './context.ts';
import { CommandError } from './error.ts';
import type { Sequencer } from './sequencer.ts';

/**
 * Submits those of the objects that are statements of DID logs. What is no news here, or a fork of what is known, is refused
 * by the rules, and nobody has to hear of it. What cannot be written now is found again at the next start.
 */
export async function learnIdentities(
  sequencer: Sequencer,
  objects: readonly VerifiedObject[],
): Promise<void> {
  const statements = objects.filter(({ activity }) => isDidLogStatement(activity));
  try {
    await sequencer.submitAll(statements, null);
  } catch (error) {
    if (!(error instanceof CommandError || error instanceof StoreError)) throw error;
  }
}

/** Statements in the logs of submolts that a node has replicated and not taken before it was stopped. */
export async function learnMissedIdentities(
  { crypto, db, node }: CommandContext,
  sequencer: Sequencer,
): Promise<void> {
  const resolveKey = createStatedKeys(() => null, crypto, didKeyResolver);
  for (const { statement } of await listNewerPlaces(db, node.did)) {
    const found = await readObject(db, hashOf(statement));
    if (found === null || !('bytes' in found)) continue;
    const verdict = await verifyObjectBytes(found.bytes, { crypto, resolveKey });
    if (verdict.ok) await learnIdentities(sequencer, [verdict.object]);
  }
}
