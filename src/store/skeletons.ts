// What is left of erased posts and comments: author and parent, enough to replay a log without the body.
import type { ErasedCreate } from '../domain/item.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { did, hexList, name, nameOrNull } from './cell.ts';
import { integer, type Row, type Statement } from './database.ts';
import type { Numbering } from './numbering.ts';
import { valuesList } from './values-list.ts';

export function selectSkeletons(names: Iterable<ObjectName>): Statement {
  return {
    sql: `SELECT o.hash, a.did, p.hash FROM json_each(?1) AS k
CROSS JOIN objects AS o ON o.hash = unhex(k.value)
CROSS JOIN skeletons AS s ON s.object = o.id
JOIN agents AS a ON a.id = s.author
LEFT JOIN objects AS p ON p.id = s.parent`,
    args: [hexList(names)],
  };
}

export function readSkeleton(row: Row): ErasedCreate {
  return { name: name(row, 0), author: did(row, 1), parent: nameOrNull(row, 2) };
}

const rows = valuesList(
  'INSERT INTO skeletons (object, author, parent) VALUES',
  3,
  'ON CONFLICT (object) DO NOTHING',
);

export function insertSkeletons(erased: Iterable<ErasedCreate>, numbering: Numbering): Statement[] {
  return rows(
    Array.from(erased, ({ name, author, parent }) => [
      integer(numbering.object(name)),
      integer(numbering.agent(author)),
      parent === null ? null : integer(numbering.object(parent)),
    ]),
  );
}
