// Compares the search index with what can be found, text by text, and with itself, term by term.
import type { Database } from '../store/database.ts';
import { fillSearch } from '../store/fill-search.ts';
import { codesOf, readTexts, termsOf } from '../store/search-docs.ts';
import { FIRST_TERM } from '../store/write-search.ts';
import { type Fault, fault } from './fault.ts';

/** Texts compared at a time. */
const STEP = 256;

const ALL = `SELECT object FROM items UNION SELECT object FROM submolts UNION SELECT -agent FROM profiles
UNION SELECT id FROM search_docs ORDER BY 1`;

/** Brings the index of `copy` up to date, which must be a copy that nobody else uses, and looks at what that gives. */
export async function findSearchFaults(copy: Database): Promise<Fault[]> {
  while (!(await fillSearch(copy)).done);
  const [rows = []] = await copy.batch('read', [{ sql: ALL, args: [] }]);
  const ids = rows.map(([id]) => id as number);
  const faults: Fault[] = [];
  const texts = new Map<string, number>();
  for (let at = 0; at < ids.length; at += STEP) {
    faults.push(...(await compare(copy, ids.slice(at, at + STEP), texts)));
  }
  return [...faults, ...(await compareTerms(copy, texts))];
}

/** Counts in `terms` in how many texts each term is, by the rows. */
async function compare(
  copy: Database,
  ids: readonly number[],
  terms: Map<string, number>,
): Promise<Fault[]> {
  const found = await readTexts(copy, ids);
  const texts = new Map(found.texts.map((text) => [text.id, text]));
  const docs = new Map(found.docs.map((doc) => [doc.id, doc]));
  for (const doc of found.docs) {
    for (const term of termsOf(doc)) terms.set(term, (terms.get(term) ?? 0) + 1);
  }
  return ids.flatMap((id): Fault[] => {
    const [text, doc] = [texts.get(id), docs.get(id)];
    if (text === undefined && doc === undefined) return [];
    if (text === undefined) return [fault('search_docs', `id ${id}`, 'there is no such text')];
    if (doc === undefined) return [fault('search_docs', `id ${id}`, 'the row is missing')];
    const { codes, titles } = codesOf(text);
    const same =
      doc.kind === text.kind &&
      doc.submolt === text.submolt &&
      doc.body === text.body &&
      doc.titles === titles &&
      doc.codes.join() === codes.join();
    return same ? [] : [fault('search_docs', `id ${id}`, 'it is not what the text has')];
  });
}

async function compareTerms(copy: Database, texts: ReadonlyMap<string, number>): Promise<Fault[]> {
  // One batch: nobody else sees the table.
  const [, rows = []] = await copy.batch('write', [
    {
      sql: 'CREATE VIRTUAL TABLE search_terms USING fts5vocab (search_index, row)',
      args: [],
    },
    { sql: 'SELECT term, doc FROM search_terms', args: [] },
    { sql: 'DROP TABLE search_terms', args: [] },
  ]);
  const index = new Map(rows.map(([term, count]) => [`${term}`, count as number]));
  index.delete(FIRST_TERM);
  const wrong = [...texts.keys(), ...index.keys()].find(
    (term) => texts.get(term) !== index.get(term),
  );
  if (wrong === undefined) return [];
  return [fault('search_index', `term ${wrong}`, 'it is not in as many texts as the rows say')];
}
