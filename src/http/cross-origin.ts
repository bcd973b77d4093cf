// Lets scripts of any origin read what is open: there are no cookies here that could speak for anybody.
import { createMiddleware } from 'hono/factory';
import { demandOf, type Reads } from './demand.ts';
import type { Edge } from './edge.ts';

const EXPOSED =
  'ETag, RateLimit, RateLimit-Policy, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset';
const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

export function allowAnyOrigin(reads: Reads) {
  return createMiddleware<Edge>((c, next) => {
    const { incoming, outgoing } = c.env;
    // A page in a browser on the node's own machine comes from loopback too.
    if (c.req.path === '/metrics') return next();
    if (READS.has(incoming.method ?? '') && !demandOf('GET', c.req.path, reads).signature) {
      outgoing.setHeader('access-control-allow-origin', '*');
      outgoing.setHeader('access-control-expose-headers', EXPOSED);
    }
    return next();
  });
}
