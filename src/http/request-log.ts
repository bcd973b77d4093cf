// One line of log per request: what was asked, by whom, what came of it, how long it took.
import { createMiddleware } from 'hono/factory';
import type { Edge } from './edge.ts';
import type { Logger } from './logger.ts';

export function logRequests(log: Logger, now: () => number) {
  return createMiddleware<Edge>(async (c, next) => {
    const started = now();
    await next();
    const { method, path } = c.req;
    const fields = { method, path, status: c.res.status, ms: now() - started };
    log.debug({ ...fields, did: c.get('caller')?.did }, 'request');
  });
}
