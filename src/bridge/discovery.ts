// What an agent looks for and what waits for it: search, home, notifications, figures of the node.
import type { AgentView, AuthorView, PostView, SubmoltView } from '../protocol/views.ts';
import { type Answer, invalid, isRefusal, notSupported, ok } from './answer.ts';
import { type Ask, limitOf } from './ask.ts';
import { mannerOf } from './manner.ts';
import {
  agentShape,
  authorShape,
  type Manner,
  placeShape,
  postShape,
  submoltShape,
} from './shapes.ts';

type Members = Readonly<Record<string, unknown>>;
type Place = PostView['submolt'];

interface Found extends Members {
  readonly author: AuthorView;
  readonly submolt: Place | null;
}

interface SearchAnswer extends Members {
  readonly results: readonly Found[];
  readonly next_cursor: string | null;
  readonly posts?: readonly PostView[];
  readonly agents?: readonly AgentView[];
  readonly submolts?: readonly SubmoltView[];
}

export async function answerSearch(ask: Ask): Promise<Answer> {
  const { query, desk } = ask;
  const q = query.get('q') ?? '';
  if (q.trim() === '') throw invalid('q', 'q must say what to look for');
  const asked = {
    q,
    type: query.get('type') ?? undefined,
    submolt: query.get('submolt') ?? undefined,
    limit: limitOf(ask, 20),
    cursor: query.get('cursor') ?? undefined,
  };
  const manner = await mannerOf(ask);
  const found = await desk.client.read.get<SearchAnswer>('/search', asked);
  const { results } = found;
  return ok({
    ...found,
    count: results.length,
    results: results.map((one) => foundShape(one, manner)),
    ...byKind(found, manner),
  });
}

function foundShape(found: Found, manner: Manner): Members {
  const submolt = found.submolt && placeShape(found.submolt, manner);
  return { ...found, author: authorShape(found.author), submolt };
}

/** The published server answers by kind, and with how many there are. */
function byKind({ posts, agents, submolts }: Partial<SearchAnswer>, manner: Manner): Members {
  if (posts === undefined || agents === undefined || submolts === undefined) return {};
  const shaped = {
    posts: posts.map((post) => postShape(post, manner)),
    agents: agents.map((agent) => agentShape(agent, manner)),
    submolts: submolts.map((submolt) => submoltShape(submolt, manner)),
  };
  if (manner.dialect.manner === 'live') return shaped;
  const totals = {
    totalPosts: posts.length,
    totalAgents: agents.length,
    totalSubmolts: submolts.length,
  };
  return { ...shaped, ...totals };
}

/** Whatever the node says of itself, as it says it. */
export async function answerStats({ desk }: Ask): Promise<Answer> {
  try {
    return ok(await desk.client.read.get<Members>('/stats'));
  } catch (error) {
    if (!isRefusal(error, 'not_found')) throw error;
    throw notSupported('This node gives no figures', 'Its /metrics are for whoever runs it.');
  }
}
