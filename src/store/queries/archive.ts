// A log as an archive takes it: under one checkpoint, a few hundred entries at a time.
import { setImmediate } from 'node:timers/promises';
import type { ArchivedEntry, ArchiveSource } from '../../log/archive.ts';
import { ownSignatureOnly } from '../../log/evidence-file.ts';
import { cutKeyChain, encodeKeyChain, peekKeys } from '../../log/key-chain.ts';
import { NOTE_ED25519, noteVerifier } from '../../log/note-key.ts';
import type { SuggestedWitness } from '../../log/suggest-policy.ts';
import { equalBytes } from '../../protocol/bytes.ts';
import type { Crypto } from '../../protocol/crypto.ts';
import { type Did, didMethod } from '../../protocol/did.ts';
import { LOG_KEYS } from '../../protocol/labels.ts';
import { blob, did, text } from '../cell.ts';
import { findArchivable, listCheckpoints } from '../checkpoints.ts';
import { type Database, integer } from '../database.ts';
import type { LogHead } from '../logs.ts';
import { readLeaves, type StoredLeaf } from './bodies.ts';
import { listEvidenceAgainst } from './evidence.ts';
import { findLog } from './logs.ts';

/** Entries read at a time. */
const STEP = 256;

/** What an archive has beside the log. */
export type ArchiveSurroundings = Pick<
  ArchiveSource,
  | 'didDocuments'
  | 'contexts'
  | 'keyStatement'
  | 'policy'
  | 'systemHead'
  | 'systemFounding'
  | 'createdAt'
>;

/**
 * The log with this origin as of its newest checkpoint, or with `cosigned` as of the newest that witnesses have cosigned, if there
 * is one; null for a log without any.
 */
export async function archiveSource(
  db: Database,
  origin: string,
  { cosigned, ...surroundings }: ArchiveSurroundings & { readonly cosigned?: boolean },
  crypto: Crypto,
): Promise<ArchiveSource | null> {
  const log = await findLog(db, origin);
  if (log === null || log.checkpoint === null) return null;
  const verifier = noteVerifier(origin, NOTE_ED25519, log.logKey, crypto);
  const found = cosigned === true ? await findArchivable(db, log) : null;
  // What was cosigned under a key that was replaced since is of before.
  const isNow = found !== null && ownSignatureOnly(found.note, [verifier]) !== null;
  const newest = { note: log.checkpoint, size: log.signedSize };
  const { note: checkpoint, size } = isNow ? found : newest;
  // What the system log says may be newer than what was cosigned.
  const { systemHead, ...others } = surroundings;
  const head = systemHead !== undefined && systemHead.head.size <= size ? { systemHead } : {};
  return {
    ...others,
    ...head,
    keyStatement: cutKeyChain(surroundings.keyStatement, checkpoint, crypto),
    origin,
    checkpoint,
    size,
    history: await listCheckpoints(db, log.id, size),
    evidence: await listEvidenceAgainst(db, origin.slice(0, origin.indexOf('/log/'))),
    submolt: log.submolt,
    async entries(start, end) {
      // A file is read on this thread, and a fast reader is never waited for: without a turn, nobody else would be served.
      await setImmediate();
      const leaves = await readLeaves(db, log, start, Math.min(start + STEP, end));
      return leaves.map(archived);
    },
  };
}

/** True if a body before `size` was erased by an entry beyond: where a log was restored and its erasures were done again. */
export async function lacksTombstones(
  db: Database,
  { id }: Pick<LogHead, 'id'>,
  size: number,
): Promise<boolean> {
  const [rows = []] = await db.batch('read', [
    {
      sql: 'SELECT 1 FROM entries WHERE log = ?1 AND erased_by >= ?2 AND idx < ?2 LIMIT 1',
      args: [integer(id), integer(size)],
    },
  ]);
  return rows.length > 0;
}

const GONE = { salt: null, bytes: null } as const;
const STANDING = {
  erasedBy: null,
  withdrawal: null,
  author: null,
  parent: null,
  remains: null,
} as const;

function archived({ index, line, body }: StoredLeaf): ArchivedEntry {
  const { name } = body;
  if (body.erased) {
    const { author, by, parent, remains, withdrawal } = body;
    return { ...GONE, index, line, name, erasedBy: by, withdrawal, author, parent, remains };
  }
  const { bytes, salt } = body;
  return { ...STANDING, index, line, salt, bytes, name };
}

/**
 * The signed statements with which this log's home has named its log keys (`encodeKeyChain`): its own system log has
 * them, or the peer's row. Null for a home that is neither this node nor a peer.
 */
export async function readKeyStatement(db: Database, home: Did): Promise<Uint8Array | null> {
  const [own = [], peers = []] = await db.batch('read', [
    {
      sql: `SELECT o.bytes, l.log_key FROM logs AS l JOIN agents AS a ON a.id = l.home
JOIN entries AS e ON e.log = l.id AND e.idx = 0 JOIN objects AS o ON o.id = e.object
WHERE l.is_home = 1 AND l.submolt IS NULL AND a.did = ?`,
      args: [home],
    },
    {
      sql: 'SELECT p.key_statement FROM peers AS p JOIN agents AS a ON a.id = p.did WHERE a.did = ?',
      args: [home],
    },
  ]);
  if (own[0] === undefined) return peers[0] === undefined ? null : blob(peers[0], 0);
  const first = blob(own[0], 0);
  const logKey = blob(own[0], 1);
  const [key] = peekKeys(first);
  // Nearly every node has the key it began with; only the others look through their system log, once.
  if (key !== undefined && equalBytes(key, logKey)) return first;
  const known = chains.get(db);
  if (known !== undefined && equalBytes(known.logKey, logKey)) return known.bytes;
  const bytes = await readOwnChain(db, home);
  chains.set(db, { logKey, bytes });
  return bytes;
}

/** Of this node itself, as long as its key is the same. */
const chains = new WeakMap<Database, { readonly logKey: Uint8Array; readonly bytes: Uint8Array }>();

/** All that this node has stated in its system log. */
export async function readOwnChain(db: Database, home: Did): Promise<Uint8Array> {
  const [rows = []] = await db.batch('read', [
    {
      // In JCS form nothing that somebody else wrote can look like these two members.
      sql: `SELECT o.bytes FROM entries AS e JOIN objects AS o ON o.id = e.object
WHERE e.log = (SELECT id FROM logs WHERE is_home = 1 AND submolt IS NULL) AND e.kind = 'Add' AND e.salt IS NOT NULL
  AND instr(o.bytes, CAST(? AS BLOB)) > 0 AND instr(o.bytes, CAST(? AS BLOB)) > 0
ORDER BY e.idx`,
      args: [`"actor":${JSON.stringify(home)}`, `"target":${JSON.stringify(LOG_KEYS)}`],
    },
  ]);
  return encodeKeyChain(rows.map((row) => blob(row, 0)));
}

/** The keys with which that home has signed, oldest first; empty for a home that is not known. */
export async function readLogKeys(db: Database, home: Did): Promise<Uint8Array[]> {
  const statements = await readKeyStatement(db, home);
  return statements === null ? [] : peekKeys(statements);
}

/** Those of these nodes whose witness keys are known here, by the names of the keys. */
export async function listWitnessKeys(
  db: Database,
  nodes: readonly string[],
): Promise<SuggestedWitness[]> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT p.url, p.witness_key FROM json_each(?) AS k CROSS JOIN agents AS a ON a.did = k.value
CROSS JOIN peers AS p ON p.did = a.id WHERE p.witness_key IS NOT NULL ORDER BY p.id`,
      args: [JSON.stringify(nodes)],
    },
  ]);
  return rows.map((row) => ({
    name: `${new URL(text(row, 0)).host}/witness`,
    publicKey: blob(row, 1),
  }));
}

/** The did:webs whose documents an archive of this log carries: those that signed in it, and its home. */
export async function listWebDids(db: Database, { id, home }: LogHead): Promise<Did[]> {
  const [rows = []] = await db.batch('read', [
    {
      // This node has signed why bodies are missing from it.
      sql: `SELECT a.did FROM signers AS s JOIN agents AS a ON a.id = s.agent WHERE s.log = ?1
UNION SELECT a.did FROM logs AS l JOIN agents AS a ON a.id = l.home WHERE l.is_home = 1 AND l.submolt IS NULL
AND a.did LIKE 'did:web:%' AND EXISTS (SELECT 1 FROM withdrawals AS w JOIN entries AS e ON e.object = w.object WHERE e.log = ?1)`,
      args: [integer(id)],
    },
  ]);
  const signers = new Set(rows.map((row) => did(row, 0)));
  return [...(didMethod(home) === 'web' ? signers.add(home) : signers)];
}
