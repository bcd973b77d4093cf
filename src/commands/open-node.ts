// Starts a node on its database: schema, logs checked against their entries, system log, the one writer.
import { migrate } from '../store/migrate.ts';
import { finishRebuild } from '../store/rebuild.ts';
import { checkLogs } from './check-logs.ts';
import type { CommandContext } from './context.ts';
import { foundNode } from './found-node.ts';
import { learnMissedIdentities } from './learn-identities.ts';
import { placeSubmolts } from './place-submolts.ts';
import { stateUnstated } from './record-evidence.ts';
import { repeatErasures } from './repeat-erasures.ts';
import { rotateLogKey } from './rotate-log-key.ts';
import { Sequencer } from './sequencer.ts';

/**
 * Brings the database up to date, puts the log key into force that the node is to have next, and refuses to start on one that is not what this node wrote and signed. Throws
 * StoreError (`migration_newer`, `migration_changed`, …) or CommandError (`log_mismatch`, `identity_mismatch`), and
 * whatever `beforeSigning` rejects with: it runs when the database can be read and nothing has been signed.
 */
export async function openNode(
  given: CommandContext,
  beforeSigning: () => Promise<void> = async () => {},
): Promise<Sequencer> {
  await migrate(given.db, given.now);
  await checkLogs(given);
  await finishRebuild(given.db);
  await beforeSigning();
  const node = await rotateLogKey(given);
  const context = node === given.node ? given : { ...given, node };
  const sequencer = new Sequencer(context);
  await foundNode(context, sequencer);
  await repeatErasures(context, sequencer);
  await learnMissedIdentities(context, sequencer);
  await placeSubmolts(context, sequencer);
  // What was erased right before a crash may still stand in the write-ahead log.
  context.db.scrub?.();
  await stateUnstated(context, sequencer);
  return sequencer;
}
