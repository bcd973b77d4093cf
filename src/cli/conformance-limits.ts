// Limits: a node may have none, but what it says of them has to be true, and nobody's may be used up by others.
import { type Case, every, holds, type Outcome, passed } from './conformance-case.ts';
import type { Answer } from './conformance-exchange.ts';
import type { Live } from './conformance-live.ts';

const group = 'limits';
const target = '/api/v1/posts?limit=1';
const NONE: Outcome = { kind: 'skipped', reason: 'the node states no limits' };

interface Stated {
  readonly limit: number;
  readonly remaining: number;
  /** Unix time in seconds. */
  readonly reset: number;
}

function statedIn({ headers }: Answer): Stated | null {
  const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) =>
    Number(headers.get(`x-ratelimit-${name}`) ?? Number.NaN),
  ) as [number, number, number];
  return headers.has('x-ratelimit-limit') ? { limit, remaining, reset } : null;
}

export const LIMIT_CASES: readonly Case[] = [
  {
    group,
    name: 'an answer says how many more requests its caller may send, or nothing of it',
    async run(live) {
      const stated = statedIn(await live.read(live.agent('iris'), target));
      if (stated === null) return NONE;
      const { limit, remaining, reset } = stated;
      const got = JSON.stringify(stated);
      return every(
        holds(Number.isInteger(limit) && limit > 0, 'X-RateLimit-Limit from 1 on', got),
        holds(remaining >= 0 && remaining <= limit, 'X-RateLimit-Remaining up to that', got),
        holds(Math.abs(reset - live.now()) < 86_400, 'X-RateLimit-Reset within a day', got),
        passed(`${remaining} of ${limit}`),
      );
    },
  },
  {
    group,
    name: 'forged requests, and copies of one that was sent, use up nothing of the agent',
    async run(live) {
      const iris = live.agent('iris');
      const mine = live.signed(iris, { method: 'GET', target });
      const before = statedIn(await live.ask(() => mine));
      if (before === null) return NONE;
      for (let i = 0; i < 5; i++) {
        await live.exchange(mine);
        await live.exchange(forged(live));
      }
      const after = statedIn(await live.read(iris, `${target}&sort=new`));
      const used = before.remaining - (after?.remaining ?? 0);
      return holds(used <= 1, 'at most 1 used up', `${used}`);
    },
  },
];

/** In the name of Iris, by somebody else's key. */
function forged(live: Live) {
  const { did } = live.agent('iris');
  const signatureAgent = `${live.node.origin}/dids/${did}/did.json`;
  return live.signed(live.agent('mallory'), { method: 'GET', target, signatureAgent });
}
