// Registers the methods of one path, so that wrong methods and OPTIONS get an honest answer everywhere.
import type { EdgeApp, EdgeContext } from './edge.ts';
import { refuse } from './problem.ts';

export type Handler = (c: EdgeContext) => Response | Promise<Response>;
export type Methods = Partial<Record<'GET' | 'POST' | 'DELETE', Handler>>;

/** HEAD comes with GET. What is not given is 405 with Allow; OPTIONS answers with Allow and for CORS. */
export function mount(app: EdgeApp, path: string, methods: Methods): void {
  const names = Object.keys(methods);
  const allow = [
    ...names.flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])),
    'OPTIONS',
  ];
  const allowed = { allow: allow.join(', ') };
  for (const [name, handler] of Object.entries(methods)) app.on(name, path, handler);
  app.all(path, (c) => {
    if (c.req.method === 'OPTIONS') {
      const cors = {
        'access-control-allow-methods': allowed.allow,
        'access-control-allow-headers': '*',
        'access-control-max-age': '86400',
      };
      return new Response(null, { status: 204, headers: { ...allowed, ...cors } });
    }
    const detail = `${c.req.method} is not among ${allowed.allow}.`;
    return refuse(c, { code: 'method_not_allowed', detail }, allowed);
  });
}
