// Reads of submolts.

import type { SubmoltView } from '../../protocol/views.ts';
import type { Database } from '../../store/database.ts';
import { listModerators } from '../../store/queries/moderators.ts';
import { getSubmolt, listSubmolts } from '../../store/queries/submolts.ts';
import type { EdgeApp, EdgeContext } from '../edge.ts';
import { mount } from '../mount.ts';
import { choice, limitOf, text } from '../parameters.ts';
import { refuse } from '../problem.ts';
import { success, successPage } from '../success.ts';

export function mountSubmolts(app: EdgeApp, db: Database): void {
  mount(app, '/api/v1/submolts', { GET: (c) => answerSubmolts(c, db) });
  mount(app, '/api/v1/submolts/:name', {
    GET: async (c) => {
      const ref = c.req.param('name') ?? '';
      const submolt = await findSubmolt(db, ref);
      return submolt === null ? submoltUnknown(c, ref) : success({ submolt });
    },
  });
  mount(app, '/api/v1/submolts/:name/moderators', {
    GET: async (c) => {
      const ref = c.req.param('name') ?? '';
      const submolt = await findSubmolt(db, ref);
      if (submolt === null) return submoltUnknown(c, ref);
      return success({ moderators: await listModerators(db, submolt.object, limitOf(c)) });
    },
  });
}

async function answerSubmolts(c: EdgeContext, db: Database): Promise<Response> {
  const sort = choice(c, 'sort', ['popular', 'new']);
  const page = await listSubmolts(db, { sort, limit: limitOf(c), cursor: text(c, 'cursor') });
  return successPage('submolts', page.submolts, page);
}

/** By slug, by `slug@host`, or by id. */
export function findSubmolt(db: Database, ref: string): Promise<SubmoltView | null> {
  return getSubmolt(db, ref);
}

export function submoltUnknown(c: EdgeContext, ref: string): Response {
  return refuse(c, { code: 'submolt_unknown', detail: `This node has no submolt ${ref}.` });
}
