// Puts into the system log what it does not say yet: submolts that were founded here, or have moved away, before it did.
import { keysBefore, StatedIdentities } from '../log/stated-identities.ts';
import { didMethod, subjectOf } from '../protocol/did.ts';
import type { JsonObject } from '../protocol/json.ts';
import { verifyObjectBytes } from '../protocol/object.ts';
import { readActivity } from '../store/activity-bytes.ts';
import { listStated } from '../store/queries/identities.ts';
import { listUnplaced } from '../store/queries/placements.ts';
import type { CommandContext } from './context.ts';
import { keptKeys } from './kept-keys.ts';
import type { Sequencer } from './sequencer.ts';

/**
 * Submits the acts again; the sequencer logs them where they are missing. Left out is what nobody could check at this place:
 * an act by a key that is not its author's any more.
 */
export async function placeSubmolts(
  { crypto, db, node }: CommandContext,
  sequencer: Sequencer,
): Promise<void> {
  const keysAt = keptKeys(db);
  for (const { bytes, name } of await listUnplaced(db)) {
    const { actor } = readActivity(bytes, name);
    const agents = didMethod(actor) === 'webvh' ? [subjectOf(actor)] : [];
    const stated = new StatedIdentities(
      await listStated(db, { home: node.did, submolt: null }, agents),
    );
    const author: JsonObject = { actor };
    const resolveKey = keysBefore(stated, author, crypto, keysAt(0));
    const verdict = await verifyObjectBytes(bytes, { crypto, resolveKey });
    if (verdict.ok) await sequencer.submit({ object: verdict.object, caller: null });
  }
}
