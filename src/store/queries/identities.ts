// Identities as this node knows them: keys for what agents sign, DID logs to serve, news from submolts' logs.
import type { Identity } from '../../domain/working-set.ts';
import type { Add } from '../../protocol/activity.ts';
import type { Did } from '../../protocol/did.ts';
import type { DidLogState } from '../../protocol/did-log-statement.ts';
import { ed25519FromMultibase } from '../../protocol/multikey.ts';
import type { ObjectName } from '../../protocol/object-name.ts';
import { readActivity } from '../activity-bytes.ts';
import { blob, did, name } from '../cell.ts';
import type { Database } from '../database.ts';
import {
  readIdentity,
  readIdentityPlace,
  selectIdentities,
  selectIdentityPlaces,
} from '../identities.ts';
import type { LogHead } from '../logs.ts';

/** What `node` knows of this subject, by its own system log. */
export async function findIdentity(
  db: Database,
  subject: Did,
  node: Did,
): Promise<Identity | null> {
  const [rows = []] = await db.batch('read', [selectIdentities([subject], node)]);
  return rows[0] === undefined ? null : readIdentity(rows[0]);
}

/** Those of these subjects whom `node` knows by a DID log. */
export async function listKnownSubjects(
  db: Database,
  subjects: Iterable<Did>,
  node: Did,
): Promise<Set<Did>> {
  const [rows = []] = await db.batch('read', [selectIdentities(new Set(subjects), node)]);
  return new Set(rows.map((row) => readIdentity(row).agent));
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

/** The statements that `node` knows these subjects by, as they were signed. */
export async function listStatements(
  db: Database,
  subjects: Iterable<Did>,
  node: Did,
): Promise<Map<Did, Uint8Array>> {
  const agents = [...subjects];
  if (agents.length === 0) return new Map();
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT a.did, o.bytes FROM json_each(?1) AS k
CROSS JOIN agents AS a ON a.did = k.value
CROSS JOIN identities AS i ON i.agent = a.id AND i.node = (SELECT id FROM agents WHERE did = ?2)
CROSS JOIN objects AS o ON o.id = i.statement`,
      args: [JSON.stringify(agents), node],
    },
  ]);
  return new Map(rows.map((row) => [did(row, 0), blob(row, 1)]));
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

/** What a log has stated so far of those of these subjects that it knows: their keys at its present end. */
export async function listStated(
  db: Database,
  { home, submolt }: Pick<LogHead, 'home' | 'submolt'>,
  subjects: Iterable<Did>,
): Promise<DidLogState[]> {
  const agents = [...subjects];
  if (agents.length === 0) return [];
  const statement =
    submolt === null
      ? selectIdentities(agents, home)
      : selectIdentityPlaces(agents.map((agent) => [agent, submolt] as const));
  const [rows = []] = await db.batch('read', [statement]);
  return rows.map((row) => {
    const stated = submolt === null ? readIdentity(row) : readIdentityPlace(row);
    const keys = stated.keys.map(({ id, multibase }) => ({
      id,
      publicKey: ed25519FromMultibase(multibase) as Uint8Array,
    }));
    return { ...stated, keys };
  });
}
