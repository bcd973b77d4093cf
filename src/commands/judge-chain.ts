// Whether an agent may send messages in another's name, by the delegations that it shows and by what this node knows of them.
import { type ChainRefusal, verifyMessageChain } from '../protocol/delegation-chain.ts';
import { type Did, subjectOf } from '../protocol/did.ts';
import type { Envelope } from '../protocol/envelope.ts';
import { type JsonValue, parseIJson } from '../protocol/json.ts';
import type { KeyResolver } from '../protocol/object.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { chainIn, listChains } from '../store/queries/delegations.ts';
import type { CommandContext } from './context.ts';

export interface RefusedChain {
  readonly ok: false;
  readonly reason: ChainRefusal | 'delegation_revoked';
  readonly detail: string;
  readonly retryable?: boolean;
}

/** Null where the envelope's sender speaks for itself, or may speak for whom it names. */
export async function refuseChain(
  context: CommandContext,
  { actor, attributedTo, instrument }: Envelope,
  statements: readonly JsonValue[],
  resolveKey: KeyResolver,
): Promise<RefusedChain | null> {
  if (attributedTo === undefined || instrument === undefined) return null;
  const invocation = { actor, principal: attributedTo, instrument, t: context.now() };
  const verdict = await verifyMessageChain(statements, invocation, { ...context, resolveKey });
  if (!verdict.ok) return verdict;
  return refuseRevoked(context, instrument);
}

/** In whose name the agent may look after a mailbox, by a delegation that this node has accepted. */
export async function principalUnder(
  context: CommandContext,
  actor: Did,
  instrument: ObjectName,
  resolveKey: KeyResolver,
): Promise<{ readonly ok: true; readonly principal: Did } | RefusedChain> {
  const links = chainIn(await listChains(context.db, [instrument], context.node.did), instrument);
  const statements = links.flatMap(({ bytes }) => {
    const parsed = parseIJson(bytes);
    return parsed.ok ? [parsed.value] : [];
  });
  const principal = links[0]?.delegation.principal;
  if (principal === undefined) {
    return { ok: false, reason: 'delegation_unknown', detail: instrument };
  }
  const invocation = { actor, principal, instrument, t: context.now() };
  const verdict = await verifyMessageChain(statements, invocation, { ...context, resolveKey });
  if (!verdict.ok) return verdict;
  const revoked = await refuseRevoked(context, instrument);
  return revoked ?? { ok: true, principal: subjectOf(principal) };
}

async function refuseRevoked(
  { db, node }: CommandContext,
  instrument: ObjectName,
): Promise<RefusedChain | null> {
  const links = chainIn(await listChains(db, [instrument], node.did), instrument);
  const revoked = links.find(({ state }) => state !== null && state.revoked !== null);
  return revoked === undefined
    ? null
    : { ok: false, reason: 'delegation_revoked', detail: revoked.delegation.name };
}
