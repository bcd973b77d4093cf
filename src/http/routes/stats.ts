// How much this node carries, and how that was counted.
import type { CommandContext } from '../../commands/context.ts';
import { countStats } from '../../store/queries/stats.ts';
import type { EdgeApp } from '../edge.ts';
import { kept } from '../kept.ts';
import { mount } from '../mount.ts';
import { success } from '../success.ts';

/** Milliseconds that a count is shown. */
const KEPT = 60_000;

/** In words, so that anybody can count again from archives of the logs. */
const METHOD = {
  agents:
    'agents that have founded, posted, commented, voted, followed, reported, banned, edited or told of themselves in a log carried here: principals, not those who sign for them',
  keys: 'of these: one for a did:key or did:web, the keys of the newest DID log known here for others',
  owners: 'owners of accepted ownerships that have neither ended nor been withdrawn, each once',
  submolts: 'submolts whose logs are carried here',
  posts: 'posts that stand: neither deleted, removed nor withdrawn here',
  comments: 'comments that stand',
  votes: 'votes that have not been taken back',
  logs: 'logs carried here, system logs too',
  entries: 'entries in them',
  home: 'the same of submolts at home here',
};

export function mountStats(app: EdgeApp, { db, now }: CommandContext): void {
  const count = kept(now, KEPT, (at) => countStats(db, at));
  mount(app, '/api/v1/stats', {
    GET: async () => success({ stats: { ...(await count()), method: METHOD } }),
  });
}
