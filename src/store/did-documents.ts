// did:web documents that objects were accepted under, kept because their hosts may change or lose them.
import { decodeUtf8 } from '../protocol/bytes.ts';
import type { Did } from '../protocol/did.ts';
import type { CanonicalBytes } from '../protocol/jcs.ts';
import { blob, did, number } from './cell.ts';
import { type Database, integer, type Statement } from './database.ts';

/** Sets of keys that are kept of one DID; what comes after so many is not. */
const MAX_PER_DID = 256;
/** A document that nothing has changed about is written down this often. */
const NOTED_EVERY_MS = 3_600_000;

export interface SeenDocument {
  readonly did: Did;
  /** SHA-256 of the keys under assertionMethod. */
  readonly keys: Uint8Array;
  readonly document: CanonicalBytes;
  /** Milliseconds. */
  readonly at: number;
}

export interface KeptDocument {
  readonly did: Did;
  readonly document: unknown;
  /** Milliseconds, here and below. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** When a document with other keys had taken its place; null while none has. */
  readonly until: number | null;
}

/** Keeps a document, or notes that it is still there. */
export function keepDocument({ did: agent, keys, document, at }: SeenDocument): Statement {
  return {
    sql: `INSERT INTO did_documents (did, keys, document, first_seen, last_seen)
SELECT ?1, ?2, ?3, ?4, ?4 WHERE (SELECT count(*) FROM did_documents WHERE did = ?1 AND keys <> ?2) < ${MAX_PER_DID}
ON CONFLICT (did, keys) DO UPDATE SET last_seen = excluded.last_seen
WHERE excluded.last_seen >= did_documents.last_seen + ${NOTED_EVERY_MS} OR EXISTS (
  SELECT 1 FROM did_documents AS other WHERE other.did = ?1 AND other.keys <> ?2
    AND other.last_seen BETWEEN did_documents.last_seen AND excluded.last_seen
)`,
    args: [agent, keys, document, integer(at)],
  };
}

/** The documents kept of these DIDs, of each the newest last. */
export async function listDocuments(db: Database, dids: readonly Did[]): Promise<KeptDocument[]> {
  const [rows = []] = await db.batch('read', [
    {
      // A document may come back: whichever was there first after it was seen for the last time took its place.
      sql: `SELECT d.did, d.document, d.first_seen, d.last_seen, ifnull((
  SELECT max(min(o.first_seen), d.last_seen) FROM did_documents AS o WHERE o.did = d.did AND o.last_seen > d.last_seen
), -1)
FROM json_each(?) AS k CROSS JOIN did_documents AS d ON d.did = k.value
ORDER BY d.did, d.last_seen, d.keys`,
      args: [JSON.stringify(dids)],
    },
  ]);
  return rows.map((row) => {
    const until = number(row, 4);
    return {
      did: did(row, 0),
      document: JSON.parse(decodeUtf8(blob(row, 1))) as unknown,
      firstSeen: number(row, 2),
      lastSeen: number(row, 3),
      until: until < 0 ? null : until,
    };
  });
}
