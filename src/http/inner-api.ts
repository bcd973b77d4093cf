// The API without its front door, for protocols that carry one of its requests inside a request that was verified.
import { Hono } from 'hono';
import type { Edge, EdgeApp, EdgeContext } from './edge.ts';

export interface InnerRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query, as in a request target. */
  readonly path: string;
  readonly body?: Uint8Array;
}

/** Who signed the outer request: the inner one is done in that name, and uses up its nonce. */
export type InnerApi = (outer: EdgeContext, request: InnerRequest) => Promise<Response>;

/** `mountApi` and `guard` are those of the outer one: its routes, and what answers for failures. */
export function createInnerApi(
  origin: string,
  mountApi: (app: EdgeApp) => void,
  guard: (app: EdgeApp) => void,
): InnerApi {
  const under = new WeakMap<Request, { outer: EdgeContext; body: Uint8Array }>();
  const app: EdgeApp = new Hono<Edge>();
  app.use(async (c, next) => {
    const request = under.get(c.req.raw);
    c.set('caller', request?.outer.get('caller') ?? null);
    c.set('freshNonce', request?.outer.get('freshNonce'));
    c.set('body', request?.body ?? new Uint8Array());
    await next();
  });
  mountApi(app);
  guard(app);
  return async (outer, { method, path, body = new Uint8Array() }) => {
    const raw = new Request(origin + path, { method });
    under.set(raw, { outer, body });
    return app.fetch(raw, outer.env);
  };
}
