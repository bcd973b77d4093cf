// Which texts have most of the words that somebody looks for: a bounded number of short walks through the index.
import { setImmediate } from 'node:timers/promises';
import { blob, number } from '../cell.ts';
import { type Database, integer, type Row, type Statement } from '../database.ts';
import { codeTerm, kindTerm, type SearchKind, submoltTerm, unpackCodes } from '../search-docs.ts';

/** Words of a query that are looked for: those that the fewest texts have. */
const MAX_WORDS = 12;
/** Words of a query of which that is asked. */
const MAX_ASKED = 32;
/** The newest texts that one walk gives. */
const WALK = 256;
/** Texts whose words are compared with those of the query. */
const MAX_COMPARED = 400;
/** Of what a query weighs, texts with less have nothing to do with it. */
const WEAK = 0.34;
/** What a word counts that is in the text and not in its title. */
const IN_TEXT = 0.8;
const EVERY_KIND = 4;

export interface Search {
  /** Codes of the words, each once. */
  readonly wanted: readonly number[];
  readonly kinds: readonly SearchKind[];
  /** Number of the only submolt that is searched. */
  readonly submolt: number | null;
  /** The highest number of a text that is looked at: later ones would shift pages. */
  readonly top: number;
  /** Milliseconds. */
  readonly now: number;
}

/** A text that has been found; `similarity` is in ten-thousandths. */
export interface Hit {
  readonly id: number;
  readonly kind: SearchKind;
  readonly similarity: number;
}

interface Word {
  readonly code: number;
  /** What finding it says: the fewer texts have it, the more. */
  readonly weight: number;
  readonly ids: readonly number[];
}

/** The best first, the newest first among equals. */
export async function findHits(db: Database, search: Search): Promise<Hit[]> {
  const words = await weigh(db, search);
  if (words.length === 0) return [];
  const candidates = new Map<number, number>();
  for (const { ids, weight } of words) {
    for (const id of ids) candidates.set(id, (candidates.get(id) ?? 0) + weight);
  }
  const note = (id: number, weight: number) =>
    candidates.set(id, Math.max(candidates.get(id) ?? 0, weight));
  const there = words.filter(({ ids }) => ids.length > 0);
  for (const { group, kinds } of walksOf(there, search.kinds)) {
    const weight = group.reduce((sum, word) => sum + word.weight, 0);
    const codes = group.map(({ code }) => code);
    for (const id of await walk(db, search, kinds, codes)) note(id, weight);
  }
  const best = [...candidates].sort(([a, x], [b, y]) => y - x || b - a).slice(0, MAX_COMPARED);
  return compare(
    db,
    search,
    words,
    best.map(([id]) => id),
  );
}

interface Walk {
  readonly group: readonly Word[];
  readonly kinds: readonly SearchKind[];
}

/** All words together, of each kind; and all but one: a text that lacks one may still be what is looked for. */
function walksOf(words: readonly Word[], kinds: readonly SearchKind[]): Walk[] {
  const walks: Walk[] = kinds.map((kind) => ({ group: words, kinds: [kind] }));
  if (words.length < 3) return walks;
  for (const word of words) walks.push({ group: words.filter((one) => one !== word), kinds });
  return walks;
}

/** The words that the fewest texts have, with the newest of these texts. */
async function weigh(db: Database, search: Search): Promise<Word[]> {
  const total = await estimateTexts(db, search.top);
  const words: Word[] = [];
  for (const code of search.wanted.slice(0, MAX_ASKED)) {
    const ids = await walk(db, search, search.kinds, [code]);
    const has = ids.length < WALK ? ids.length : density(ids, search.top);
    const weight = Math.max(Math.log(1 + (total - has + 0.5) / (has + 0.5)), 0.05);
    words.push({ code, weight, ids });
  }
  const found = words.filter(({ ids }) => ids.length > 0);
  if (found.length === 0) return [];
  // That a word is in no text at all says less against a text than that it lacks one that others have.
  const least = Math.min(...found.map(({ weight }) => weight));
  const lost = words
    .filter(({ ids }) => ids.length === 0)
    .map((word) => ({ ...word, weight: least / 2 }));
  return [...found.sort((a, b) => b.weight - a.weight), ...lost].slice(0, MAX_WORDS);
}

/** As many as there are if they are everywhere as thick as among the newest. */
function density(newest: readonly number[], top: number): number {
  const last = newest.at(-1) ?? 0;
  return last <= 0 ? newest.length : (newest.length * top) / Math.max(top - last, 1);
}

async function estimateTexts(db: Database, top: number): Promise<number> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT id FROM search_docs WHERE id <= ? ORDER BY id DESC LIMIT ${WALK}`,
      args: [integer(top)],
    },
  ]);
  const ids = rows.map((row) => number(row, 0));
  return ids.length < WALK ? ids.length : density(ids, top);
}

/** The newest texts of these kinds that have all these words. */
async function walk(
  db: Database,
  { submolt, top }: Search,
  kinds: readonly SearchKind[],
  codes: readonly number[],
): Promise<number[]> {
  // Everything that stands here was made here: no sign of what somebody has typed is in it.
  const terms = codes.map((code) => `"${codeTerm(code)}"`);
  if (submolt !== null) terms.push(`"${submoltTerm(submolt)}"`);
  if (kinds.length < EVERY_KIND) {
    terms.push(`(${kinds.map((kind) => `"${kindTerm(kind)}"`).join(' OR ')})`);
  }
  const statement: Statement = {
    sql: `SELECT rowid FROM search_index WHERE search_index MATCH ? AND rowid <= ? ORDER BY rowid DESC LIMIT ${WALK}`,
    args: [terms.join(' AND '), integer(top)],
  };
  const [rows = []] = await db.batch('read', [statement]);
  // Others have their turn between two walks.
  await setImmediate();
  return rows.map((row) => number(row, 0));
}

/** What stands of them, by how much of the query it has. */
async function compare(
  db: Database,
  { kinds, now }: Search,
  words: readonly Word[],
  ids: readonly number[],
): Promise<Hit[]> {
  const [rows = []] = await db.batch('read', [
    { sql: STANDING, args: [JSON.stringify(ids), integer(now)] },
  ]);
  const whole = words.reduce((sum, { weight }) => sum + weight, 0);
  const weights = new Map(words.map(({ code, weight }) => [code, weight]));
  const hits = rows.flatMap((row: Row): Hit[] => {
    const kind = row[1] as SearchKind;
    if (!kinds.includes(kind)) return [];
    const titles = number(row, 2);
    let found = 0;
    let at = 0;
    // Each code is there once.
    for (const code of unpackCodes(blob(row, 3))) {
      const weight = weights.get(code);
      if (weight !== undefined) found += at < titles ? weight : weight * IN_TEXT;
      at += 1;
    }
    if (found < whole * WEAK) return [];
    return [{ id: number(row, 0), kind, similarity: Math.round((found / whole) * 10_000) }];
  });
  return hits.sort((a, b) => b.similarity - a.similarity || b.id - a.id);
}

/** What lists show can be found, and nothing else: what was removed, erased or withdrawn is not, nor below it. */
const STANDING = `SELECT d.id, d.kind, d.titles, d.codes FROM json_each(?1) AS k
CROSS JOIN search_docs AS d ON d.id = k.value
LEFT JOIN items AS i ON i.object = d.id LEFT JOIN items AS r ON r.object = i.root
WHERE CASE WHEN d.kind IN ('post', 'comment') THEN
    i.removed = 0 AND i.deleted = 0 AND r.removed = 0 AND r.deleted = 0
    AND NOT EXISTS (SELECT 1 FROM withdrawals WHERE object IN (i.object, i.root))
  WHEN d.kind = 'agent' THEN
    NOT EXISTS (SELECT 1 FROM node_bans AS b WHERE b.agent = -d.id
      AND b.node = (SELECT home FROM logs WHERE is_home = 1 AND submolt IS NULL)
      AND b.act IS NOT NULL AND coalesce(b.until > ?2, true))
  ELSE true END`;
