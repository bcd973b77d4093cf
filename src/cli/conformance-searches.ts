// What any node that searches must answer, however it tells words apart; and what it must not find.
import { setTimeout } from 'node:timers/promises';
import { idOf } from '../protocol/object-name.ts';
import type { SearchResult, StatsView } from '../protocol/views.ts';
import {
  type Case,
  every,
  expectRefusal,
  expectSuccess,
  holds,
  type Outcome,
} from './conformance-case.ts';
import type { Live } from './conformance-live.ts';

const group = 'searches';
/** Milliseconds that an index may be behind. */
const PATIENCE = 10_000;

interface Answer {
  readonly results: readonly SearchResult[];
  readonly count: number;
  readonly has_more: boolean;
  readonly next_cursor: string | null;
}

const get = (live: Live, target: string) => live.read(live.agent('bede'), `/api/v1${target}`);

async function search(live: Live, query: Record<string, string>): Promise<Answer> {
  const answer = await get(live, `/search?${new URLSearchParams(query)}`);
  const success = expectSuccess(answer, 200, live);
  if (success.kind === 'failed') throw new Error(`search: ${success.got}`);
  return answer.json as unknown as Answer;
}

const CASES: readonly (readonly [name: string, run: (live: Live) => Promise<Outcome>])[] = [
  [
    'a post by words of its title, in pages',
    async (live) => {
      const { of } = await live.stage();
      const query = {
        q: 'THE POST',
        type: 'posts',
        submolt: `conformance-${live.tag}`,
        limit: '1',
      };
      const wanted = idOf(of('post'));
      const until = Date.now() + PATIENCE;
      for (;;) {
        const found: SearchResult[] = [];
        let cursor: string | null = '';
        while (cursor !== null && found.length < 50) {
          const page: Answer = await search(live, { ...query, ...(cursor && { cursor }) });
          found.push(...page.results);
          cursor = page.next_cursor;
        }
        const result = found.find(({ id }) => id === wanted);
        if (result === undefined && Date.now() < until) {
          await setTimeout(200);
          continue;
        }
        const distinct = new Set(found.map(({ id }) => id)).size === found.length;
        return every(
          holds(result?.type === 'post', `post ${wanted}`, JSON.stringify(found)),
          holds(result?.object === of('post'), of('post'), `${result?.object}`),
          holds(result?.title === 'The post, edited', 'The post, edited', `${result?.title}`),
          holds(distinct, 'each once', `${found.length} results`),
        );
      }
    },
  ],
  [
    'no sign of a query is an instruction',
    async (live) => {
      for (const q of ['"', 'a AND (', 'NEAR(', "' OR 1=1 --", '*', ':', '^-+', '🦞']) {
        const { count, results } = await search(live, { q });
        if (count !== results.length) return holds(false, `${results.length}`, `count ${count}`);
      }
      return holds(true, 'answers', 'answers');
    },
  ],
  [
    'refuses a query that is missing or too long, and a cursor of another',
    async (live) => {
      const refused = async (target: string) =>
        expectRefusal(await get(live, target), 'bad_parameter', live);
      return every(
        await refused('/search'),
        await refused(`/search?q=${'x'.repeat(501)}`),
        await refused('/search?q=x&type=votes'),
        await refused('/search?q=x&cursor=abc'),
      );
    },
  ],
  [
    'counts that fit together',
    async (live) => {
      const answer = await get(live, '/stats');
      const stats = (answer.json as { stats?: StatsView } | null)?.stats;
      if (stats === undefined) return holds(false, 'stats', JSON.stringify(answer.json));
      const { comments, home, posts, submolts, votes } = stats;
      const part =
        home.posts <= posts &&
        home.comments <= comments &&
        home.votes <= votes &&
        home.submolts <= submolts;
      return every(
        holds(part, 'home within all', JSON.stringify(stats)),
        holds(stats.entries >= posts + comments, 'an entry for each', JSON.stringify(stats)),
        holds(typeof stats.method === 'object', 'a method', `${stats.method}`),
      );
    },
  ],
];

export const SEARCH_CASES: readonly Case[] = CASES.map(([name, run]) => ({ group, name, run }));
