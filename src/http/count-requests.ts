// Counts each request when its answer has left: which route, what came of it, how long it took.
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { matchedRoutes } from 'hono/route';
import type { Edge } from './edge.ts';
import type { Metrics } from './metrics.ts';

/** The pattern of the route that a path belongs to, as it is mounted; null if there is none. */
function routeOf(c: Context<Edge>): string | null {
  const last = matchedRoutes(c).at(-1)?.path;
  // Only what stands before every route is mounted on all paths.
  return last === undefined || last === '/*' ? null : last;
}

export function countRequests(metrics: Metrics, now: () => number) {
  return createMiddleware<Edge>(async (c, next) => {
    const started = now();
    const { incoming, outgoing } = c.env;
    const { method = '' } = incoming;
    await next();
    const route = routeOf(c);
    const signature = c.get('signature') ?? 'unsigned';
    const refusal = c.get('refusal') ?? null;
    const { status } = c.res;
    const count = () => {
      const seconds = Math.max(0, now() - started) / 1000;
      metrics.answered({ route, method, status, seconds, signature, refusal });
    };
    if (outgoing.closed) count();
    else outgoing.once('close', count);
  });
}
