// Searching what this node carries.
import type { CommandContext } from '../../commands/context.ts';
import { type SearchType, searchTexts } from '../../store/queries/search.ts';
import type { EdgeApp, EdgeContext } from '../edge.ts';
import { mount } from '../mount.ts';
import { choice, limitOf, ParameterError, text } from '../parameters.ts';
import { success } from '../success.ts';
import { findSubmolt, submoltUnknown } from './submolts.ts';

const TYPES: readonly [SearchType, ...SearchType[]] = [
  'all',
  'posts',
  'comments',
  'agents',
  'submolts',
];
/** In UTF-16 units. */
const MAX_QUERY = 500;

export function mountSearch(app: EdgeApp, context: CommandContext): void {
  mount(app, '/api/v1/search', { GET: (c) => answerSearch(c, context) });
}

async function answerSearch(c: EdgeContext, { db, now }: CommandContext): Promise<Response> {
  const q = text(c, 'q') ?? '';
  if (q.trim() === '' || q.length > MAX_QUERY) {
    throw new ParameterError('q', `q must be 1 to ${MAX_QUERY} characters to look for.`);
  }
  const type = choice(c, 'type', TYPES);
  const list = { limit: limitOf(c), cursor: text(c, 'cursor') };
  const ref = text(c, 'submolt');
  const submolt = ref === undefined ? undefined : await findSubmolt(db, ref);
  if (submolt === null) return submoltUnknown(c, ref ?? '');
  const query = { q, type, ...list, submolt: submolt?.object, now: now() };
  const { next_cursor, results, ...views } = await searchTexts(db, query);
  const more = { count: results.length, has_more: next_cursor !== null, next_cursor };
  // Older readers look for what was found by its kind, and name no type.
  const byKind = text(c, 'type') === undefined ? views : {};
  return success({ query: q, type, results, ...more, ...byKind });
}
