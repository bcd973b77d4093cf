// The operator's word about another node, or all below a host: allowed, denied, or none any more.
import type { Did } from '../protocol/did.ts';
import { did, number } from '../store/cell.ts';
import type { Statement } from '../store/database.ts';
import { type Decided, deleteStanding, namesOf, upsertStanding } from '../store/standings.ts';
import { dropPeer, refuseWaitingFor, takePeerBack } from '../store/write-peers.ts';
import { admit, type Replayed } from './admit.ts';
import type { Caller, CommandContext } from './context.ts';
import type { Sequencer } from './sequencer.ts';

export interface StandingRequest {
  /** A DID, or `did:web:*.example`. */
  readonly node: string;
  /** Null to forget what was decided. */
  readonly standing: Decided | null;
  /** Objects taken from it in a day; null for no number of its own. */
  readonly objects: number | null;
  readonly caller: Caller | null;
}

const SELECT_PEERS: Statement = {
  sql: 'SELECT a.did, p.dropped_at IS NOT NULL FROM peers AS p JOIN agents AS a ON a.id = p.did',
  args: [],
};

/** From then on nothing is exchanged with nodes that are denied; what is here of them stays readable. */
export function setStanding(
  context: CommandContext,
  sequencer: Sequencer,
  { caller, node, objects, standing }: StandingRequest,
): Promise<{ readonly ok: true; readonly peers: readonly Did[] } | Replayed> {
  const decidedAt = context.now();
  return admit(context, sequencer, caller, [SELECT_PEERS], ([rows = []]) => {
    const concerned = rows
      .map((row) => ({ peer: did(row, 0), isDropped: number(row, 1) === 1 }))
      .filter(({ peer }) => namesOf(peer).includes(node));
    const effects = concerned.flatMap(({ isDropped, peer }) => {
      if (standing === 'denied') {
        return [
          ...dropPeer(peer, 'dropped: by the operator', decidedAt),
          refuseWaitingFor(peer, decidedAt),
        ];
      }
      return isDropped ? takePeerBack(peer) : [];
    });
    const decision =
      standing === null
        ? deleteStanding(node)
        : upsertStanding({ node, standing, objects, decidedAt });
    const peers = concerned.map(({ peer }) => peer);
    return { result: { ok: true as const, peers }, write: [decision, ...effects] };
  });
}
