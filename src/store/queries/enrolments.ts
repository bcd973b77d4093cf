// Reads of enrolled keys.
import type { Database } from '../database.ts';
import { type Enrolment, readEnrolment, selectEnrolment } from '../enrolments.ts';

/** The enrolment of a URL and a key, or of a key that signs without a URL. */
export async function findEnrolment(
  db: Database,
  url: string | null,
  keyid: string,
): Promise<Enrolment | null> {
  const [rows = []] = await db.batch('read', [selectEnrolment(url, keyid)]);
  return rows[0] === undefined ? null : readEnrolment(rows[0]);
}
