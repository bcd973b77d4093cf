// A log as an archive takes it: under one checkpoint, a few hundred entries at a time.
import type { ArchivedEntry, ArchiveSource } from '../../log/archive.ts';
import type { Did } from '../../protocol/did.ts';
import type { CanonicalBytes } from '../../protocol/jcs.ts';
import { blob, did } from '../cell.ts';
import type { Database } from '../database.ts';
import { readLeaves, type StoredLeaf } from './bodies.ts';
import { findLog } from './logs.ts';

/** Entries read at a time. */
const STEP = 256;

/** What an archive has beside the log. */
export type ArchiveSurroundings = Pick<
  ArchiveSource,
  'didDocuments' | 'contexts' | 'keyStatement' | 'createdAt'
>;

/** The log with this origin as of its newest signed checkpoint; null when there is none. */
export async function archiveSource(
  db: Database,
  origin: string,
  surroundings: ArchiveSurroundings,
): Promise<ArchiveSource | null> {
  const log = await findLog(db, origin);
  if (log === null || log.checkpoint === null) return null;
  return {
    ...surroundings,
    origin,
    checkpoint: log.checkpoint,
    size: log.signedSize,
    submolt: log.submolt,
    async entries(start, end) {
      const leaves = await readLeaves(db, log, start, Math.min(start + STEP, end));
      return leaves.map(archived);
    },
  };
}

function archived({ index, line, body }: StoredLeaf): ArchivedEntry {
  const { name } = body;
  if (body.erased) {
    const { author, by, parent } = body;
    return { index, line, salt: null, bytes: null, name, erasedBy: by, author, parent };
  }
  const { bytes, salt } = body;
  return { index, line, salt, bytes, name, erasedBy: null, author: null, parent: null };
}

/** The signed statement with which this log's home named its log key: its own system log has it, or the peer's row. */
export async function readKeyStatement(db: Database, home: Did): Promise<CanonicalBytes | null> {
  const [own = [], peers = []] = await db.batch('read', [
    {
      sql: `SELECT o.bytes FROM logs AS l JOIN agents AS a ON a.id = l.home
JOIN entries AS e ON e.log = l.id AND e.idx = 0 JOIN objects AS o ON o.id = e.object
WHERE l.is_home = 1 AND l.submolt IS NULL AND a.did = ?`,
      args: [home],
    },
    {
      sql: 'SELECT p.key_statement FROM peers AS p JOIN agents AS a ON a.id = p.did WHERE a.did = ?',
      args: [home],
    },
  ]);
  const row = own[0] ?? peers[0];
  return row === undefined ? null : (blob(row, 0) as CanonicalBytes);
}

/** Every did:web this node has met: an archive carries the documents of those that signed in it. */
export async function listWebDids(db: Database): Promise<Did[]> {
  const [rows = []] = await db.batch('read', [
    {
      sql: "SELECT did FROM agents WHERE did >= 'did:web:' AND did < 'did:web;' ORDER BY did",
      args: [],
    },
  ]);
  return rows.map((row) => did(row, 0));
}
