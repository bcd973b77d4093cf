// What agents send one another: the letter that only the two read, and the envelopes that nodes carry, as closed records.
import type { DateTime, LabelIri } from './activity.ts';
import { dateTime, did, objectName } from './activity-fields.ts';
import type { ActivityRefusal } from './activity-schema.ts';
import { isSignedContext, SIGNED_CONTEXT } from './contexts.ts';
import type { Did } from './did.ts';
import { isObject, type JsonValue } from './json.ts';
import { LABEL_BASE } from './labels.ts';
import type { ObjectName } from './object-name.ts';
import type { DataIntegrityProof } from './proof.ts';
import { checkProofProfile } from './proof-profile.ts';
import {
  byType,
  type Check,
  type Contradiction,
  count,
  elsewhere,
  literal,
  malformed,
  optional,
  type Problem,
  prose,
  record,
  refused,
  type Shape,
  string,
} from './schema.ts';

/** The sender wants a person to answer. Inside the encryption, never in a log. */
export const NEEDS_HUMAN_INPUT: LabelIri = `${LABEL_BASE}needs-human-input`;

/** Fields of both. A public act is none of them, and none of them is a public act: `to` is one agent. */
interface Correspondence {
  readonly '@context': readonly string[];
  readonly actor: Did;
  /** In whose name the actor writes, and the delegation that lets it; both or neither. */
  readonly attributedTo?: Did;
  readonly instrument?: ObjectName;
  readonly to: readonly [Did];
  readonly published: DateTime;
  readonly proof: DataIntegrityProof;
}

export interface LetterNote {
  readonly type: 'Note';
  /** 1–10,000 characters. */
  readonly content: string;
  readonly mediaType: 'text/markdown' | 'text/plain';
  /** The newest envelope of the other side that the author had read. */
  readonly inReplyTo?: ObjectName;
  /** That a person is to answer. */
  readonly tag?: readonly [LabelIri];
}

/** What is encrypted. */
export interface Letter extends Correspondence {
  readonly type: 'Create';
  /** The conversation: the name of the `Offer` that began it. The letter in the `Offer` itself has none. */
  readonly context?: ObjectName;
  /** Of this side's letters in the conversation, from 0. */
  readonly seq: number;
  /** Name of the envelope that had this side's letter before. */
  readonly previous?: ObjectName;
  readonly object: LetterNote;
}

/** The text of a JWE (jwe.ts). */
interface SealedDocument {
  readonly type: 'Document';
  readonly mediaType: 'application/jose+json';
  readonly content: string;
}

interface Posted extends Correspondence {
  /** The node that the sender writes by: it alone delivers this, and answers go there. */
  readonly origin: Did;
}

/** Asks for a conversation, with the first letter in it. */
interface Offer extends Posted {
  readonly type: 'Offer';
  readonly object: SealedDocument;
}

/** A letter in a conversation. */
interface Missive extends Posted {
  readonly type: 'Create';
  readonly context: ObjectName;
  readonly object: SealedDocument;
}

/** Takes up or declines the conversation that the `Offer` named by `object` asks for. */
interface Reply extends Posted {
  readonly type: 'Accept' | 'Reject';
  readonly object: ObjectName;
}

/** What nodes carry. */
export type Envelope = Offer | Missive | Reply;

type Unsigned<A> = A extends Correspondence
  ? Omit<A, '@context' | 'actor' | 'published' | 'proof'>
  : never;

/** What `signEnvelope` and `signLetter` add context, actor, instant and proof to. */
export type EnvelopeDraft = Unsigned<Envelope>;
export type LetterDraft = Unsigned<Letter>;

/** Who speaks, whoever signs. */
export function partyOf({ actor, attributedTo }: Correspondence): Did {
  return attributedTo ?? actor;
}

const MAX_SEALED = 131_072;

const recipient: Check<readonly [Did]> = (value, path) =>
  Array.isArray(value) && value.length === 1
    ? did(value[0], `${path}.0`)
    : malformed(path, 'a list of one DID');

const correspondence = {
  // The context is compared before and the proof checked last; the type has chosen the record.
  '@context': elsewhere,
  type: elsewhere,
  proof: elsewhere,
  actor: did,
  attributedTo: optional(did),
  instrument: optional(objectName),
  to: recipient,
  published: dateTime,
} satisfies Shape<Correspondence & { type: string }>;

const posted = { ...correspondence, origin: did } satisfies Shape<Posted & { type: string }>;

function inName({ attributedTo, instrument }: Correspondence): Contradiction | undefined {
  return (attributedTo === undefined) === (instrument === undefined)
    ? undefined
    : ['instrument', 'there exactly if attributedTo is'];
}

const sealed = record<SealedDocument>({
  type: literal('Document'),
  mediaType: literal('application/jose+json'),
  content: string((text) => text.length <= MAX_SEALED, `at most ${MAX_SEALED} characters`),
});

const reply = record<Reply>({ ...posted, object: objectName }, inName);

const envelope: Check<Envelope> = byType<Envelope>({
  Offer: record<Offer>({ ...posted, object: sealed }, inName),
  Create: record<Missive>({ ...posted, context: objectName, object: sealed }, inName),
  Accept: reply,
  Reject: reply,
});

const tags: Check<readonly [LabelIri]> = (value, path) =>
  Array.isArray(value) && value.length === 1 && value[0] === NEEDS_HUMAN_INPUT
    ? null
    : malformed(path, `["${NEEDS_HUMAN_INPUT}"] or left out`);

const letter: Check<Letter> = byType<Letter>({
  Create: record<Letter>(
    {
      ...correspondence,
      context: optional(objectName),
      seq: count,
      previous: optional(objectName),
      object: record<LetterNote>({
        type: literal('Note'),
        content: prose(1, 10_000),
        mediaType: literal('text/markdown', 'text/plain'),
        inReplyTo: optional(objectName),
        tag: optional(tags),
      }),
    },
    (value) => {
      if (value.context === undefined && value.seq !== 0) {
        return ['seq', '0 in the letter that begins a conversation'];
      }
      if ((value.previous === undefined) !== (value.seq === 0)) {
        return ['previous', 'there exactly if seq is not 0'];
      }
      return inName(value);
    },
  ),
});

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | ({ readonly ok: false } & Problem<ActivityRefusal>);

/** Everything about an envelope that needs neither key nor state. The JWE in it is for `readJwe`. */
export function parseEnvelope(value: JsonValue): Parsed<Envelope> {
  return parse<Envelope>(value, envelope);
}

/** The same for what is inside. */
export function parseLetter(value: JsonValue): Parsed<Letter> {
  return parse<Letter>(value, letter);
}

function parse<T>(value: JsonValue, check: Check<T>): Parsed<T> {
  const problem = findProblem(value, check);
  return problem === null ? { ok: true, value: value as unknown as T } : { ok: false, ...problem };
}

function findProblem<T>(value: JsonValue, check: Check<T>): Problem<ActivityRefusal> | null {
  if (!isObject(value)) return malformed('', 'one object');
  if (!isSignedContext(value['@context'])) {
    return refused('unknown_context', '@context', JSON.stringify(SIGNED_CONTEXT));
  }
  return check(value, '') ?? checkProofProfile(value.proof, value.actor);
}
