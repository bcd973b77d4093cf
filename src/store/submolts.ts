// Rows of submolts.

import type { Submolt } from '../domain/working-set.ts';
import { idOf, type ObjectName } from '../protocol/object-name.ts';
import { did, didOrNull, hexList, name, number, text } from './cell.ts';
import { integer, type Row, type Statement } from './database.ts';
import type { Numbering } from './numbering.ts';
import { valuesList } from './values-list.ts';

const COLUMNS = `s.object, o.hash, s.slug, h.id, h.did, w.id, w.did, s.title, s.summary, s.created_at,
  s.posts, s.pinned, s.subscribers, m.id, m.did, b.id, b.hash`;
const JOINS = `JOIN objects AS o ON o.id = s.object
JOIN agents AS h ON h.id = s.home
JOIN agents AS w ON w.id = s.owner
JOIN objects AS b ON b.id = s.described_by
LEFT JOIN agents AS m ON m.id = s.moved_to`;

export function selectSubmolts(names: Iterable<ObjectName>): Statement {
  return {
    sql: `SELECT ${COLUMNS} FROM json_each(?1) AS k
CROSS JOIN objects AS n ON n.hash = unhex(k.value)
CROSS JOIN submolts AS s ON s.object = n.id
${JOINS}`,
    args: [hexList(names)],
  };
}

/** The submolts that have one of these slugs at this home. */
export function selectSubmoltsBySlug(slugs: Iterable<string>, home: string): Statement {
  return {
    sql: `SELECT ${COLUMNS} FROM json_each(?1) AS k
CROSS JOIN agents AS n ON n.did = ?2
CROSS JOIN submolts AS s ON s.slug = k.value AND s.home = n.id
${JOINS}`,
    args: [JSON.stringify([...slugs]), home],
  };
}

export function readSubmolt(row: Row, numbering: Numbering): Submolt {
  const movedTo = didOrNull(row, 14);
  const submolt: Submolt = {
    name: name(row, 1),
    slug: text(row, 2),
    home: did(row, 4),
    owner: did(row, 6),
    title: text(row, 7),
    summary: text(row, 8),
    describedBy: name(row, 16),
    createdAt: number(row, 9),
    posts: number(row, 10),
    pinned: number(row, 11),
    subscribers: number(row, 12),
    movedTo,
  };
  numbering.learnObject(submolt.name, number(row, 0));
  numbering.learnObject(submolt.describedBy, number(row, 15));
  numbering.learnAgent(submolt.home, number(row, 3));
  numbering.learnAgent(submolt.owner, number(row, 5));
  if (movedTo !== null) numbering.learnAgent(movedTo, number(row, 13));
  return submolt;
}

const rows = valuesList(
  `INSERT INTO submolts (object, slug, home, owner, title, summary, described_by, created_at, posts, pinned, subscribers,
  moved_to) VALUES`,
  12,
  `ON CONFLICT (object) DO UPDATE SET home = excluded.home, title = excluded.title, summary = excluded.summary,
  described_by = excluded.described_by, posts = excluded.posts, pinned = excluded.pinned, subscribers = excluded.subscribers, moved_to = excluded.moved_to`,
);
const counts = valuesList(
  'UPDATE submolts SET posts = v.column2, pinned = v.column3 FROM (VALUES',
  3,
  ') AS v WHERE submolts.object = v.column1',
);

/** `before` gives the row as it was loaded: most writes change the tallies of posts alone. */
export function writeSubmolts(
  changed: Iterable<Submolt>,
  before: (name: ObjectName) => Submolt | undefined,
  numbering: Numbering,
): Statement[] {
  const whole = [];
  const tallies = [];
  for (const row of changed) {
    const old = before(row.name);
    const object = integer(numbering.object(row.name));
    if (old !== undefined && sameButPosts(old, row)) {
      tallies.push([object, integer(row.posts), integer(row.pinned)]);
      continue;
    }
    whole.push([
      object,
      row.slug,
      integer(numbering.agent(row.home)),
      integer(numbering.agent(row.owner)),
      row.title,
      row.summary,
      integer(numbering.object(row.describedBy)),
      integer(row.createdAt),
      integer(row.posts),
      integer(row.pinned),
      integer(row.subscribers),
      row.movedTo === null ? null : integer(numbering.agent(row.movedTo)),
    ]);
  }
  return [...rows(whole), ...counts(tallies)];
}

/** This node has dropped the founding or description `act`: its words go, and with a founding the slug. */
export function blankDescription(act: ObjectName, object: number): Statement[] {
  return [
    {
      sql: 'UPDATE submolts SET slug = ? WHERE object = ?',
      args: [idOf(act), integer(object)],
    },
    {
      sql: "UPDATE submolts SET title = slug, summary = '' WHERE described_by = ?",
      args: [integer(object)],
    },
  ];
}

function sameButPosts(a: Submolt, b: Submolt): boolean {
  return (
    a.title === b.title &&
    a.summary === b.summary &&
    a.describedBy === b.describedBy &&
    a.home === b.home &&
    a.subscribers === b.subscribers &&
    a.movedTo === b.movedTo
  );
}
