// The operator's decision about evidence, as a request of the node's own key.
import type { Caller } from '../commands/context.ts';
import { decideOnEvidence } from '../commands/decide-evidence.ts';
import { isObject, type JsonValue } from '../protocol/json.ts';
import { type PeerAnswer, refusePeer } from './answer.ts';
import type { FederationContext } from './context.ts';
import { hasExactly, isIndex } from './json-shape.ts';

interface Decided {
  readonly id: number;
  readonly log: string;
  readonly home: string | null;
  readonly decision: string;
}

/** `POST /federation/evidence` with `{"id":n,"decision":"keep"|"drop"}`. */
export async function receiveDecision(
  context: FederationContext,
  caller: Caller | null,
  value: JsonValue,
): Promise<PeerAnswer<Decided>> {
  const members = isObject(value) && hasExactly(value, 'id', 'decision') ? value : {};
  const { decision, id } = members;
  if (!isIndex(id) || (decision !== 'keep' && decision !== 'drop')) {
    return refusePeer('malformed_request', 'not {"id":n,"decision":"keep"} or "drop"');
  }
  const outcome = await decideOnEvidence(context, context.sequencer, { id, decision, caller });
  if (!outcome.ok) return refusePeer(outcome.reason, outcome.detail);
  const { origin, peer } = outcome.evidence;
  if (decision === 'keep') context.wantPull(origin);
  return { ok: true, status: 200, body: { id, log: origin, home: peer, decision } };
}
