// Reads of evidence.
import { MAX_PIECES } from '../../log/archive-format.ts';
import { blob, number, text } from '../cell.ts';
import type { Database } from '../database.ts';
import {
  readEvidence,
  type StoredEvidence,
  selectAllEvidence,
  selectEvidenceAgainst,
} from '../evidence.ts';

/** More is kept than is shown; one log has one pair that waits for a decision. */
const MAX_SHOWN = 100;

/** The newest first. */
export async function listEvidence(db: Database): Promise<StoredEvidence[]> {
  const [rows = []] = await db.batch('read', [selectAllEvidence(MAX_SHOWN)]);
  return rows.map(readEvidence);
}

/** How many there are by decision; `none` wait for one. */
export interface EvidenceTotals {
  readonly none: number;
  readonly keep: number;
  readonly drop: number;
}

export async function countEvidence(db: Database): Promise<EvidenceTotals> {
  const sql = "SELECT coalesce(decision, 'none'), count(*) FROM evidence GROUP BY decision";
  const [rows = []] = await db.batch('read', [{ sql, args: [] }]);
  const counts = Object.fromEntries(rows.map((row) => [text(row, 0), number(row, 1)]));
  return { none: 0, keep: 0, drop: 0, ...counts };
}

/** The files against any log of the node with this authority, the newest first: no more than an archive takes. */
export async function listEvidenceAgainst(db: Database, authority: string): Promise<Uint8Array[]> {
  const [rows = []] = await db.batch('read', [selectEvidenceAgainst(authority, MAX_PIECES)]);
  return rows.map((row) => blob(row, 0));
}
