// Reads of how the caller stands towards something.
import type { CommandContext } from '../../commands/context.ts';
import { parseDid } from '../../protocol/did.ts';
import { nameFromId, parseObjectName } from '../../protocol/object-name.ts';
import { getStandingTowards, getStandingTowardsAgent } from '../../store/queries/standing.ts';
import type { EdgeApp, EdgeContext } from '../edge.ts';
import { mount } from '../mount.ts';
import { refuse } from '../problem.ts';
import { success } from '../success.ts';
import { findSubmolt } from './submolts.ts';

export function mountStanding(app: EdgeApp, context: CommandContext): void {
  mount(app, '/api/v1/standing/:ref', { GET: (c) => answerStanding(c, context) });
}

async function answerStanding(c: EdgeContext, { db, now }: CommandContext): Promise<Response> {
  const caller = c.get('caller');
  if (caller === null) {
    const detail = 'A standing is somebody’s; sign the request to say whose.';
    return refuse(c, { code: 'signature_missing', detail });
  }
  const ref = c.req.param('ref') ?? '';
  const agent = parseDid(ref);
  if (agent !== null) {
    return success({ standing: await getStandingTowardsAgent(db, caller.did, agent) });
  }
  // A slug is shorter than an id, and neither has the colons of a DID.
  const object = nameFromId(ref) ?? parseObjectName(ref) ?? (await findSubmolt(db, ref))?.object;
  const standing = object && (await getStandingTowards(db, caller.did, object, now()));
  if (standing) return success({ standing });
  return refuse(c, { code: 'not_found', detail: `There is no ${ref} here.` });
}
