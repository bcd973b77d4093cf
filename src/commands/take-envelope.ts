// Takes an envelope that another node delivers into the mailbox of an agent of this one.
import type { JsonValue } from '../protocol/json.ts';
import type { VerifiedEnvelope } from '../protocol/signed-envelope.ts';
import { readStanding, selectStanding } from '../store/queries/messages.ts';
import { admit, type Replayed } from './admit.ts';
import type { CommandContext } from './context.ts';
import {
  decideTaking,
  type MessageLimits,
  postingOf,
  type RefusedMessage,
  refuseMessage,
  refusePosting,
  TAKEN_WITHIN_MS,
  takingReads,
  type Whereabouts,
} from './envelope-rules.ts';
import type { Sequencer } from './sequencer.ts';

export type TakeOutcome = { readonly ok: true } | RefusedMessage | Replayed;

/**
 * However often it comes it is taken once, also after it was deleted. `place` is the node that has delivered it: answers go
 * there.
 */
export function takeEnvelope(
  context: CommandContext,
  sequencer: Sequencer,
  {
    chain,
    verified,
  }: { readonly verified: VerifiedEnvelope; readonly chain: readonly JsonValue[] },
  place: Whereabouts,
  limits: MessageLimits,
): Promise<TakeOutcome> {
  const posting = postingOf(verified, chain);
  const now = context.now();
  const refused = refusePosting(posting, now, TAKEN_WITHIN_MS);
  if (refused !== null) return Promise.resolve(refused);
  const reads = [
    selectStanding(posting.from, now),
    selectStanding(posting.to, now),
    ...takingReads(posting, limits, place),
  ];
  return admit<TakeOutcome>(context, sequencer, null, reads, ([sender, recipient, ...rows]) => {
    const { to } = verified.envelope;
    if (!readStanding(recipient?.[0]).joined) {
      return { result: refuseMessage('recipient_unknown', `${to[0]} has not joined this node.`) };
    }
    if (readStanding(sender?.[0]).banned) {
      return { result: refuseMessage('contact_refused', `${to[0]} takes no messages from you.`) };
    }
    const taken = decideTaking(posting, rows, { limits, now, place });
    if (!taken.ok) return { result: taken };
    return taken.known ? { result: { ok: true } } : { result: { ok: true }, write: taken.write };
  });
}
