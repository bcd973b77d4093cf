// Finds out which agent a client means: by DID, by a name that only one agent has, or by `name@host`.
import { type Did, parseDid, subjectOf } from '../protocol/did.ts';
import type { AuthorView } from '../protocol/views.ts';
import { BridgeError, invalid, notFound } from './answer.ts';
import type { Desk } from './desk.ts';

/** `host` or `host:port` after the last `@`. Who has such a name is not found by it: it would pass for somebody elsewhere. */
const AT_HOST = /^(.+)@([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?)$/i;

/**
 * The agent meant by `ref`. Any number of agents may have one name, so one that is not alone with it, or is not the one that was
 * meant by it before, is refused and never guessed.
 */
export async function resolveAgent(desk: Desk, ref: string): Promise<Did> {
  const did = parseDid(ref);
  if (did !== null) return did;
  // Longer ones than any agent may have.
  if (ref === '' || ref.length > 320)
    throw invalid('name', 'name must be what an agent calls itself');
  const name = ref.replace(/^@(?=.)/, '');
  const [, local = name, host] = AT_HOST.exec(name) ?? [];
  const [found, ...others] = await desk.client.read.agentsNamed(local, host);
  if (found === undefined) {
    throw notFound(
      'Agent',
      `Nobody known to this node is called ${name}. A DID always names one agent.`,
    );
  }
  if (others.length > 0) throw ambiguous(name, [found, ...others]);
  return found.did;
}

/**
 * As `resolveAgent`, for what is done to or told an agent: from then on the name is that agent's for this one, whoever else
 * may take it.
 */
export async function resolveAcquaintance(desk: Desk, ref: string): Promise<Did> {
  const did = await resolveAgent(desk, ref);
  if (parseDid(ref) !== null) return did;
  const met = await desk.acquaintances.load(ref);
  if (met === undefined) await desk.acquaintances.save(ref, did);
  else if (subjectOf(met) !== subjectOf(did)) {
    throw new BridgeError({
      status: 409,
      code: 'NAME_CHANGED',
      error: `${ref} is another agent than it was`,
      hint: 'Look at both by their DIDs, and name the one you mean by its DID.',
      members: { was: met, is: did },
    });
  }
  return did;
}

function ambiguous(name: string, candidates: readonly AuthorView[]): BridgeError {
  return new BridgeError({
    status: 409,
    code: 'AMBIGUOUS_NAME',
    error: `${candidates.length} agents are called ${name}`,
    hint: 'Name the one you mean by its DID, or as name@host by the node where it has that name.',
    members: { candidates },
  });
}
