// What must hold of the search index of any database: it has what can be found, and keeps nothing of anything else.
import { expect } from 'vitest';
import type { Database, Row } from '../src/store/database.ts';
import { codesOf, codeTerm, readDoc, readTexts, termsOf } from '../src/store/search-docs.ts';
import { FIRST_TERM } from '../src/store/write-search.ts';
import { fill } from './fill-search.ts';

const rowsOf = async (db: Database, sql: string): Promise<Row[]> =>
  (await db.batch('read', [{ sql, args: [] }]))[0] ?? [];

/** Every pair of a term and a text that the index has, wherever in it: also those that no search would come upon. */
export async function postingsOf(db: Database): Promise<string[]> {
  // One batch: nobody else sees the table.
  const [, rows = []] = await db.batch('write', [
    {
      sql: `CREATE VIRTUAL TABLE search_terms USING fts5vocab (search_index, instance)`,
      args: [],
    },
    { sql: 'SELECT term, doc FROM search_terms WHERE term <> ?', args: [FIRST_TERM] },
    { sql: 'DROP TABLE search_terms', args: [] },
  ]);
  return rows.map(([term, doc]) => `${term} ${doc}`).sort();
}

/** Of the words of a text, those that a row or a posting of the index still has; nothing that stands may have them. */
export async function codesKept(db: Database, text: string): Promise<string[]> {
  const { codes } = codesOf({ title: '', content: text });
  const terms = new Set(Array.from(codes, codeTerm));
  const rows = (await docsOf(db)).flatMap((doc) => Array.from(doc.codes, codeTerm));
  const postings = (await postingsOf(db)).map((pair) => pair.split(' ')[0] as string);
  return [...new Set([...rows, ...postings])].filter((term) => terms.has(term));
}

export async function docsOf(db: Database) {
  const sql = 'SELECT id, kind, submolt, body, titles, codes, stale FROM search_docs ORDER BY id';
  return (await rowsOf(db, sql)).map(readDoc);
}

/** Throws unless the index has what its rows say, these have what can be found, and nothing is left to do. */
export async function checkSearch(db: Database): Promise<void> {
  await fill(db);
  const docs = await docsOf(db);
  const pairs = docs.flatMap((doc) => termsOf(doc).map((term) => `${term} ${doc.id}`));
  expect(await postingsOf(db)).toEqual(pairs.sort());
  await db.batch('write', [
    { sql: "INSERT INTO search_index (search_index) VALUES ('integrity-check')", args: [] },
  ]);
  const ids = await rowsOf(
    db,
    'SELECT object FROM items UNION SELECT object FROM submolts UNION SELECT -agent FROM profiles ORDER BY 1',
  );
  const { texts } = await readTexts(
    db,
    ids.map(([id]) => id as number),
  );
  const wanted = texts
    .sort((a, b) => a.id - b.id)
    .map((text) => {
      const { id, kind, submolt, body } = text;
      return { id, kind, submolt, body, ...codesOf(text), stale: 0 };
    });
  expect(docs).toEqual(wanted);
}
