// Lets the operator in and nobody else: whoever holds the node's own key.
import type { NodeIdentity } from '../commands/context.ts';
import type { Handler } from './mount.ts';
import { refuse } from './problem.ts';

/** Public reads do not open what only an operator may see. */
export function ownKeyOnly({ did }: Pick<NodeIdentity, 'did'>, handler: Handler): Handler {
  return (c) => {
    const caller = c.get('caller');
    if (caller?.did === did) return handler(c);
    const detail = `The request is signed by ${caller?.did ?? 'nobody'}, not by ${did}.`;
    return refuse(c, { code: 'not_node_key', detail });
  };
}
