// Signed heads that ride on requests from other nodes, whatever they ask for, and on the answers to those.
import { createMiddleware } from 'hono/factory';
import { Allowance } from '../commands/allowance.ts';
import type { FederationContext } from '../federation/context.ts';
import { CHECKPOINTS_FIELD } from '../protocol/checkpoints-field.ts';
import type { Edge } from './edge.ts';

/** Fields of requests that nobody has signed: each may have a few signatures in it to be looked at. */
const STRANGERS = { atOnce: 20, perSecond: 5 };
const ALL = 'strangers';

/**
 * What is open to everybody is asked for without a signature, so it is not known who asks: what they show proves itself, and they
 * are shown what is shown to anybody. Requests under `/federation` are signed, and see to it themselves.
 */
export function rideCheckpoints({ gossip, now }: FederationContext) {
  const strangers = new Allowance(STRANGERS);
  return createMiddleware<Edge>(async (c, next) => {
    const field = c.req.header(CHECKPOINTS_FIELD);
    if (field === undefined || c.req.path.startsWith('/federation')) return next();
    if (strangers.take(ALL, now()) === 0) await gossip.take(field, '');
    await next();
    // An answer is not held back for what rides on it.
    const shown = await gossip.show(null).catch(() => null);
    if (shown !== null) c.res.headers.set(CHECKPOINTS_FIELD, shown);
  });
}
