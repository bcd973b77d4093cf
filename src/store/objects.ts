// Agents and objects: the two tables that give names their numbers, and the signed bytes.
import type { Did } from '../protocol/did.ts';
import { hashOf, type ObjectName } from '../protocol/object-name.ts';
import { did, hexList, name, number } from './cell.ts';
import { integer, type Row, type Statement } from './database.ts';
import type { NewAgent, NewObject, Numbering } from './numbering.ts';
import { valuesList } from './values-list.ts';

/** FROM-clause that numbers the names of the first parameter, a list of hex hashes. */
export const NAMED_OBJECTS =
  'SELECT o.id FROM json_each(?1) AS k CROSS JOIN objects AS o ON o.hash = unhex(k.value)';

export function selectObjects(names: Iterable<ObjectName>): Statement {
  return {
    sql: `SELECT o.id, o.hash FROM json_each(?1) AS k
CROSS JOIN objects AS o ON o.hash = unhex(k.value)`,
    args: [hexList(names)],
  };
}

export function learnObjects(rows: readonly Row[], numbering: Numbering): void {
  for (const row of rows) numbering.learnObject(name(row, 1), number(row, 0));
}

export function selectAgents(dids: Iterable<Did>): Statement {
  return {
    sql: `SELECT a.id, a.did FROM json_each(?1) AS k
CROSS JOIN agents AS a ON a.did = k.value`,
    args: [JSON.stringify([...dids])],
  };
}

export function learnAgents(rows: readonly Row[], numbering: Numbering): void {
  for (const row of rows) numbering.learnAgent(did(row, 1), number(row, 0));
}

const agentRows = valuesList('INSERT INTO agents (id, did) VALUES', 2);

export function insertAgents(agents: readonly NewAgent[]): Statement[] {
  return agentRows(agents.map((agent) => [integer(agent.id), agent.did]));
}

// A name that was only referred to until now gets its bytes; two numbers for one hash are a conflict.
const objectRows = valuesList(
  'INSERT INTO objects (id, hash, bytes) VALUES',
  3,
  'ON CONFLICT (id) DO UPDATE SET bytes = excluded.bytes',
);

export function insertObjects(objects: Iterable<NewObject>): Statement[] {
  return objectRows(
    Array.from(objects, ({ id, name, bytes }) => [integer(id), hashOf(name), bytes]),
  );
}

/** Takes the bytes away, unless they still open an entry: one profile may have been sent to two nodes. */
export function eraseObject(id: number): Statement {
  return {
    sql: `UPDATE objects SET bytes = NULL WHERE id = ?1
AND NOT EXISTS (SELECT 1 FROM entries WHERE object = ?1 AND salt IS NOT NULL)`,
    args: [integer(id)],
  };
}
