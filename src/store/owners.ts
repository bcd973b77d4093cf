// Rows of owners: the credentials that agents have accepted, each in one node's system log.
import type { Ownership } from '../domain/working-set.ts';
import type { Did } from '../protocol/did.ts';
import { hashOf, type ObjectName } from '../protocol/object-name.ts';
import type { OwnerDid } from '../protocol/owner-did.ts';
import { did, hexList, name, nameOrNull, number, text, textOrNull } from './cell.ts';
import { integer, type Row, type Statement } from './database.ts';
import type { Numbering } from './numbering.ts';
import { valuesList } from './values-list.ts';

export function selectOwnerships(credentials: Iterable<ObjectName>, node: Did): Statement {
  return {
    sql: `SELECT w.credential, n.id, n.did, a.id, a.did, w.owner, w.role, w.form, w.since, w.until, o.id, o.hash,
  e.id, e.hash
FROM json_each(?1) AS k
CROSS JOIN agents AS n ON n.did = ?2
CROSS JOIN owners AS w ON w.credential = unhex(k.value) AND w.node = n.id
JOIN agents AS a ON a.id = w.agent
JOIN objects AS o ON o.id = w.act
LEFT JOIN objects AS e ON e.id = w.ended`,
    args: [hexList(credentials), node],
  };
}

export function readOwnership(row: Row, numbering: Numbering): Ownership {
  const ended = nameOrNull(row, 13);
  const ownership: Ownership = {
    credential: name(row, 0),
    node: did(row, 2),
    agent: did(row, 4),
    owner: text(row, 5) as OwnerDid,
    role: textOrNull(row, 6) as Ownership['role'],
    form: text(row, 7) as Ownership['form'],
    since: number(row, 8),
    until: number(row, 9),
    act: name(row, 11),
    ended,
  };
  numbering.learnAgent(ownership.node, number(row, 1));
  numbering.learnAgent(ownership.agent, number(row, 3));
  numbering.learnObject(ownership.act, number(row, 10));
  if (ended !== null) numbering.learnObject(ended, number(row, 12));
  return ownership;
}

const rows = valuesList(
  'INSERT INTO owners (credential, node, agent, owner, role, form, since, until, act, ended) VALUES',
  10,
  `ON CONFLICT (credential, node) DO UPDATE SET owner = excluded.owner, role = excluded.role, until = excluded.until,
  ended = excluded.ended`,
);

/** This node has dropped the acceptance `act`. */
export function blankOwnership(act: number): Statement {
  return {
    sql: "UPDATE owners SET owner = '', role = NULL, until = since WHERE act = ?",
    args: [integer(act)],
  };
}

export function writeOwnerships(changed: Iterable<Ownership>, numbering: Numbering): Statement[] {
  return rows(
    Array.from(changed, (row) => [
      hashOf(row.credential),
      integer(numbering.agent(row.node)),
      integer(numbering.agent(row.agent)),
      row.owner,
      row.role,
      row.form,
      integer(row.since),
      integer(row.until),
      integer(numbering.object(row.act)),
      row.ended === null ? null : integer(numbering.object(row.ended)),
    ]),
  );
}
