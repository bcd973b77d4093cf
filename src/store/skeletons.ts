// What is left of erased objects, enough to replay a log without the body: author and parent of posts and comments, acts without words.
import type { ErasedCreate } from '../domain/item.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { decodeRemains, encodeRemains, type Remains } from '../protocol/remains.ts';
import { did, hexList, name, nameOrNull, textOrNull } from './cell.ts';
import { integer, type Row, type Statement } from './database.ts';
import { StoreError } from './error.ts';
import type { Numbering } from './numbering.ts';
import { valuesList } from './values-list.ts';

export interface Skeleton extends ErasedCreate {
  /** Null for a post or comment. */
  readonly remains: Remains | null;
}

/** Of an act whose words go. */
export function skeletonOf(name: ObjectName, remains: Remains): Skeleton {
  return { name, author: remains.actor, parent: null, remains };
}

export function selectSkeletons(names: Iterable<ObjectName>): Statement {
  return {
    sql: `SELECT o.hash, a.did, p.hash, s.remains FROM json_each(?1) AS k
CROSS JOIN objects AS o ON o.hash = unhex(k.value)
CROSS JOIN skeletons AS s ON s.object = o.id
JOIN agents AS a ON a.id = s.author
LEFT JOIN objects AS p ON p.id = s.parent`,
    args: [hexList(names)],
  };
}

export function readSkeleton(row: Row): Skeleton {
  const left = textOrNull(row, 3);
  const remains = left === null ? null : readRemains(left);
  return { name: name(row, 0), author: did(row, 1), parent: nameOrNull(row, 2), remains };
}

export function readRemains(text: string): Remains {
  const remains = decodeRemains(text);
  if (remains === null) throw new StoreError('corrupt', `no act is left in ${text}`);
  return remains;
}

const rows = valuesList(
  'INSERT INTO skeletons (object, author, parent, remains) VALUES',
  4,
  'ON CONFLICT (object) DO NOTHING',
);

export function insertSkeletons(erased: Iterable<Skeleton>, numbering: Numbering): Statement[] {
  return rows(
    Array.from(erased, ({ name, author, parent, remains }) => [
      integer(numbering.object(name)),
      integer(numbering.agent(author)),
      parent === null ? null : integer(numbering.object(parent)),
      remains === null ? null : encodeRemains(remains),
    ]),
  );
}
