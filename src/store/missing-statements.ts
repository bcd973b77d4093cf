// Statements that acts depend on: their bytes, for logs that have not got them yet.
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { blob, hexOf, name } from './cell.ts';
import type { Row, Statement } from './database.ts';

export interface MissingStatement {
  readonly submolt: ObjectName;
  readonly name: ObjectName;
  readonly bytes: Uint8Array;
}

/**
 * For each of these pairs the statement that `node` knows the agent by, unless the log of the submolt has it. A submolt
 * that is about to be founded has no log.
 */
export function selectMissingStatements(
  pairs: readonly (readonly [Did, ObjectName])[],
  node: Did,
): Statement {
  return {
    sql: `SELECT unhex(k.value ->> 1), o.hash, o.bytes FROM json_each(?1) AS k
CROSS JOIN agents AS a ON a.did = k.value ->> 0
CROSS JOIN agents AS n ON n.did = ?2
CROSS JOIN identities AS i ON i.agent = a.id AND i.node = n.id
CROSS JOIN objects AS o ON o.id = i.statement
LEFT JOIN objects AS s ON s.hash = unhex(k.value ->> 1)
LEFT JOIN logs AS l ON l.submolt = s.id
LEFT JOIN entries AS e ON e.object = o.id AND e.log = l.id
WHERE e.idx IS NULL`,
    args: [JSON.stringify(pairs.map(([agent, submolt]) => [agent, hexOf(submolt)])), node],
  };
}

/** Of these pairs of a delegation and a submolt those whose log has it not, and whose own node has its statement. */
export function selectMissingDelegations(
  pairs: readonly (readonly [ObjectName, ObjectName])[],
): Statement {
  return {
    sql: `SELECT unhex(k.value ->> 1), o.hash, o.bytes FROM json_each(?1) AS k
CROSS JOIN objects AS o ON o.hash = unhex(k.value ->> 0)
LEFT JOIN objects AS s ON s.hash = unhex(k.value ->> 1)
LEFT JOIN logs AS l ON l.submolt = s.id
LEFT JOIN entries AS e ON e.object = o.id AND e.log = l.id
WHERE o.bytes IS NOT NULL AND e.idx IS NULL`,
    args: [JSON.stringify(pairs.map((pair) => pair.map(hexOf)))],
  };
}

export function readMissingStatement(row: Row): MissingStatement {
  return { submolt: name(row, 0), name: name(row, 1), bytes: blob(row, 2) };
}
