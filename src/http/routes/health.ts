// Whether the process lives, and whether it should be sent requests.
import type { EdgeApp } from '../edge.ts';
import { mount } from '../mount.ts';
import { refuse } from '../problem.ts';

/** What a proxy has kept says nothing of how things are. */
const NOW = { 'cache-control': 'no-store' };

/**
 * Both are asked each time; `ready` may look at the database. `held`: origins of logs that nothing is appended to, '*' for all of
 * the node's own. It goes on reading, so it should be sent requests.
 */
export function mountHealth(
  app: EdgeApp,
  ready: () => Promise<boolean>,
  held: () => Promise<readonly string[]>,
): void {
  mount(app, '/healthz', { GET: (c) => c.json({ status: 'ok' }, 200, NOW) });
  mount(app, '/readyz', {
    GET: async (c) => {
      if (!(await ready())) {
        return refuse(c, { code: 'not_ready', detail: 'The node is starting or stopping.' });
      }
      const logs = await held();
      return c.json(
        logs.length === 0 ? { status: 'ready' } : { status: 'held', held: logs },
        200,
        NOW,
      );
    },
  });
}
