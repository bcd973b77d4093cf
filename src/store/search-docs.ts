// Texts as the search index has them, and as they are now: what words they have, and under which terms they stand.
import { wordsOf } from '../domain/item.ts';
import type { Article, Note } from '../protocol/activity.ts';
import { decodeUtf8 } from '../protocol/bytes.ts';
import { blob, number, text, textOrNull } from './cell.ts';
import type { Database, Row } from './database.ts';
import { shownProfile } from './queries/shown-did.ts';
import { runsIn } from './search-words.ts';

export type SearchKind = 'post' | 'comment' | 'submolt' | 'agent';

/** Different words of one text that can be found. What is taken out costs some 60 µs a word. */
const MAX_CODES = 2000;

/** A text as it is to be found; `id` is the number of a post, comment or submolt, or minus that of an agent. */
export interface SearchText {
  readonly id: number;
  readonly kind: SearchKind;
  /** Number of the submolt it is in; 0 for an agent. */
  readonly submolt: number;
  /** Number of the object whose bytes the words are in; 0 where they are in a row. */
  readonly body: number;
  readonly title: string;
  readonly content: string;
}

/** A text as the index has it. */
export interface SearchDoc {
  readonly id: number;
  readonly kind: SearchKind;
  readonly submolt: number;
  readonly body: number;
  /** The first so many codes are in the title. */
  readonly titles: number;
  readonly codes: Uint32Array;
  /** Changes that the index has not seen. */
  readonly stale: number;
}

const DOC_COLUMNS = 'd.id, d.kind, d.submolt, d.body, d.titles, d.codes, d.stale';

export function readDoc(row: Row): SearchDoc {
  return {
    id: number(row, 0),
    kind: text(row, 1) as SearchKind,
    submolt: number(row, 2),
    body: number(row, 3),
    titles: number(row, 4),
    codes: unpackCodes(blob(row, 5)),
    stale: number(row, 6),
  };
}

/** The texts of these numbers that can be found now, and how the index has them. */
export async function readTexts(
  db: Database,
  ids: readonly number[],
): Promise<{ readonly texts: SearchText[]; readonly docs: SearchDoc[] }> {
  const list = JSON.stringify(ids);
  const [items = [], submolts = [], agents = [], docs = []] = await db.batch('read', [
    {
      sql: `SELECT i.object, i.parent IS NULL, i.submolt, i.body, b.bytes FROM json_each(?) AS k
CROSS JOIN items AS i ON i.object = k.value JOIN objects AS b ON b.id = i.body
WHERE i.deleted = 0 AND b.bytes IS NOT NULL`,
      args: [list],
    },
    {
      sql: `SELECT m.object, m.slug, m.title, m.summary FROM json_each(?) AS k CROSS JOIN submolts AS m ON m.object = k.value`,
      args: [list],
    },
    {
      sql: `SELECT a.id, f.title, f.summary FROM json_each(?) AS k CROSS JOIN agents AS a ON a.id = -k.value
${shownProfile('a.id')} WHERE f.title IS NOT NULL`,
      args: [list],
    },
    {
      sql: `SELECT ${DOC_COLUMNS} FROM json_each(?) AS k CROSS JOIN search_docs AS d ON d.id = k.value`,
      args: [list],
    },
  ]);
  const texts = [
    ...items.map((row): SearchText => {
      const { object } = JSON.parse(decodeUtf8(blob(row, 4))) as { object: Article | Note };
      const { content, title, url } = wordsOf(object);
      const [id, submolt, body] = [number(row, 0), number(row, 2), number(row, 3)];
      const kind = number(row, 1) === 1 ? 'post' : 'comment';
      return { id, kind, submolt, body, title, content: `${content}\n${url ?? ''}` };
    }),
    ...submolts.map((row): SearchText => {
      const id = number(row, 0);
      const title = `${text(row, 1)} ${text(row, 2)}`;
      return { id, kind: 'submolt', submolt: id, body: 0, title, content: text(row, 3) };
    }),
    ...agents.map((row): SearchText => {
      const [id, title, content] = [-number(row, 0), text(row, 1), textOrNull(row, 2) ?? ''];
      return { id, kind: 'agent', submolt: 0, body: 0, title, content };
    }),
  ];
  return { texts, docs: docs.map(readDoc) };
}

/** The words of a text, those of its title first. */
export function codesOf({
  content,
  title,
}: Pick<SearchText, 'content' | 'title'>): Pick<SearchDoc, 'codes' | 'titles'> {
  const codes = new Set<number>();
  collect(title, codes);
  const titles = codes.size;
  collect(content, codes);
  return { codes: Uint32Array.from(codes), titles };
}

function collect(text: string, codes: Set<number>): void {
  for (const run of runsIn(text)) {
    for (const code of run.codes) codes.add(code);
    if (codes.size >= MAX_CODES) return;
  }
}

/** What the index is given of a text, and has to be given again to take it out. */
export function termsOf({
  codes,
  kind,
  submolt,
}: Pick<SearchDoc, 'codes' | 'kind' | 'submolt'>): string[] {
  const terms = [kindTerm(kind), ...(submolt === 0 ? [] : [submoltTerm(submolt)])];
  for (const code of codes) terms.push(codeTerm(code));
  return terms;
}

// A code has at most six digits, so these are none.
export function kindTerm(kind: SearchKind): string {
  return `kind${kind}`;
}

export function submoltTerm(submolt: number): string {
  return `within${submolt.toString(36)}`;
}

export function codeTerm(code: number): string {
  return code.toString(36);
}

export function packCodes(codes: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(codes.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, code] of codes.entries()) view.setUint32(4 * i, code);
  return bytes;
}

export function unpackCodes(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const codes = new Uint32Array(bytes.length / 4);
  for (let i = 0; i < codes.length; i++) codes[i] = view.getUint32(4 * i);
  return codes;
}
