// Brings the search index up to what the logs and rows say, a few texts at a time.
import { number } from './cell.ts';
import { type Database, integer, type Row, type Statement } from './database.ts';
import { StoreError } from './error.ts';
import { readTexts, type SearchDoc, type SearchText } from './search-docs.ts';
import { WORDS_VERSION } from './search-words.ts';
import { insertDocs, removeDocs } from './write-search.ts';

/** Entries, or changed texts, looked at in one step. */
const STEP = 64;
/** Bytes of texts in one step, unless the first alone has more: words are counted on the thread that answers requests. */
const STEP_BYTES = 96_000;

const STATE: Statement = { sql: 'SELECT version, words FROM search_state', args: [] };
// Fails unless nobody else has filled meanwhile: `version` is NOT NULL.
const GUARD =
  'UPDATE search_state SET version = CASE WHEN version = ?1 THEN version + 1 END, words = ?2';

/** What one step has done. */
export interface FillStep {
  /** Nothing is left to do. */
  readonly done: boolean;
  /** Something was taken out. */
  readonly removed: boolean;
}

/** Takes everything out of the index: what follows fills it anew. */
export function emptySearch(): Statement[] {
  return [
    { sql: 'DELETE FROM search_docs', args: [] },
    { sql: "INSERT INTO search_index (search_index) VALUES ('delete-all')", args: [] },
    { sql: 'DELETE FROM search_cursors', args: [] },
    { sql: 'UPDATE search_state SET version = version + 1', args: [] },
  ];
}

/** One step: first what has changed or gone, then what has come. Throws StoreError; the same step may be tried again. */
export async function fillSearch(db: Database): Promise<FillStep> {
  const [state = [], stale = [], behind = []] = await db.batch('read', [
    STATE,
    {
      sql: `SELECT d.id, coalesce(length(b.bytes), 0) FROM search_docs AS d INDEXED BY search_docs_stale
LEFT JOIN items AS i ON i.object = d.id LEFT JOIN objects AS b ON b.id = i.body
WHERE d.stale > 0 ORDER BY d.id LIMIT ?`,
      args: [integer(STEP)],
    },
    {
      sql: `SELECT l.id, coalesce(c.idx, 0), l.size FROM logs AS l LEFT JOIN search_cursors AS c ON c.log = l.id
WHERE l.submolt IS NOT NULL AND l.size > coalesce(c.idx, 0) LIMIT 1`,
      args: [],
    },
  ]);
  const [version, words] = state[0] as [number, string];
  if (words !== WORDS_VERSION && words !== '') return startAnew(db, version);
  if (stale.length > 0) {
    const ids = bounded(stale, 1).map((row) => number(row, 0));
    return write(db, version, ids, []);
  }
  const [log] = behind;
  if (log === undefined) return { done: true, removed: false };
  return follow(db, version, log);
}

/** The index was made by other rules for words. Texts that rows have are looked at again. */
async function startAnew(db: Database, version: number): Promise<FillStep> {
  await guarded(db, version, [
    ...emptySearch(),
    {
      sql: `INSERT INTO search_docs (id, kind, submolt, body, titles, codes, stale, written)
SELECT DISTINCT -agent, 'agent', 0, 0, 0, x'', 1, 0 FROM profiles
UNION ALL SELECT object, 'submolt', object, 0, 0, x'', 1, 0 FROM submolts`,
      args: [],
    },
  ]);
  return { done: false, removed: true };
}

/** The next entries of a log, and in the same batch how far it has been looked through. */
async function follow(db: Database, version: number, log: Row): Promise<FillStep> {
  const [id, start, size] = log.map(Number) as [number, number, number];
  const end = Math.min(start + STEP, size);
  const [rows = []] = await db.batch('read', [
    {
      // Of an edit whose words are erased no act is left, and its item has been marked.
      sql: `SELECT coalesce(c.on_object, e.object), coalesce(length(o.bytes), 0), e.idx FROM entries AS e
JOIN objects AS o ON o.id = e.object LEFT JOIN acts AS c ON c.object = e.object
WHERE e.log = ? AND e.idx >= ? AND e.idx < ? AND e.kind IN ('Create', 'Update') ORDER BY e.idx`,
      args: [integer(id), integer(start), integer(end)],
    },
  ]);
  const taken = bounded(rows, 1);
  const next = taken.length < rows.length ? number(rows[taken.length] as Row, 2) : end;
  const ids = [...new Set(taken.map((row) => number(row, 0)))];
  const cursor = {
    sql: `INSERT INTO search_cursors (log, idx) VALUES (?, ?) ON CONFLICT (log) DO UPDATE SET idx = excluded.idx`,
    args: [integer(id), integer(next)],
  };
  return write(db, version, ids, [cursor]);
}

/** As many rows as have `STEP_BYTES` together by that column, and at least one. */
function bounded(rows: readonly Row[], column: number): Row[] {
  let bytes = 0;
  return rows.filter((row, i) => {
    bytes += number(row, column);
    return i === 0 || bytes <= STEP_BYTES;
  });
}

async function write(
  db: Database,
  version: number,
  ids: readonly number[],
  also: readonly Statement[],
): Promise<FillStep> {
  const { docs, texts } = ids.length === 0 ? { docs: [], texts: [] } : await readTexts(db, ids);
  const old = new Map(docs.map((doc) => [doc.id, doc]));
  const changed = texts.filter((text) => isNews(text, old.get(text.id)));
  const standing = new Set(texts.map(({ id }) => id));
  const replaced = new Set(changed.map(({ id }) => id));
  const gone = docs.filter(({ id }) => replaced.has(id) || !standing.has(id));
  await guarded(db, version, [...removeDocs(gone), ...insertDocs(changed, version), ...also]);
  return { done: false, removed: gone.some(({ codes }) => codes.length > 0) };
}

function isNews(text: SearchText, doc: SearchDoc | undefined): boolean {
  return doc === undefined || doc.stale > 0 || doc.body !== text.body;
}

async function guarded(
  db: Database,
  version: number,
  statements: readonly Statement[],
): Promise<void> {
  try {
    const guard = { sql: GUARD, args: [integer(version), WORDS_VERSION] };
    await db.batch('write', [guard, ...statements]);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'constraint') throw error;
    const [rows] = await db.batch('read', [STATE]);
    if (rows?.[0]?.[0] === version) throw error;
    throw new StoreError('busy', 'another process fills the index', { cause: error });
  }
}
