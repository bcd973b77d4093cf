// Takes over from a log's home who has cosigned it: a replica's archives and proofs are worth as much when the home is gone.
import { record } from '../commands/admit.ts';
import { findCosigned, upsertCosigned } from '../store/cosigned.ts';
import type { Source } from '../store/peers.ts';
import { findLog } from '../store/queries/logs.ts';
import type { FederationContext } from './context.ts';
import { judgeCheckpoint } from './judge-checkpoint.ts';
import type { RemoteLog } from './remote-log.ts';

const signatures = (note: string): number => note.split('\n— ').length - 1;

/**
 * Keeps the newest cosigned note of the home that covers no more than the replica has. A log that never rests is hardly ever
 * cosigned at its newest size, so that one is asked for by itself. What fails is not reported: the next pull looks again.
 */
export async function takeCosignatures(
  context: FederationContext,
  { origin, peerUrl }: Pick<Source, 'origin' | 'peerUrl'>,
  remote: RemoteLog,
  newest: string,
): Promise<void> {
  const { db, now, sequencer } = context;
  const log = await findLog(db, origin);
  if (log === null || log.checkpoint === null) return;
  const kept = await findCosigned(db, log.id);
  let note = newest;
  if (signatures(newest) < 2) {
    const fetched = await remote.checkpoint(true);
    if (!fetched.ok) return;
    note = fetched.value;
  }
  if (signatures(note) < 2 || note === kept?.note) return;
  const judged = await judgeCheckpoint(context, log, note);
  // Signed by the home, seen by witnesses, and not what it has given: that is evidence like any other.
  if (judged.kind === 'fork') return context.gossip.takeNote(note, peerUrl);
  if (judged.kind !== 'same' && judged.kind !== 'older') return;
  const { size } = judged.checkpoint;
  // As many of the same size may be newer ones: a cosignature says when it was given.
  const better = kept === null || kept.size < size;
  if (!better && (kept.size > size || signatures(note) < signatures(kept.note))) return;
  await record(context, sequencer, [upsertCosigned(log.id, { size, note, cosignedAt: now() })]);
}
