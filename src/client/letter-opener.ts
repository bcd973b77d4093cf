// Opens what a node has of a conversation: who speaks, in which order, and what; all by signatures, nothing by the node's word.
import { verifyMessageChain } from '../protocol/delegation-chain.ts';
import { type Did, subjectOf } from '../protocol/did.ts';
import { type Envelope, type Letter, partyOf } from '../protocol/envelope.ts';
import type { JsonObject } from '../protocol/json.ts';
import type { MessageView } from '../protocol/message-views.ts';
import type { KeyResolver } from '../protocol/object.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { type LetterRefusal, openLetter } from '../protocol/sealed-letter.ts';
import { type VerifiedEnvelope, verifyEnvelope } from '../protocol/signed-envelope.ts';
import type { Connection } from './connection.ts';
import { rememberingKeys } from './correspondents.ts';
import { LetterChain, type LetterOrder } from './letter-chain.ts';
import type { Speaker } from './speaker.ts';

/** A letter as it was written, or why it is not shown. */
export type ShownLetter =
  | {
      readonly ok: true;
      readonly content: string;
      readonly mediaType: 'text/markdown' | 'text/plain';
      readonly needsHumanInput: boolean;
      /** The newest envelope of the other side that the author had read. */
      readonly inReplyTo: ObjectName | null;
      /** Of this side's letters in the conversation, from 0. */
      readonly seq: number;
      readonly order: LetterOrder;
    }
  | {
      readonly ok: false;
      readonly reason: LetterRefusal | 'envelope_invalid' | 'other_parties' | 'delegation_invalid';
      readonly detail: string;
    };

/** What was found out here. */
interface Reading {
  /** Who speaks, by the signature; null where that did not verify. */
  readonly from: Did | null;
  /** Who signed, where that is somebody who may speak for `from`; null where it signed itself. */
  readonly signer: Did | null;
  /** Null in an answer to a request, which has no words. */
  readonly letter: ShownLetter | null;
}

/** A message whose envelope and letter were verified here. */
export interface ReadMessage extends MessageView, Reading {}

export interface OpenedMessages {
  /** The other side by what is signed; null where nothing shows it. */
  readonly other: Did | null;
  readonly messages: readonly ReadMessage[];
}

export class LetterOpener {
  readonly #crypto: Connection['crypto'];
  readonly #resolveKey: KeyResolver;
  readonly #speaker: Speaker;

  constructor(crypto: Connection['crypto'], resolveKey: KeyResolver, speaker: Speaker) {
    this.#crypto = crypto;
    this.#resolveKey = resolveKey;
    this.#speaker = speaker;
  }

  /** Messages of the conversation `name` in their order; `offer` is the one that it began with, where it is not among them. */
  async open(
    name: ObjectName,
    messages: readonly MessageView[],
    offer: MessageView | null = null,
  ): Promise<OpenedMessages> {
    const me = await this.#speaker.party();
    // A page of one agent's letters would otherwise ask for its keys as often as it has letters.
    const resolveKey = rememberingKeys(this.#resolveKey);
    const verified = await Promise.all(
      messages.map((message) => this.#verify(message, resolveKey)),
    );
    const first = offer === null ? null : await this.#verify(offer, resolveKey);
    const other = otherOf(name, [first, ...verified], me);
    const chain = new LetterChain();
    const opened: ReadMessage[] = [];
    for (const [i, message] of messages.entries()) {
      const read = await this.#read(verified[i] ?? null, message, {
        ...{ chain, me, name, other, resolveKey },
      });
      opened.push({ ...message, ...read });
    }
    return { other, messages: opened };
  }

  async #verify(message: MessageView, resolveKey: KeyResolver): Promise<VerifiedEnvelope | null> {
    const verdict = await verifyEnvelope(message.envelope, { crypto: this.#crypto, resolveKey });
    // The node says how messages are called; that follows from what they are.
    return verdict.ok && verdict.verified.name === message.object ? verdict.verified : null;
  }

  async #read(
    verified: VerifiedEnvelope | null,
    message: MessageView,
    { chain, me, name, other, resolveKey }: Conversing,
  ): Promise<Reading> {
    if (verified === null) return unread('envelope_invalid', 'its signature does not verify');
    const { envelope } = verified;
    const [from, to] = [partyOf(envelope), envelope.to[0]];
    if (conversationOf(verified) !== name || !isBetween(me, other, from, to)) {
      return unread('other_parties', `it is from ${from} to ${to}`);
    }
    const fault = await this.#chainFault(envelope, message.chain, resolveKey);
    if (fault !== null) return unread('delegation_invalid', fault);
    const spoken = { from, signer: from === envelope.actor ? null : envelope.actor };
    if (verified.sealed === null) return { ...spoken, letter: null };
    const opened = await openLetter(verified, this.#speaker.secrets(), {
      crypto: this.#crypto,
      resolveKey,
    });
    if (!opened.ok) {
      const { detail, reason } = opened;
      return { ...spoken, letter: { ok: false, reason, detail } };
    }
    const { letter } = opened;
    const order = chain.place(subjectOf(from), letter, verified.name);
    return { ...spoken, letter: shown(letter, order) };
  }

  async #chainFault(
    { actor, attributedTo, instrument, published }: Envelope,
    statements: readonly JsonObject[],
    resolveKey: KeyResolver,
  ): Promise<string | null> {
    if (attributedTo === undefined || instrument === undefined) return null;
    const invocation = { actor, principal: attributedTo, instrument, t: Date.parse(published) };
    const context = { crypto: this.#crypto, resolveKey };
    const verdict = await verifyMessageChain(statements, invocation, context);
    return verdict.ok ? null : verdict.detail;
  }
}

interface Conversing {
  readonly name: ObjectName;
  readonly me: Did;
  readonly other: Did | null;
  readonly chain: LetterChain;
  readonly resolveKey: KeyResolver;
}

function unread(reason: Extract<ShownLetter, { ok: false }>['reason'], detail: string) {
  return { from: null, signer: null, letter: { ok: false, reason, detail } } as const;
}

function conversationOf({ envelope, name }: VerifiedEnvelope): ObjectName {
  if (envelope.type === 'Offer') return name;
  return envelope.type === 'Create' ? envelope.context : envelope.object;
}

/**
 * The other side of a conversation. The `Offer` that it is named after says so for certain; without it, what this agent has
 * signed itself; without that, whoever has written first of what is there.
 */
function otherOf(
  name: ObjectName,
  verified: readonly (VerifiedEnvelope | null)[],
  me: Did,
): Did | null {
  const own = subjectOf(me);
  const all = verified.filter((one) => one !== null).filter((one) => conversationOf(one) === name);
  const isOwn = ({ envelope }: VerifiedEnvelope) => subjectOf(partyOf(envelope)) === own;
  const witness =
    all.find(({ envelope }) => envelope.type === 'Offer') ?? all.find(isOwn) ?? all[0];
  if (witness === undefined) return null;
  const { envelope } = witness;
  const other = isOwn(witness) ? envelope.to[0] : partyOf(envelope);
  if (subjectOf(other) === own) return null;
  // It may be called otherwise by now, as it says itself.
  const newest = all.findLast((one) => subjectOf(partyOf(one.envelope)) === subjectOf(other));
  return newest === undefined ? other : partyOf(newest.envelope);
}

function isBetween(me: Did, other: Did | null, from: Did, to: Did): boolean {
  if (other === null) return false;
  const [mine, theirs, sender, recipient] = [me, other, from, to].map(subjectOf);
  return (sender === mine && recipient === theirs) || (sender === theirs && recipient === mine);
}

function shown({ object, seq }: Letter, order: LetterOrder): ShownLetter {
  const { content, inReplyTo = null, mediaType, tag } = object;
  const needsHumanInput = tag !== undefined;
  return { ok: true, content, mediaType, needsHumanInput, inReplyTo, seq, order };
}
