// Rows of standing votes.

import type { StandingVote } from '../domain/working-set.ts';
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { did, hexOf, name, number } from './cell.ts';
import { integer, type Row, type Statement } from './database.ts';
import type { Numbering } from './numbering.ts';
import { valuesList } from './values-list.ts';

export function selectVotes(pairs: readonly (readonly [Did, ObjectName])[]): Statement {
  return {
    sql: `SELECT a.id, a.did, i.id, i.hash, c.id, c.hash, v.value FROM json_each(?1) AS k
CROSS JOIN agents AS a ON a.did = k.value ->> 0
CROSS JOIN objects AS i ON i.hash = unhex(k.value ->> 1)
CROSS JOIN votes AS v ON v.item = i.id AND v.agent = a.id
JOIN objects AS c ON c.id = v.act`,
    args: [JSON.stringify(pairs.map(([agent, item]) => [agent, hexOf(item)]))],
  };
}

export function readVote(row: Row, numbering: Numbering): StandingVote {
  const vote: StandingVote = {
    agent: did(row, 1),
    item: name(row, 3),
    act: name(row, 5),
    value: number(row, 6) as StandingVote['value'],
  };
  numbering.learnAgent(vote.agent, number(row, 0));
  numbering.learnObject(vote.item, number(row, 2));
  numbering.learnObject(vote.act, number(row, 4));
  return vote;
}

const rows = valuesList(
  'INSERT INTO votes (item, agent, act, value) VALUES',
  4,
  'ON CONFLICT (item, agent) DO UPDATE SET act = excluded.act, value = excluded.value',
);

export function writeVotes(changed: Iterable<StandingVote>, numbering: Numbering): Statement[] {
  return rows(
    Array.from(changed, (vote) => [
      integer(numbering.object(vote.item)),
      integer(numbering.agent(vote.agent)),
      integer(numbering.object(vote.act)),
      integer(vote.value),
    ]),
  );
}
