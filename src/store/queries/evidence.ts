// Reads of evidence.
import type { Database } from '../database.ts';
import { readEvidence, type StoredEvidence, selectAllEvidence } from '../evidence.ts';

/** More is kept than is shown; one log has one pair that waits for a decision. */
const MAX_SHOWN = 100;

/** The newest first. */
export async function listEvidence(db: Database): Promise<StoredEvidence[]> {
  const [rows = []] = await db.batch('read', [selectAllEvidence(MAX_SHOWN)]);
  return rows.map(readEvidence);
}
