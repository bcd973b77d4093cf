// What may be sent, and what is taken, between two agents: each side's rules over its own rows.
import { formatDateTime, parseDateTime } from '../protocol/date-time.ts';
import { type Did, subjectOf } from '../protocol/did.ts';
import { type Envelope, partyOf } from '../protocol/envelope.ts';
import type { JsonValue } from '../protocol/json.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import type { VerifiedEnvelope } from '../protocol/signed-envelope.ts';
import { number } from '../store/cell.ts';
import {
  type Conversation,
  countConversations,
  countRequests,
  insertConversation,
  placeConversation,
  readConversation,
  selectBlock,
  selectConversation,
  selectConversationsWith,
  touchConversation,
} from '../store/conversations.ts';
import type { Row, Statement } from '../store/database.ts';
import {
  insertMessage,
  selectAnswers,
  selectCameBefore,
  selectMailbox,
  selectMessage,
  selectSentBefore,
} from '../store/messages.ts';

/** What one agent may have and send; an operator can change it. */
export interface MessageLimits {
  /** Days that a message is kept. */
  readonly days: number;
  /** Bytes of all that is kept for one agent. */
  readonly bytes: number;
  /** Requests that one agent may send in an hour, and messages. */
  readonly requestsPerHour: number;
  readonly messagesPerHour: number;
  /** Conversations that one agent may have or have asked for. */
  readonly conversations: number;
}

export const MESSAGE_LIMITS: MessageLimits = {
  days: 30,
  bytes: 32 * 1024 * 1024,
  requestsPerHour: 50,
  messagesPerHour: 200,
  conversations: 50,
};

/** Requests that wait for one agent: strangers are free, so they must not fill its mailbox. */
const MAX_REQUESTS = 100;
/** And the strangers of one node must not keep all others away. */
const MAX_REQUESTS_OF_NODE = 50;
const HOUR_MS = 3_600_000;
const AHEAD_MS = 300_000;
const DAY_MS = 24 * HOUR_MS;
/** What its own node takes from a sender. */
const SENT_WITHIN_MS = DAY_MS;
/** How long a node tries to deliver. */
export const DELIVERED_WITHIN_MS = 7 * DAY_MS;
/** And so what the other node takes: whatever is older may be a repetition of what was deleted. */
export const TAKEN_WITHIN_MS = SENT_WITHIN_MS + DELIVERED_WITHIN_MS;

export type MessageRefusal =
  | 'not_joined'
  | 'node_banned'
  | 'recipient_unknown'
  | 'own_message'
  | 'clock_skew'
  | 'contact_refused'
  | 'conversation_exists'
  | 'conversation_unknown'
  | 'conversation_closed'
  | 'already_answered'
  | 'too_many_messages'
  | 'too_many_conversations'
  | 'mailbox_full';

export interface RefusedMessage {
  readonly ok: false;
  readonly code: MessageRefusal;
  readonly detail: string;
  /** Seconds. */
  readonly retryAfter?: number;
}

export function refuseMessage(
  code: MessageRefusal,
  detail: string,
  retryAfter?: number,
): RefusedMessage {
  return { ok: false, code, detail, ...(retryAfter !== undefined && { retryAfter }) };
}

/** An envelope with whom it is between. `from` and `to` are subjects. */
export interface Posting {
  readonly name: ObjectName;
  readonly bytes: Uint8Array;
  /** JSON of the delegations that it was signed under; they were verified. */
  readonly chain: string;
  readonly envelope: Envelope;
  readonly from: Did;
  readonly to: Did;
  /** Milliseconds. */
  readonly published: number;
  /** Name of the `Offer` that its conversation began with. */
  readonly conversation: ObjectName;
}

export function postingOf(
  { bytes, envelope, name }: VerifiedEnvelope,
  statements: readonly JsonValue[],
): Posting {
  // Of delegations that nothing was done under, none is kept.
  const chain = JSON.stringify(envelope.instrument === undefined ? [] : statements);
  const conversation =
    envelope.type === 'Offer'
      ? name
      : envelope.type === 'Create'
        ? envelope.context
        : envelope.object;
  const published = (parseDateTime(envelope.published) as number) * 1000;
  const parties = { from: subjectOf(partyOf(envelope)), to: subjectOf(envelope.to[0]) };
  return { name, bytes, chain, envelope, ...parties, published, conversation };
}

/** What the envelope alone says against it. `within`: how old it may be, in milliseconds. */
export function refusePosting(
  { envelope, from, published, to }: Posting,
  now: number,
  within = SENT_WITHIN_MS,
): RefusedMessage | null {
  if (from === to) return refuseMessage('own_message', 'An agent does not write to itself.');
  if (published <= now + AHEAD_MS && published >= now - within) return null;
  const clock = formatDateTime(Math.floor(now / 1000));
  return refuseMessage('clock_skew', `published is ${envelope.published}, the clock says ${clock}`);
}

/** Where the other side is: the DID of its node, empty where only the URL origin is known. */
export interface Whereabouts {
  readonly node: string;
  readonly url: string;
}

/** What one side's rules come to: `known` if its mailbox has, or has had, the envelope. */
export type SideDecision =
  | { readonly ok: true; readonly known: true; readonly status: string }
  | { readonly ok: true; readonly known: false; readonly write: readonly Statement[] }
  | RefusedMessage;

/** What `decideSending` is asked with. */
export function sendingReads(posting: Posting, limits: MessageLimits): readonly Statement[] {
  const { conversation, envelope, from, name, to } = posting;
  const perHour = envelope.type === 'Offer' ? limits.requestsPerHour : limits.messagesPerHour;
  return [
    selectMessage(from, name),
    selectConversationsWith(from, to),
    selectBlock(from, to),
    selectSentBefore(from, envelope.type, perHour),
    countConversations(from, limits.conversations),
    selectMailbox(from),
    selectConversation(from, conversation),
    // Letters are many, and so may be what they would be looked for among.
    isAnswer(envelope) ? selectAnswers(from, conversation) : NO_ROWS,
  ];
}

export const SENDING_READS = 8;

const NO_ROWS: Statement = { sql: 'SELECT 1 WHERE 0', args: [] };

function isAnswer({ type }: Envelope): boolean {
  return type === 'Accept' || type === 'Reject';
}

/** Whether the sender may send it, by what its own mailbox has; and what its mailbox has then. */
export function decideSending(
  posting: Posting,
  [messages, all, blocks, sent, live, mailbox, named, answers = []]: readonly Row[][],
  { limits, now, place }: Deciding,
): SideDecision {
  const known = knownBefore(messages);
  if (known !== null) return known;
  const { envelope, from, to } = posting;
  if (blocks?.[0] !== undefined) {
    return refuseMessage(
      'conversation_closed',
      'You have blocked this agent; take that back first.',
    );
  }
  const before = sent?.[0] === undefined ? null : number(sent[0], 0);
  if (before !== null && before > now - HOUR_MS) {
    const wait = Math.ceil((before + HOUR_MS - now) / 1000);
    const what = envelope.type === 'Offer' ? 'requests' : 'messages';
    return refuseMessage('too_many_messages', `No more ${what} in this hour.`, wait);
  }
  if (heldBytes(mailbox) + sizeOf(posting) > limits.bytes) {
    return refuseMessage('mailbox_full', 'Your mailbox is full; delete conversations.');
  }
  const crowded = number(live?.[0] as Row, 0) >= limits.conversations;
  const full = refuseMessage(
    'too_many_conversations',
    `There are ${limits.conversations} of yours.`,
  );
  if (envelope.type === 'Offer') {
    const standing = (all ?? []).map(readConversation).find(({ state }) => state !== 'rejected');
    if (standing !== undefined) {
      return refuseMessage('conversation_exists', `${standing.name} is ${standing.state}`);
    }
    if (crowded) return full;
    const begun = {
      name: posting.name,
      other: to,
      otherDid: envelope.to[0],
      asked: true,
      ...place,
    };
    const row = insertConversation(from, { ...begun, at: now });
    return taken([row, ...message(posting, from, false, now)]);
  }
  const conversation = named?.[0] === undefined ? null : readConversation(named[0]);
  const refused = refuseStrange(conversation, to, posting.conversation);
  if (conversation === null || refused !== null) return refused as RefusedMessage;
  if (envelope.type === 'Create') {
    if (conversation.state !== 'open') return closed(conversation);
    return taken([
      touchConversation(conversation.id, 'open', now),
      ...message(posting, from, false, now),
    ]);
  }
  // The other side has none of the answers that were refused there, and waits.
  const isUnheard = answers.length > 0 && answers.every(([status]) => status === 'refused');
  const isWaiting = conversation.state === 'requested' || isUnheard;
  if (conversation.asked || !isWaiting) return answered(conversation);
  if (envelope.type === 'Accept' && crowded) return full;
  return taken([
    touchConversation(conversation.id, stateAfter(envelope), now),
    ...message(posting, from, false, now),
  ]);
}

/** What `decideTaking` is asked with. */
export function takingReads(
  posting: Posting,
  limits: MessageLimits,
  { node }: Whereabouts,
): readonly Statement[] {
  const { conversation, from, name, to } = posting;
  return [
    selectMessage(to, name),
    selectConversationsWith(to, from),
    selectBlock(to, from),
    selectCameBefore(to, conversation, limits.messagesPerHour),
    countRequests(to, node, MAX_REQUESTS),
    selectMailbox(to),
    selectConversation(to, conversation),
  ];
}

/** Whether the recipient's mailbox takes it, and what it has then. `place` is where the sender is written to. */
export function decideTaking(
  posting: Posting,
  [messages, ofBoth, blocks, came, waiting, mailbox, named]: readonly Row[][],
  { limits, now, place }: Deciding,
): SideDecision {
  const known = knownBefore(messages);
  if (known !== null) return known;
  const { conversation: ofOffer, envelope, from, to } = posting;
  // One answer for whoever is blocked and whoever was declined: it does not tell which.
  const unwanted = refuseMessage(
    'contact_refused',
    `${envelope.to[0]} takes no messages from you.`,
  );
  if (blocks?.[0] !== undefined) return unwanted;
  const full = heldBytes(mailbox) + sizeOf(posting) > limits.bytes;
  const noRoom = refuseMessage('mailbox_full', `The mailbox of ${envelope.to[0]} is full.`);
  const sender = { otherDid: partyOf(envelope), ...place };
  if (envelope.type === 'Offer') {
    const standing = (ofBoth ?? []).map(readConversation);
    if (standing.some(({ asked, state }) => state === 'rejected' && !asked)) return unwanted;
    const there = standing.find(
      ({ asked, state }) => state === 'open' || (state === 'requested' && !asked),
    );
    if (there !== undefined) {
      return refuseMessage('conversation_exists', `${there.name} is ${there.state}`);
    }
    const [all = 0, ofNode = 0] = (waiting?.[0] ?? []) as number[];
    if (full || all >= MAX_REQUESTS || ofNode >= MAX_REQUESTS_OF_NODE) return noRoom;
    const begun = { name: posting.name, other: from, asked: false, ...sender };
    return taken([
      insertConversation(to, { ...begun, at: now }),
      ...message(posting, to, true, now),
    ]);
  }
  const conversation = named?.[0] === undefined ? null : readConversation(named[0]);
  const refused = refuseStrange(conversation, from, ofOffer);
  if (conversation === null || refused !== null) return refused as RefusedMessage;
  const { asked, id, state } = conversation;
  if (envelope.type === 'Create') {
    if (state === 'rejected' && !asked) return unwanted;
    if (state !== 'open') return closed(conversation);
    const before = came?.[0] === undefined ? null : number(came[0], 0);
    if (before !== null && before > now - HOUR_MS) {
      const wait = Math.ceil((before + HOUR_MS - now) / 1000);
      return refuseMessage('too_many_messages', 'No more messages in this hour.', wait);
    }
    if (full) return noRoom;
  } else if (!asked || state !== 'requested') return answered(conversation);
  return taken([
    touchConversation(id, stateAfter(envelope), now),
    placeConversation(id, sender),
    ...message(posting, to, true, now),
  ]);
}

export interface Deciding {
  readonly limits: MessageLimits;
  readonly now: number;
  /** Where the other side is written to. */
  readonly place: Whereabouts;
}

function knownBefore(messages: readonly Row[] | undefined): SideDecision | null {
  const row = messages?.[0];
  return row === undefined ? null : { ok: true, known: true, status: String(row[2]) };
}

/** Somebody else's conversation is as unknown as none. */
function refuseStrange(
  conversation: Conversation | null,
  other: Did,
  name: ObjectName,
): RefusedMessage | null {
  return conversation?.other === other
    ? null
    : refuseMessage('conversation_unknown', `There is no conversation ${name} between the two.`);
}

function stateAfter({ type }: Envelope): 'open' | 'rejected' {
  return type === 'Reject' ? 'rejected' : 'open';
}

function closed({ asked, state }: Conversation): RefusedMessage {
  const detail =
    state === 'rejected'
      ? 'The request was declined.'
      : asked
        ? 'The other side has not answered the request yet.'
        : 'The request has to be accepted first.';
  return refuseMessage('conversation_closed', detail);
}

function answered({ asked, state }: Conversation): RefusedMessage {
  const detail =
    asked && state === 'requested' ? 'It is for the other side to answer.' : `It is ${state}.`;
  return refuseMessage('already_answered', detail);
}

function sizeOf({ bytes, chain }: Posting): number {
  return bytes.length + chain.length;
}

function heldBytes(mailbox: readonly Row[] | undefined): number {
  return mailbox?.[0] === undefined ? 0 : number(mailbox[0], 0);
}

function message(posting: Posting, owner: Did, incoming: boolean, at: number): Statement[] {
  const { bytes, chain, conversation, envelope, name, published } = posting;
  const kind = envelope.type;
  return insertMessage({ owner, name, conversation, kind, incoming, bytes, chain, published, at });
}

function taken(write: readonly Statement[]): SideDecision {
  return { ok: true, known: false, write };
}
