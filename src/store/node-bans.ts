// Rows of bans from a node: by the node itself, in its system log.
import type { NodeBan } from '../domain/working-set.ts';
import type { Did } from '../protocol/did.ts';
import { did, nameOrNull, number, numberOrNull } from './cell.ts';
import { integer, integerOrNull, type Row, type Statement } from './database.ts';
import type { Numbering } from './numbering.ts';
import { valuesList } from './values-list.ts';

export function selectNodeBans(agents: Iterable<Did>, node: Did): Statement {
  return {
    sql: `SELECT a.id, a.did, n.id, n.did, o.id, o.hash, b.until
FROM json_each(?1) AS k
CROSS JOIN agents AS a ON a.did = k.value
CROSS JOIN agents AS n ON n.did = ?2
CROSS JOIN node_bans AS b ON b.agent = a.id AND b.node = n.id
LEFT JOIN objects AS o ON o.id = b.act`,
    args: [JSON.stringify([...agents]), node],
  };
}

export function readNodeBan(row: Row, numbering: Numbering): NodeBan {
  const act = nameOrNull(row, 5);
  const ban: NodeBan = { agent: did(row, 1), node: did(row, 3), act, until: numberOrNull(row, 6) };
  numbering.learnAgent(ban.agent, number(row, 0));
  numbering.learnAgent(ban.node, number(row, 2));
  if (act !== null) numbering.learnObject(act, number(row, 4));
  return ban;
}

const rows = valuesList(
  'INSERT INTO node_bans (agent, node, act, until) VALUES',
  4,
  'ON CONFLICT (agent, node) DO UPDATE SET act = excluded.act, until = excluded.until',
);

export function writeNodeBans(changed: Iterable<NodeBan>, numbering: Numbering): Statement[] {
  return rows(
    Array.from(changed, ({ act, agent, node, until }) => [
      integer(numbering.agent(agent)),
      integer(numbering.agent(node)),
      act === null ? null : integer(numbering.object(act)),
      integerOrNull(until),
    ]),
  );
}
