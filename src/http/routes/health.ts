// Whether the process lives, and whether it should be sent requests.
import type { EdgeApp } from '../edge.ts';
import { mount } from '../mount.ts';
import { refuse } from '../problem.ts';

/** `ready` is asked each time; it may look at the database. */
export function mountHealth(app: EdgeApp, ready: () => Promise<boolean>): void {
  mount(app, '/healthz', { GET: (c) => c.json({ status: 'ok' }) });
  mount(app, '/readyz', {
    GET: async (c) =>
      (await ready())
        ? c.json({ status: 'ready' })
        : refuse(c, { code: 'not_ready', detail: 'The node is starting or stopping.' }),
  });
}
