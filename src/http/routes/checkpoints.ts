// What this node holds of another node's logs: for that node when it has lost some of them, and for whoever compares.
import type { CommandContext } from '../../commands/context.ts';
import { readShownHead, selectShownHeads } from '../../store/seen-heads.ts';
import type { EdgeApp } from '../edge.ts';
import { mount } from '../mount.ts';
import { ParameterError, text } from '../parameters.ts';

const PAGE = 256;

/** `GET /checkpoints?of=<authority>`: the newest signed head of each log of that node that is replicated here, or was seen. */
export function mountCheckpoints(app: EdgeApp, { db }: CommandContext): void {
  mount(app, '/checkpoints', {
    GET: async (c) => {
      const of = text(c, 'of') ?? '';
      if (!/^[^/\s@]{1,300}$/.test(of)) {
        throw new ParameterError(
          'of',
          'of must be the host of a node, with its port if it has one.',
        );
      }
      const prefix = `${of}/log/`;
      const after = text(c, 'after') ?? prefix;
      const start = after.startsWith(prefix) ? after : prefix;
      const [rows = []] = await db.batch('read', [selectShownHeads(start, `${prefix}~`, PAGE)]);
      const heads = rows.map(readShownHead);
      const next = heads.length < PAGE ? null : (heads.at(-1)?.origin ?? null);
      const body = JSON.stringify({ checkpoints: heads.map(({ note }) => note), next });
      const headers = { 'content-type': 'application/json', 'cache-control': 'no-cache' };
      return new Response(body, { headers });
    },
  });
}
