// Rows of what agents are told of: mentions by DID, notices by number.
import type { Mention, Notice } from '../domain/working-set.ts';
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { did, hexList, name, number } from './cell.ts';
import { integer, type Row, type Statement } from './database.ts';
import type { Numbering } from './numbering.ts';
import { valuesList } from './values-list.ts';

export function selectMentions(items: Iterable<ObjectName>): Statement {
  return {
    sql: `SELECT i.id, i.hash, m.did, o.id, o.hash FROM json_each(?1) AS k
CROSS JOIN objects AS i ON i.hash = unhex(k.value)
CROSS JOIN mentions AS m ON m.item = i.id
JOIN objects AS o ON o.id = m.act`,
    args: [hexList(items)],
  };
}

export function readMention(row: Row, numbering: Numbering): Mention {
  const mention: Mention = { item: name(row, 1), agent: did(row, 2), act: name(row, 4) };
  numbering.learnObject(mention.item, number(row, 0));
  numbering.learnObject(mention.act, number(row, 3));
  return mention;
}

const mentionRows = valuesList(
  'INSERT INTO mentions (item, did, act) VALUES',
  3,
  'ON CONFLICT (item, did) DO UPDATE SET act = excluded.act',
);

export function writeMentions(changed: Iterable<Mention>, numbering: Numbering): Statement[] {
  return mentionRows(
    Array.from(changed, ({ item, agent, act }) => [
      integer(numbering.object(item)),
      agent,
      integer(numbering.object(act)),
    ]),
  );
}

/** `keys` are pairs of item and DID, as `keyOf` writes them. */
export function deleteMentions(keys: Iterable<string>, numbering: Numbering): Statement[] {
  return Array.from(keys, (key) => {
    const [item, agent] = key.split(' ') as [ObjectName, Did];
    return {
      sql: 'DELETE FROM mentions WHERE item = ? AND did = ?',
      args: [integer(numbering.object(item)), agent],
    };
  });
}

/** All of an item whose words this node has dropped. */
export function deleteMentionsOf(item: number): Statement {
  return { sql: 'DELETE FROM mentions WHERE item = ?', args: [integer(item)] };
}

// An item is told of with as many votes as it ever had: votes that come and go tell nobody twice.
const noticeRows = valuesList(
  'INSERT INTO notices (about, topic, agent, act, value) VALUES',
  5,
  `ON CONFLICT (about, topic, agent) DO UPDATE SET act = excluded.act, value = excluded.value
WHERE excluded.topic <> 'votes' OR excluded.value > notices.value`,
);

export function writeNotices(changed: Iterable<Notice>, numbering: Numbering): Statement[] {
  return noticeRows(
    Array.from(changed, ({ about, topic, agent, act, value }) => [
      integer(numbering.object(about)),
      topic,
      integer(numbering.agent(agent)),
      integer(numbering.object(act)),
      integer(value),
    ]),
  );
}
