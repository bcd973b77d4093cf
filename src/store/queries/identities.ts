// Identities as this node knows them: keys for what agents sign, DID logs to serve, news from submolts' logs.
import type { Identity } from '../../domain/working-set.ts';
import type { Add } from '../../protocol/activity.ts';
import type { Did } from '../../protocol/did.ts';
import type { ObjectName } from '../../protocol/object-name.ts';
import { blob, did, name } from '../cell.ts';
import type { Database } from '../database.ts';
import { readIdentity, selectIdentities } from '../identities.ts';
import { readActivity } from '../rebuild.ts';

/** What `node` knows of this subject, by its own system log. */
export async function findIdentity(
  db: Database,
  subject: Did,
  node: Did,
): Promise<Identity | null> {
  const [rows = []] = await db.batch('read', [selectIdentities([subject], node)]);
  return rows[0] === undefined ? null : readIdentity(rows[0]);
}

export interface StoredDidLog {
  /** What the agent is called by its last version. */
  readonly did: Did;
  /** The statement that carries it. */
  readonly statement: ObjectName;
  /** did.jsonl. */
  readonly text: string;
  /** did-witness.json, if the agent has witnesses. */
  readonly witnesses: string | null;
}

/** The newest DID log of this subject that `node` has taken. */
export async function findDidLog(
  db: Database,
  subject: Did,
  node: Did,
): Promise<StoredDidLog | null> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT i.did, o.hash, o.bytes FROM identities AS i JOIN objects AS o ON o.id = i.statement
WHERE i.agent = (SELECT id FROM agents WHERE did = ?1) AND i.node = (SELECT id FROM agents WHERE did = ?2)`,
      args: [subject, node],
    },
  ]);
  const [row] = rows;
  if (row === undefined) return null;
  const statement = name(row, 1);
  const { attachment, content = '' } = readActivity(blob(row, 2), statement) as Add;
  return { did: did(row, 0), statement, text: content, witnesses: attachment?.content ?? null };
}

/** Statements in submolts' logs that are newer than what `node` knows of their subject: of each subject the newest. */
export async function listNewerPlaces(
  db: Database,
  node: Did,
): Promise<{ readonly agent: Did; readonly statement: ObjectName }[]> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT a.did, o.hash, max(p.version) FROM identity_places AS p
JOIN agents AS a ON a.id = p.agent
JOIN objects AS o ON o.id = p.statement
LEFT JOIN identities AS i ON i.agent = p.agent AND i.node = (SELECT id FROM agents WHERE did = ?1)
WHERE i.version IS NULL OR i.version < p.version GROUP BY p.agent`,
      args: [node],
    },
  ]);
  return rows.map((row) => ({ agent: did(row, 0), statement: name(row, 1) }));
}
