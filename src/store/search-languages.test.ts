// Which way to cut texts into words finds the most: ours against those that SQLite brings, by questions in many languages.
import Libsql from 'libsql';
import { expect, test } from 'vitest';
import { group } from '../../test/drafts.ts';
import { fill } from '../../test/fill-search.ts';
import { Agent, Sandbox } from '../../test/sandbox.ts';
import { POSTS, QUESTIONS } from '../../test/search-corpus.ts';
import { searchTexts } from './queries/search.ts';

const FIRST = 3;
type Ask = (query: string) => Promise<string[]> | string[];

/** How many of the answers are among the first few found, over all questions that have one; in percent. */
async function recall(ask: Ask): Promise<number> {
  let [found, wanted] = [0, 0];
  for (const [query, answers] of QUESTIONS) {
    const first = (await ask(query)).slice(0, FIRST);
    wanted += answers.length;
    found += answers.filter((answer) => first.includes(answer)).length;
  }
  return Math.round((100 * found) / wanted);
}

/** Any of the words, the best first by BM25: what a plain full-text index gives. */
function plain(tokenizer: string): Ask {
  const db = new Libsql(':memory:');
  db.exec(
    `CREATE VIRTUAL TABLE t USING fts5 (name UNINDEXED, title, body, tokenize = '${tokenizer}')`,
  );
  for (const [name, [title, text]] of Object.entries(POSTS)) {
    db.prepare('INSERT INTO t VALUES (?, ?, ?)').run(name, title, text);
  }
  const find = db.prepare('SELECT name FROM t WHERE t MATCH ? ORDER BY rank LIMIT 10').raw(true);
  return (query) => {
    const words = query.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
    const rows = find.all(words.map((word) => `"${word}"`).join(' OR ')) as string[][];
    return rows.map(([name]) => name as string);
  };
}

test('finds more than the tokenizers of SQLite, in languages with and without spaces', async () => {
  const node = await Sandbox.open();
  const ada = new Agent('ada');
  const submolt = await node.accept(ada, group('general'));
  const names = new Map<string, string>();
  for (const [name, [title, content]] of Object.entries(POSTS)) {
    const object = { type: 'Article', name: title, content, mediaType: 'text/plain' } as const;
    await node.accept(ada, { type: 'Create', audience: submolt, object });
    names.set(title, name);
  }
  await fill(node.db);
  const ours: Ask = async (q) => {
    const query = { q, type: 'posts', limit: 10, now: node.clock.now } as const;
    const { results } = await searchTexts(node.db, query);
    return results.map(({ title }) => names.get(title ?? '') ?? '');
  };
  const reached = {
    ours: await recall(ours),
    unicode61: await recall(plain('unicode61 remove_diacritics 2')),
    porter: await recall(plain('porter unicode61 remove_diacritics 2')),
    trigram: await recall(plain('trigram')),
  };
  expect(reached).toEqual({ ours: 92, unicode61: 51, porter: 63, trigram: 59 });
  for (const [query, answers] of QUESTIONS) {
    if (answers.length === 0) expect(await ours(query)).toEqual([]);
  }
  await node.close();
});
