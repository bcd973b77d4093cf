// Whom arrivals concern: the agents that are told of each, whether or not it is shown to them in the end.
import type { Did } from '../../protocol/did.ts';
import { did, number } from '../cell.ts';
import type { Database } from '../database.ts';
import type { Arrival } from './arrivals.ts';

/** Subjects of agents, by the number of the act. */
export type Addressees = ReadonlyMap<number, ReadonlySet<Did>>;

export async function findAddressees(
  db: Database,
  arrivals: readonly Arrival[],
): Promise<Addressees> {
  const acts = JSON.stringify(arrivals.map(({ object }) => object));
  const items = JSON.stringify(arrivals.flatMap(({ item }) => item?.object ?? []));
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT i.object, a.did FROM json_each(?1) AS k
CROSS JOIN items AS i ON i.object = k.value AND i.answers IS NOT NULL
JOIN agents AS a ON a.id = i.answers
UNION ALL SELECT m.act, m.did FROM json_each(?2) AS k
CROSS JOIN mentions AS m ON m.item = k.value WHERE m.act IN (SELECT value FROM json_each(?1))
UNION ALL SELECT n.act, a.did FROM json_each(?1) AS k
CROSS JOIN notices AS n ON n.act = k.value JOIN agents AS a ON a.id = n.agent
UNION ALL SELECT c.object, a.did FROM json_each(?1) AS k
CROSS JOIN acts AS c ON c.object = k.value AND c.kind = 'Follow' JOIN agents AS a ON a.id = c.on_agent`,
      args: [acts, items],
    },
  ]);
  const told = new Map<number, Set<Did>>();
  for (const row of rows) {
    const act = number(row, 0);
    told.set(act, (told.get(act) ?? new Set()).add(did(row, 1)));
  }
  return told;
}
