// Takes an envelope from an agent of this node: into its own mailbox, and into the other one or onto the way there.
import type { Did } from '../protocol/did.ts';
import type { JsonValue } from '../protocol/json.ts';
import type { VerifiedEnvelope } from '../protocol/signed-envelope.ts';
import { readConversation, selectConversation } from '../store/conversations.ts';
import type { Row } from '../store/database.ts';
import { insertDelivery } from '../store/messages.ts';
import { findNodesOf, readStanding, selectStanding } from '../store/queries/messages.ts';
import { admit, type Replayed } from './admit.ts';
import type { Caller, CommandContext } from './context.ts';
import {
  decideSending,
  decideTaking,
  type MessageLimits,
  type Posting,
  postingOf,
  type RefusedMessage,
  refuseMessage,
  refusePosting,
  SENDING_READS,
  sendingReads,
  takingReads,
  type Whereabouts,
} from './envelope-rules.ts';
import { hostOfDid } from './host-of-did.ts';
import type { Sequencer } from './sequencer.ts';

export type SendOutcome =
  /** `first`: it was not there before. `waiting`: it has to get to another node yet. */
  | {
      readonly ok: true;
      readonly first: boolean;
      readonly posting: Posting;
      readonly status: 'waiting' | 'delivered' | 'refused';
    }
  | RefusedMessage
  | Replayed;

export interface Sending {
  readonly verified: VerifiedEnvelope;
  /** Delegations that it was signed under; they were verified. */
  readonly chain: readonly JsonValue[];
  /** URL origin of the recipient's node, if the sender knows it. */
  readonly via: string | null;
}

/**
 * Both agents are on this node, or the recipient's node is found: where the conversation has it, where the sender says, where
 * a system log that is replicated here says, or at the host of the recipient's DID.
 */
export async function sendEnvelope(
  context: CommandContext,
  sequencer: Sequencer,
  { chain, verified, via }: Sending,
  limits: MessageLimits,
  caller: Caller | null,
): Promise<SendOutcome> {
  const posting = postingOf(verified, chain);
  const now = context.now();
  const refused = refusePosting(posting, now);
  if (refused !== null) return refused;
  const place = await findRecipient(context, posting, via);
  if ('code' in place) return place;
  const own = { node: context.node.did, url: context.node.origin };
  const local = place.url === own.url;
  const reads = [
    selectStanding(posting.from, now),
    ...sendingReads(posting, limits),
    ...(local ? takingReads(posting, limits, own) : []),
  ];
  return admit<SendOutcome>(context, sequencer, caller, reads, ([standing = [], ...rows]) => {
    const { banned, joined } = readStanding(standing[0]);
    if (banned) {
      return {
        result: refuseMessage('node_banned', 'The operator has banned you from this node.'),
      };
    }
    if (!joined) {
      return { result: refuseMessage('not_joined', `${posting.from} has not joined this node.`) };
    }
    const sent = decideSending(posting, rows.slice(0, SENDING_READS), { limits, now, place });
    if (!sent.ok) return { result: sent };
    if (sent.known) {
      const status = sent.status as 'waiting' | 'delivered' | 'refused';
      return { result: { ok: true, first: false, posting, status } };
    }
    if (!local) {
      const delivery = insertDelivery(posting.from, posting.name, place.url);
      const result = { ok: true, first: true, posting, status: 'waiting' } as const;
      return { result, write: [...sent.write, delivery] };
    }
    const taken = decideTaking(posting, rows.slice(SENDING_READS), { limits, now, place: own });
    if (!taken.ok) return { result: taken };
    const write = taken.known ? sent.write : [...sent.write, ...taken.write];
    return { result: { ok: true, first: true, posting, status: 'delivered' }, write };
  });
}

async function findRecipient(
  { db, node, now }: CommandContext,
  { conversation, envelope, from, to }: Posting,
  via: string | null,
): Promise<Whereabouts | RefusedMessage> {
  const [standing = [], begun = []] = await db.batch('read', [
    selectStanding(to, now()),
    selectConversation(from, conversation),
  ]);
  const here: Whereabouts = { node: node.did, url: node.origin };
  const [row]: readonly (Row | undefined)[] = begun;
  if (row !== undefined) {
    const { node: other, url } = readConversation(row);
    // Its URL may have changed since.
    if (other === node.did && via === null) return here;
    return via === null || via === url ? { node: other, url } : { node: '', url: via };
  }
  if (readStanding(standing[0]).joined && (via === null || via === node.origin)) return here;
  const [known] = via === null ? await findNodesOf(db, to) : [via];
  const url = known ?? hostOfDid(envelope.to[0] as Did, node.origin);
  if (url === null || url === node.origin) {
    const detail = `Nobody here knows on which node ${envelope.to[0]} takes messages; name it in via.`;
    return refuseMessage('recipient_unknown', detail);
  }
  return { node: '', url };
}
