// Submolts: the list of them, and one by any of its names.
import { toBase64 } from '../../protocol/bytes.ts';
import { hashOf, idOf, nameFromId, parseObjectName } from '../../protocol/object-name.ts';
import type { Page, SubmoltView } from '../../protocol/views.ts';
import { blob, did, didOrNull, isoTime, name, number, text, textOrNull } from '../cell.ts';
import { cosignedView } from '../cosigned.ts';
import { type Database, integer, type Row, type Statement } from '../database.ts';
import { cutPage, type Position, readCursor, TOP } from './page-cursor.ts';
import { shownDid, shownProfile } from './shown-did.ts';

type SubmoltSort = 'popular' | 'new';

export interface SubmoltQuery {
  readonly sort: SubmoltSort;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface SubmoltPage extends Page {
  readonly submolts: readonly SubmoltView[];
}

const COLUMNS = `SELECT m.object, o.hash, m.slug, m.title, m.summary, ${shownDid('w')}, f.title, h.did, e.url, l.is_home, v.did,
  m.posts, m.subscribers, m.created_at, l.origin, l.size, l.root, c.size, c.note, c.cosigned_at`;
const JOINS = `JOIN objects AS o ON o.id = m.object
JOIN agents AS w ON w.id = m.owner
JOIN agents AS h ON h.id = m.home
JOIN logs AS l ON l.submolt = m.object
LEFT JOIN cosigned AS c ON c.log = l.id
LEFT JOIN agents AS v ON v.id = m.moved_to
LEFT JOIN peers AS e ON e.did = m.home
${shownProfile('m.owner')}`;
const SORT_COLUMN: Readonly<Record<SubmoltSort, string>> = {
  popular: 'subscribers',
  new: 'created_at',
};

export async function listSubmolts(db: Database, query: SubmoltQuery): Promise<SubmoltPage> {
  const { sort, limit, cursor } = query;
  const order = `s-${sort}`;
  const from = cursor === undefined ? TOP : readCursor(order, cursor);
  const [rows = []] = await db.batch('read', [submoltsStatement(query, from)]);
  const { page, next_cursor } = cutPage(rows, limit, order, (row) => ({
    key: number(row, sort === 'popular' ? 12 : 13),
    object: number(row, 0),
  }));
  return { submolts: page.map(submoltView), next_cursor };
}

function submoltsStatement(query: SubmoltQuery, from: Position): Statement {
  const column = SORT_COLUMN[query.sort];
  return {
    sql: `WITH page (object) AS MATERIALIZED (
  SELECT m.object FROM submolts AS m WHERE (m.${column}, m.object) < (?, ?)
  ORDER BY m.${column} DESC, m.object DESC LIMIT ?
)
${COLUMNS} FROM page CROSS JOIN submolts AS m ON m.object = page.object
${JOINS}
ORDER BY m.${column} DESC, m.object DESC`,
    args: [integer(from.key), integer(from.object), integer(query.limit + 1)],
  };
}

/** Submolts by the numbers of their foundings. */
export async function submoltsByNumber(
  db: Database,
  numbers: readonly number[],
): Promise<Map<number, SubmoltView>> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `${COLUMNS} FROM json_each(?) AS k CROSS JOIN submolts AS m ON m.object = k.value
${JOINS}`,
      args: [JSON.stringify(numbers)],
    },
  ]);
  return new Map(rows.map((row) => [number(row, 0), submoltView(row)]));
}

/**
 * The submolt that `ref` names: `slug@host` for one whose home is `host`, the 43 characters of an id, an `ni:` name, or
 * a slug. A slug is of this node's own submolt, or else of the one replica that has it; among several it names none.
 */
export async function getSubmolt(db: Database, ref: string): Promise<SubmoltView | null> {
  const [slug = '', host, ...rest] = ref.split('@');
  const statements: Statement[] = [];
  // A slug has at most 30 characters and an id has 43, so no text is both.
  const object = parseObjectName(ref) ?? nameFromId(ref);
  if (object !== null) {
    statements.push({
      sql: `${COLUMNS} FROM submolts AS m ${JOINS} WHERE m.object = (SELECT id FROM objects WHERE hash = ?)`,
      args: [hashOf(object)],
    });
  } else if (rest.length === 0) {
    const where = host === undefined ? '' : "AND substr(l.origin, 1, length(?) + 5) = ? || '/log/'";
    statements.push({
      sql: `${COLUMNS} FROM submolts AS m ${JOINS} WHERE m.slug = ? ${where} ORDER BY l.is_home DESC LIMIT 2`,
      args: host === undefined ? [slug] : [slug, host.toLowerCase(), host.toLowerCase()],
    });
  }
  const [rows = []] = statements.length === 0 ? [] : await db.batch('read', statements);
  const [first, second] = rows.map(submoltView);
  if (first === undefined) return null;
  return second === undefined || first.home.local ? first : null;
}

function submoltView(row: Row): SubmoltView {
  const object = name(row, 1);
  return {
    id: idOf(object),
    object,
    name: text(row, 2),
    display_name: text(row, 3),
    description: text(row, 4),
    owner: { did: did(row, 5), name: textOrNull(row, 6) },
    home: { did: did(row, 7), url: textOrNull(row, 8), local: number(row, 9) === 1 },
    moved_to: didOrNull(row, 10),
    post_count: number(row, 11),
    subscriber_count: number(row, 12),
    created_at: isoTime(number(row, 13)),
    log: {
      origin: text(row, 14),
      size: number(row, 15),
      root: toBase64(blob(row, 16)),
      cosigned:
        row[17] === null
          ? null
          : cosignedView({
              size: number(row, 17),
              note: text(row, 18),
              cosignedAt: number(row, 19),
            }),
    },
  };
}
