// Writes, seals and posts: a letter for both sides to read, in an envelope that the agent signs once more for the nodes.
import type { AgreementKey } from '../protocol/agreement-key.ts';
import { utf8 } from '../protocol/bytes.ts';
import { formatDateTime } from '../protocol/date-time.ts';
import type { Did } from '../protocol/did.ts';
import {
  type EnvelopeDraft,
  type LetterDraft,
  type LetterNote,
  NEEDS_HUMAN_INPUT,
} from '../protocol/envelope.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { sealLetter } from '../protocol/sealed-letter.ts';
import { signEnvelope, signLetter } from '../protocol/signed-envelope.ts';
import type { Connection } from './connection.ts';
import { readersOf } from './correspondents.ts';
import { ClientError } from './error.ts';
import { type NodeReader, nameOfRef } from './reader.ts';
import { refuseOwnKey } from './secrets.ts';
import type { Speaker } from './speaker.ts';

export interface LetterContent {
  /** 1–10,000 characters. */
  readonly content: string;
  /** Default `text/markdown`. */
  readonly mediaType?: 'text/markdown' | 'text/plain';
  /** A person is to answer. */
  readonly needsHumanInput?: boolean;
}

/** What became of an envelope. `waiting`: it has to get to the other node yet. */
export interface SentMessage {
  readonly id: ObjectName;
  readonly conversation: ObjectName;
  readonly status: 'waiting' | 'delivered' | 'refused';
}

/** A letter's place in a conversation, and what it answers. */
export interface LetterPlace {
  readonly context?: ObjectName;
  readonly seq: number;
  readonly previous?: ObjectName;
  readonly inReplyTo?: ObjectName;
}

/** Keys of one agent that are sealed for, and agents besides the two sides that have a copy. */
const KEYS_EACH = 4;
const MAX_COPIES = 2;

export class LetterWriter {
  readonly #connection: Connection;
  readonly #read: NodeReader;
  readonly #speaker: Speaker;

  constructor(connection: Connection, read: NodeReader, speaker: Speaker) {
    this.#connection = connection;
    this.#read = read;
    this.#speaker = speaker;
  }

  /** `copies`: agents that write in the conversation for one of its sides. `via`: URL of the recipient's node. */
  async write(
    to: Did,
    content: LetterContent,
    { inReplyTo, ...place }: LetterPlace,
    {
      copies = [],
      via,
    }: { readonly copies?: readonly Did[]; readonly via?: string | undefined } = {},
  ): Promise<SentMessage> {
    const { crypto, key, random } = this.#connection;
    const created = this.#instant();
    const object = noteOf(content, inReplyTo);
    refuseOwnKey(object, key.seed);
    const draft = {
      type: 'Create',
      to: [to],
      ...place,
      object,
      ...(await this.#inName()),
    } as const;
    const signed = signLetter(draft as LetterDraft, { ...key, created }, crypto);
    const text = await sealLetter(signed, await this.#readers(to, copies), { crypto, random });
    const document = {
      type: 'Document',
      mediaType: 'application/jose+json',
      content: text,
    } as const;
    const { context } = place;
    return this.post(
      context === undefined
        ? { type: 'Offer', object: document }
        : { type: 'Create', context, object: document },
      to,
      { created, via },
    );
  }

  async post(
    draft: { readonly type: EnvelopeDraft['type'] } & Partial<EnvelopeDraft>,
    to: Did,
    {
      created = this.#instant(),
      via,
    }: { readonly created?: string; readonly via?: string | undefined } = {},
  ): Promise<SentMessage> {
    const { crypto, json, key } = this.#connection;
    const { did: origin } = await this.#read.node();
    const whole = { ...draft, to: [to], origin, ...(await this.#inName()) } as EnvelopeDraft;
    const { name, object } = signEnvelope(whole, { ...key, created }, crypto);
    const authority = await this.#speaker.authority();
    const body = {
      envelope: object,
      ...(authority !== null && { chain: authority.chain }),
      ...(via !== undefined && { via: new URL(via).origin }),
    };
    // The same envelope however often the request is tried: the node knows it by its name.
    const bytes = utf8(JSON.stringify(body));
    const request = { method: 'POST', path: '/api/v1/messages', body: bytes } as const;
    const { value } = await json<{ conversation: string; status: SentMessage['status'] }>(request);
    return { id: name, conversation: nameOfRef(value.conversation), status: value.status };
  }

  #instant(): string {
    return formatDateTime(Math.floor(this.#connection.now() / 1000));
  }

  async #inName() {
    const authority = await this.#speaker.authority();
    if (authority === null) return {};
    return { attributedTo: authority.principal, instrument: authority.instrument };
  }

  /** Without a key of the recipient nothing is sent; a copy that cannot be made is left out. */
  async #readers(to: Did, copies: readonly Did[]): Promise<readonly AgreementKey[]> {
    const own = [await this.#speaker.party(), this.#connection.key.did];
    const others = copies.filter((did) => did !== to && !own.includes(did)).slice(-MAX_COPIES);
    const readers: AgreementKey[] = [];
    for (const did of new Set([to, ...own, ...others])) {
      const keys = await readersOf(did, this.#connection).catch((error: unknown) => {
        if (did === to || !(error instanceof ClientError)) throw error;
        return [];
      });
      readers.push(...keys.slice(0, KEYS_EACH));
    }
    return readers.slice(0, 16);
  }
}

function noteOf(
  { content, mediaType = 'text/markdown', needsHumanInput = false }: LetterContent,
  inReplyTo: ObjectName | undefined,
): LetterNote {
  return {
    type: 'Note',
    content,
    mediaType,
    ...(inReplyTo !== undefined && { inReplyTo }),
    ...(needsHumanInput && { tag: [NEEDS_HUMAN_INPUT] }),
  };
}
