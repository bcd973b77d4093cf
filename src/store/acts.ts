// Rows of accepted acts that later acts name: votes, follows and bans for Undo, edits for Delete.
import { isDid } from '../domain/subject.ts';
import type { AcceptedAct } from '../domain/working-set.ts';
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { did, didOrNull, hexList, name, nameOrNull, number, text } from './cell.ts';
import { integer, type Row, type Statement } from './database.ts';
import type { Numbering } from './numbering.ts';
import { valuesList } from './values-list.ts';

export function selectActs(names: Iterable<ObjectName>): Statement {
  return {
    sql: `SELECT c.object, o.hash, c.kind, a.id, a.did, s.id, s.hash, t.id, t.hash, d.id, d.did
FROM json_each(?1) AS k
CROSS JOIN objects AS o ON o.hash = unhex(k.value)
CROSS JOIN acts AS c ON c.object = o.id
JOIN agents AS a ON a.id = c.actor
LEFT JOIN objects AS s ON s.id = c.submolt
LEFT JOIN objects AS t ON t.id = c.on_object
LEFT JOIN agents AS d ON d.id = c.on_agent`,
    args: [hexList(names)],
  };
}

export function readAct(row: Row, numbering: Numbering): AcceptedAct {
  const submolt = nameOrNull(row, 6);
  const onObject = nameOrNull(row, 8);
  const onAgent = didOrNull(row, 10);
  const act: AcceptedAct = {
    name: name(row, 1),
    type: text(row, 2) as AcceptedAct['type'],
    actor: did(row, 4),
    submolt,
    object: (onObject ?? onAgent) as AcceptedAct['object'],
  };
  numbering.learnObject(act.name, number(row, 0));
  numbering.learnAgent(act.actor, number(row, 3));
  if (submolt !== null) numbering.learnObject(submolt, number(row, 5));
  if (onObject !== null) numbering.learnObject(onObject, number(row, 7));
  if (onAgent !== null) numbering.learnAgent(onAgent, number(row, 9));
  return act;
}

/** The accepted Updates of these items: number and hash of the item, then of the Update. */
export function selectEdits(items: Iterable<ObjectName>): Statement {
  return {
    sql: `SELECT i.hash, o.id, o.hash FROM json_each(?1) AS k
CROSS JOIN objects AS i ON i.hash = unhex(k.value)
CROSS JOIN acts AS c ON c.on_object = i.id AND c.kind = 'Update'
JOIN objects AS o ON o.id = c.object ORDER BY c.object`,
    args: [hexList(items)],
  };
}

/** The same in the system logs of all other nodes. */
export function selectForeignTexts(agents: Iterable<Did>, node: Did): Statement {
  const { args, sql } = selectProfileEdits(agents, node);
  return { sql: sql.replace('h.did = ?2', 'h.did <> ?2'), args };
}

/** The same for the profiles of these agents in the system log of `node`: DID of the agent, number and hash of the Update. */
export function selectProfileEdits(agents: Iterable<Did>, node: Did): Statement {
  return {
    sql: `SELECT a.did, o.id, o.hash FROM json_each(?1) AS k
CROSS JOIN agents AS a ON a.did = k.value
CROSS JOIN acts AS c ON c.on_agent = a.id AND c.kind = 'Update'
JOIN objects AS o ON o.id = c.object
JOIN entries AS e ON e.object = c.object AND e.salt IS NOT NULL
JOIN logs AS l ON l.id = e.log AND l.submolt IS NULL
JOIN agents AS h ON h.id = l.home AND h.did = ?2 ORDER BY c.object`,
    args: [JSON.stringify([...agents]), node],
  };
}

export function readProfileEdit(
  row: Row,
  numbering: Numbering,
): { readonly agent: Did; readonly update: ObjectName } {
  return { agent: did(row, 0), update: learnUpdate(row, numbering) };
}

export function readEdit(
  row: Row,
  numbering: Numbering,
): { readonly item: ObjectName; readonly update: ObjectName } {
  return { item: name(row, 0), update: learnUpdate(row, numbering) };
}

function learnUpdate(row: Row, numbering: Numbering): ObjectName {
  const update = name(row, 2);
  numbering.learnObject(update, number(row, 1));
  return update;
}

const rows = valuesList(
  'INSERT INTO acts (object, kind, actor, submolt, on_object, on_agent) VALUES',
  6,
  `ON CONFLICT (object) DO UPDATE SET kind = excluded.kind, actor = excluded.actor, submolt = excluded.submolt,
  on_object = excluded.on_object, on_agent = excluded.on_agent`,
);

export function writeActs(changed: Iterable<AcceptedAct>, numbering: Numbering): Statement[] {
  return rows(
    Array.from(changed, ({ name, type, actor, submolt, object }) => [
      integer(numbering.object(name)),
      type,
      integer(numbering.agent(actor)),
      submolt === null ? null : integer(numbering.object(submolt)),
      object === null || isDid(object) ? null : integer(numbering.object(object)),
      object === null || !isDid(object) ? null : integer(numbering.agent(object)),
    ]),
  );
}

/** An edit whose body goes is nothing any more, unless it still stands in some log; other acts stay done. */
export function deleteEdit(id: number): Statement {
  return {
    sql: `DELETE FROM acts WHERE object = ?1 AND kind = 'Update'
AND NOT EXISTS (SELECT 1 FROM entries WHERE object = ?1 AND salt IS NOT NULL)`,
    args: [integer(id)],
  };
}
