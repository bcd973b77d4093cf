// The operator's decision about a log that has shown two histories: go on with the one that is here, or end the exchange.
import {
  decideEvidence,
  type EvidenceDecision,
  readEvidence,
  type StoredEvidence,
  selectEvidence,
} from '../store/evidence.ts';
import { dropPeer, refuseWaitingFor, restorePeer, resumeSource } from '../store/write-peers.ts';
import { admit, type Replayed } from './admit.ts';
import type { Caller, CommandContext } from './context.ts';
import type { Sequencer } from './sequencer.ts';

export type DecisionOutcome =
  | { readonly ok: true; readonly evidence: StoredEvidence }
  | { readonly ok: false; readonly reason: 'evidence_unknown'; readonly detail: string }
  | Replayed;

/**
 * `keep`: the replica goes on with the history that it has, and stops again when it is shown another. `drop`: nothing more is
 * taken from the home or sent to it; what is here stays readable. Either may be decided after the other.
 */
export function decideOnEvidence(
  context: CommandContext,
  sequencer: Sequencer,
  request: { id: number; decision: EvidenceDecision; caller: Caller | null },
): Promise<DecisionOutcome> {
  const { caller, decision, id } = request;
  const at = context.now();
  return admit<DecisionOutcome>(context, sequencer, caller, [selectEvidence(id)], ([rows]) => {
    const [row] = rows ?? [];
    if (row === undefined) {
      const detail = `there is no evidence ${id}`;
      return { result: { ok: false, reason: 'evidence_unknown', detail } };
    }
    const evidence = readEvidence(row);
    const { origin, peer } = evidence;
    const effects =
      peer === null
        ? []
        : decision === 'keep'
          ? [...restorePeer(peer), resumeSource(origin)]
          : [
              ...dropPeer(peer, `dropped: by the operator, on evidence ${id}`, at),
              refuseWaitingFor(peer, at),
            ];
    return {
      result: { ok: true, evidence: { ...evidence, decision, decidedAt: at } },
      write: [decideEvidence(id, decision, at), ...effects],
    };
  });
}
