// What the node counts, for the operator's monitoring and not for the public.
import type { EdgeApp, EdgeContext } from '../edge.ts';
import type { Metrics } from '../metrics.ts';
import { mount } from '../mount.ts';
import { refuse } from '../problem.ts';
import { isFromThisMachine } from '../this-machine.ts';

/** `loopback`: only this machine is answered, and nobody who comes through a proxy on it. */
export type MetricsAccess = 'loopback' | 'open';

export function mountMetrics(app: EdgeApp, metrics: Metrics, access: MetricsAccess): void {
  mount(app, '/metrics', { GET: (c) => answer(c, metrics, access) });
}

async function answer(c: EdgeContext, metrics: Metrics, access: MetricsAccess): Promise<Response> {
  // Whoever may not read them learns no more than that nothing is here.
  if (access === 'loopback' && !isFromThisMachine(c.env.incoming)) {
    return refuse(c, { code: 'not_found', detail: `${c.req.path} is not served here.` });
  }
  const { type, text } = await metrics.expose();
  return new Response(text, { headers: { 'content-type': type, 'cache-control': 'no-store' } });
}
