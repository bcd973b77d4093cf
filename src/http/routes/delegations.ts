// Reads of delegations: one with its chain, and all that an agent has given and been given.
import type { CommandContext } from '../../commands/context.ts';
import { parseDid } from '../../protocol/did.ts';
import { getDelegation, listDelegations } from '../../store/queries/delegations.ts';
import type { EdgeApp, EdgeContext } from '../edge.ts';
import { mount } from '../mount.ts';
import { limitOf, nameSegment, segment } from '../parameters.ts';
import { refuse } from '../problem.ts';
import { success } from '../success.ts';

export function mountDelegations(app: EdgeApp, context: CommandContext): void {
  mount(app, '/api/v1/delegations/:id', { GET: (c) => answerDelegation(c, context) });
  mount(app, '/api/v1/agents/:did/delegations', { GET: (c) => answerDelegations(c, context) });
}

async function answerDelegation(c: EdgeContext, { db, node }: CommandContext): Promise<Response> {
  const name = nameSegment(c, 'id');
  const delegation = await getDelegation(db, name, node.did);
  if (delegation === null) {
    return refuse(c, {
      code: 'not_found',
      detail: `This node has not accepted a delegation ${name}.`,
    });
  }
  return success({ delegation });
}

async function answerDelegations(c: EdgeContext, { db, node }: CommandContext): Promise<Response> {
  const did = segment(c, 'did', parseDid, 'a DID');
  return success({ delegations: await listDelegations(db, did, node.did, limitOf(c)) });
}
