// What a search has found as it is shown: the words, a piece of them that says why, and where it stands.
import type { AgentView, PostView, SearchResult, SubmoltView } from '../../protocol/views.ts';
import { number } from '../cell.ts';
import type { Database, Row } from '../database.ts';
import type { SearchKind } from '../search-docs.ts';
import { agentsByNumber } from './agents.ts';
import { cutExcerpt } from './excerpt.ts';
import { commentView, ITEM_COLUMNS, ITEM_JOINS, placeOf, postView } from './item-rows.ts';
import type { Hit } from './search-candidates.ts';
import { submoltsByNumber } from './submolts.ts';

export interface Found {
  readonly results: readonly SearchResult[];
  /** What the results are of, in the same order, comments left out. */
  readonly posts: readonly PostView[];
  readonly agents: readonly AgentView[];
  readonly submolts: readonly SubmoltView[];
}

interface Rows {
  readonly items: ReadonlyMap<number, Row>;
  /** The posts that comments among them are on. */
  readonly roots: ReadonlyMap<number, Row>;
  readonly agents: ReadonlyMap<number, AgentView>;
  readonly submolts: ReadonlyMap<number, SubmoltView>;
}

/** Reads what the hits are of; what has gone since it was found is left out. `now` in milliseconds. */
export async function readFound(
  db: Database,
  hits: readonly Hit[],
  wanted: ReadonlySet<number>,
  now: number,
): Promise<Found> {
  const rows = await readRows(db, hits, now);
  const found: { [K in keyof Found]: Found[K][number][] } = {
    results: [],
    posts: [],
    agents: [],
    submolts: [],
  };
  for (const { id, kind, similarity: parts } of hits) {
    const similarity = parts / 10_000;
    const why = (content: string) => ({
      content,
      excerpt: cutExcerpt(content, wanted),
      similarity,
    });
    if (kind === 'agent') {
      const agent = rows.agents.get(-id);
      if (agent === undefined) continue;
      found.agents.push(agent);
      found.results.push({ ...ofAgent(agent), ...why(agent.description) });
    } else if (kind === 'submolt') {
      const submolt = rows.submolts.get(id);
      if (submolt === undefined) continue;
      found.submolts.push(submolt);
      found.results.push({ ...ofSubmolt(submolt), ...why(submolt.description) });
    } else {
      const row = rows.items.get(id);
      if (row === undefined) continue;
      const post = postView(row);
      if (post.is_removed || post.is_deleted) continue;
      if (kind === 'post') found.posts.push(post);
      const root = rows.roots.get(number(row, 26));
      const result = kind === 'post' ? ofPost(post) : ofComment(row, root);
      found.results.push({ ...result, ...why(post.content) });
    }
  }
  return found;
}

type Bare = Omit<SearchResult, 'content' | 'excerpt' | 'similarity'>;

function ofPost(post: PostView): Bare {
  const { author, created_at, did, downvotes, id, object, submolt, title, upvotes } = post;
  const said = { id, object, did, author, title, upvotes, downvotes, created_at };
  return { type: 'post', ...said, verified: true, submolt, post: null, post_id: id };
}

function ofComment(row: Row, root: Row | undefined): Bare {
  const comment = commentView(row, []);
  const { author, created_at, did, downvotes, id, object, post_id, upvotes } = comment;
  const said = { id, object, did, author, upvotes, downvotes, created_at };
  const title = root === undefined ? '' : postView(root).title;
  const place = { submolt: postView(row).submolt, post: { id: post_id, title }, post_id };
  return { type: 'comment', ...said, title: null, verified: true, ...place };
}

function ofAgent({ created_at, did, name }: AgentView): Bare {
  const nothing = { object: null, submolt: null, post: null, post_id: null };
  const votes = { upvotes: 0, downvotes: 0 };
  const author = { did, name };
  return {
    id: did,
    type: 'agent',
    did,
    verified: true,
    title: name,
    created_at,
    author,
    ...votes,
    ...nothing,
  };
}

function ofSubmolt({ created_at, display_name, home, id, name, object, owner }: SubmoltView): Bare {
  const submolt = { id, name, display_name, object, home: home.did };
  const nothing = { upvotes: 0, downvotes: 0, post: null, post_id: null };
  const said = { id, object, did: owner.did, author: owner, title: display_name, created_at };
  return { type: 'submolt', verified: true, ...said, submolt, ...nothing };
}

async function readRows(db: Database, hits: readonly Hit[], now: number): Promise<Rows> {
  const of = (...kinds: SearchKind[]) =>
    hits.filter(({ kind }) => kinds.includes(kind)).map(({ id }) => id);
  const numbers = of('agent').map((id) => -id);
  const items = await readItems(db, of('post', 'comment'));
  const comments = [...items.values()].filter((row) => placeOf(row).parent !== null);
  const roots = await readItems(db, [...new Set(comments.map((row) => number(row, 26)))]);
  const agents = await agentsByNumber(db, numbers, now);
  const submolts = await submoltsByNumber(db, of('submolt'));
  return { items, roots, submolts, agents };
}

async function readItems(db: Database, numbers: readonly number[]): Promise<Map<number, Row>> {
  if (numbers.length === 0) return new Map();
  const [rows = []] = await db.batch('read', [
    {
      sql: `${ITEM_COLUMNS} FROM json_each(?) AS found CROSS JOIN items AS i ON i.object = found.value
${ITEM_JOINS}`,
      args: [JSON.stringify(numbers)],
    },
  ]);
  return new Map(rows.map((row) => [placeOf(row).object, row]));
}
