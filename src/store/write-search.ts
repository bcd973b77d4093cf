// The statements that put texts into the search index and take them out.
import { integer, type Statement } from './database.ts';
import { codesOf, packCodes, type SearchDoc, type SearchText, termsOf } from './search-docs.ts';

/** Below every other number and every term: it keeps its place when what stands behind it is taken out. */
const FIRST_NUMBER = -(2 ** 52);
export const FIRST_TERM = '00000000';

/** Takes texts out as they were read, but for those that have changed since: these are left for another time. */
export function removeDocs(docs: readonly SearchDoc[]): Statement[] {
  if (docs.length === 0) return [];
  const list = docs.map((doc) => [doc.id, doc.stale, termsOf(doc).join(' ')]);
  const known = docs.filter(({ codes }) => codes.length > 0);
  return [
    ...(known.length === 0 ? [] : [removeTerms(list)]),
    {
      sql: `DELETE FROM search_docs WHERE id IN (SELECT d.id FROM json_each(?) AS k
CROSS JOIN search_docs AS d ON d.id = k.value ->> 0 AND d.stale = k.value ->> 1)`,
      args: [JSON.stringify(list.map(([id, stale]) => [id, stale]))],
    },
  ];
}

function removeTerms(list: readonly unknown[]): Statement {
  return {
    sql: `INSERT INTO search_index (search_index, rowid, codes) SELECT 'delete', d.id, k.value ->> 2 FROM json_each(?) AS k
CROSS JOIN search_docs AS d ON d.id = k.value ->> 0 AND d.stale = k.value ->> 1 AND length(d.codes) > 0 ORDER BY d.id`,
    args: [JSON.stringify(list)],
  };
}

/**
 * Puts texts in whose words are still there; `round` is a number that no round before had. What goes into the index is one
 * statement, since FTS5 begins a new segment with each, and wherever numbers go down. In front of them goes a term that is never
 * taken out: the check of SQLite 3.45 takes a segment for damaged whose first page `secure-delete` has left without one.
 */
export function insertDocs(texts: readonly SearchText[], round: number): Statement[] {
  if (texts.length === 0) return [];
  const docs = texts.map((text) => ({ ...text, ...codesOf(text) }));
  const list = docs.map((doc) => [doc.id, termsOf(doc).join(' ')]);
  return [
    ...docs.map(({ body, codes, id, kind, submolt, titles }) => ({
      sql: `INSERT INTO search_docs (id, kind, submolt, body, titles, codes, stale, written)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, 0, ?7 WHERE ?4 = 0 OR EXISTS (SELECT 1 FROM items AS i JOIN objects AS o ON o.id = i.body
  WHERE i.object = ?1 AND i.body = ?4 AND i.deleted = 0 AND o.bytes IS NOT NULL)
ON CONFLICT (id) DO NOTHING`,
      args: [
        ...[integer(id), kind, integer(submolt), integer(body), integer(titles)],
        ...[packCodes(codes), integer(round)],
      ],
    })),
    {
      sql: `INSERT INTO search_index (rowid, codes) SELECT ?1, '${FIRST_TERM}' UNION ALL
SELECT d.id, k.value ->> 1 FROM json_each(?2) AS k CROSS JOIN search_docs AS d ON d.id = k.value ->> 0 AND d.written = ?3
ORDER BY 1`,
      args: [integer(FIRST_NUMBER + round), JSON.stringify(list), integer(round)],
    },
  ];
}
