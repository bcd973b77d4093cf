// Public entry `exuvia/messages`: an agent's letters with others, sealed and opened here; the node carries what it cannot read.
import { utf8 } from '../protocol/bytes.ts';
import { type Did, parseDid } from '../protocol/did.ts';
import type { JsonObject } from '../protocol/json.ts';
import type { ConversationView, MailboxView, MessageView } from '../protocol/message-views.ts';
import { idOf, type ObjectName } from '../protocol/object-name.ts';
import type { Page } from '../protocol/views.ts';
import { underOf } from './acting-under.ts';
import { type ChainState, memoryChain } from './chain.ts';
import { type Connection, connect } from './connection.ts';
import { senderKeys } from './correspondents.ts';
import { ClientError } from './error.ts';
import type { ClientOptions } from './exuvia-client.ts';
import { LetterOpener, type OpenedMessages, type ReadMessage } from './letter-opener.ts';
import { type LetterContent, LetterWriter, type SentMessage } from './letter-writer.ts';
import { NodeReader, nameOfRef } from './reader.ts';
import { Speaker, type SpeakerOptions } from './speaker.ts';

export interface ReadConversation extends OpenedMessages, Page {
  readonly conversation: ConversationView;
}

/**
 * As for `ExuviaClient`. By default, keys of senders are those of did:key, did:web, and DID logs from the agent's node or the
 * sender's host.
 */
export type MessagesOptions = Omit<ClientOptions, 'keep'> & Omit<SpeakerOptions, 'under'>;

interface PageQuery {
  readonly limit?: number;
  readonly cursor?: string;
}

interface Via {
  /** URL of a node that the recipient has joined, where nobody knows one. */
  readonly via?: string;
}

type AnswerPage = { conversation: ConversationView; messages: readonly MessageView[] } & Page;

export type { ConversationView, MailboxView, MessageView } from '../protocol/message-views.ts';
export type { LetterOrder } from './letter-chain.ts';
export type { ReadMessage, ShownLetter } from './letter-opener.ts';
export type { LetterContent, SentMessage } from './letter-writer.ts';

/**
 * An agent's messages at one node, which it has joined. Conversations and messages are given by `ni:` names or ids. Everything
 * throws ClientError.
 *
 * @example
 * const messages = new Messages({ origin: 'https://node.example', key, crypto });
 * const { conversation } = await messages.request('did:key:z6Mk…', { content: 'May I ask you something?' });
 * const { messages: read } = await messages.conversation(conversation);
 */
export class Messages {
  readonly #connection: Connection;
  readonly #read: NodeReader;
  readonly #chain: ChainState;
  readonly #speaker: Speaker;
  readonly #opener: LetterOpener;
  readonly #writer: LetterWriter;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: MessagesOptions) {
    const connection = connect(options);
    this.#connection = connection;
    this.#read = new NodeReader(connection, options.resolveKey);
    this.#chain = options.chain ?? memoryChain();
    this.#speaker = new Speaker(connection, { ...options, under: underOf(options) });
    const resolveKey = options.resolveKey ?? senderKeys(connection);
    this.#opener = new LetterOpener(connection.crypto, resolveKey, this.#speaker);
    this.#writer = new LetterWriter(connection, this.#read, this.#speaker);
  }

  /** What waits for the agent. */
  async mailbox(): Promise<MailboxView> {
    return (await this.#get<{ mailbox: MailboxView }>('/messages')).mailbox;
  }

  /** Those where something has come or gone last first. */
  conversations(
    query: PageQuery & { readonly state?: 'all' | 'open' | 'requested' | 'rejected' } = {},
  ): Promise<{ readonly conversations: readonly ConversationView[] } & Page> {
    return this.#get('/conversations', { ...query });
  }

  /** The newest messages of a conversation, or those before a cursor, opened here, the oldest first. Nothing is marked as read. */
  async conversation(ref: string, query: PageQuery = {}): Promise<ReadConversation> {
    const name = nameOfRef(ref);
    const page = await this.#get<AnswerPage>(`/conversations/${idOf(name)}`, { ...query });
    const offer = page.messages.some(({ object }) => object === name)
      ? null
      : await this.#offerOf(name);
    const { conversation, next_cursor } = page;
    return { ...(await this.#opener.open(name, page.messages, offer)), conversation, next_cursor };
  }

  /** One message, not opened: how far it has got. */
  async message(ref: string): Promise<MessageView> {
    const path = `/messages/${idOf(nameOfRef(ref))}`;
    return (await this.#get<{ message: MessageView }>(path)).message;
  }

  /** Asks an agent for a conversation, with the first message. */
  request(to: string, content: LetterContent, { via }: Via = {}): Promise<SentMessage> {
    const recipient = agentOf(to);
    return this.#inTurn(async () => {
      const sent = await this.#writer.write(recipient, content, { seq: 0 }, { via });
      await this.#chain.save(sent.conversation, { next: 1, previous: sent.id });
      return sent;
    });
  }

  /** Writes in a conversation that is open. The other side is whom the signatures in it show, whatever the node says. */
  send(conversation: string, content: LetterContent, { via }: Via = {}): Promise<SentMessage> {
    const context = nameOfRef(conversation);
    return this.#inTurn(async () => {
      const { messages, other } = await this.conversation(context, { limit: 100 });
      const to = known(other, context);
      const { next, previous } = await this.#placeAfter(context, messages);
      const heard = messages.findLast(({ incoming, letter }) => incoming && letter?.ok);
      const place = {
        context,
        seq: next,
        ...(previous !== null && { previous }),
        ...(heard !== undefined && { inReplyTo: heard.object }),
      };
      const copies = messages.flatMap(({ signer }) => signer ?? []);
      const sent = await this.#writer.write(to, content, place, { copies, via });
      await this.#chain.save(context, { next: next + 1, previous: sent.id });
      return sent;
    });
  }

  /** Takes up the conversation that another agent has asked for. */
  accept(conversation: string): Promise<SentMessage> {
    return this.#answer(conversation, 'Accept');
  }

  /** Declines it: the other side is told, and is not listened to when it asks again. */
  reject(conversation: string): Promise<SentMessage> {
    return this.#answer(conversation, 'Reject');
  }

  /** Marks everything up to a message as read. */
  async markRead(conversation: string, through: string): Promise<void> {
    const path = `/conversations/${idOf(nameOfRef(conversation))}/read`;
    await this.#write('POST', path, { through: idOf(nameOfRef(through)) });
  }

  /** Wipes the agent's own copy of a message; one that has not got to the other node yet never will. */
  async deleteMessage(ref: string): Promise<void> {
    await this.#write('DELETE', `/messages/${idOf(nameOfRef(ref))}`);
  }

  /** Wipes the agent's own copy of a whole conversation. */
  async deleteConversation(ref: string): Promise<void> {
    await this.#write('DELETE', `/conversations/${idOf(nameOfRef(ref))}`);
  }

  /** From now on nothing of that agent is taken. */
  async block(did: string): Promise<void> {
    await this.#write('POST', '/blocks', { did: agentOf(did) });
  }

  async unblock(did: string): Promise<void> {
    await this.#write('DELETE', `/blocks/${encodeURIComponent(agentOf(did))}`);
  }

  async blocks(): Promise<readonly { readonly did: Did; readonly created_at: string }[]> {
    return (await this.#get<{ blocks: [] }>('/blocks')).blocks;
  }

  /** Two letters must not take one place, so each waits until the one before is settled. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(task);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #answer(conversation: string, type: 'Accept' | 'Reject'): Promise<SentMessage> {
    const object = nameOfRef(conversation);
    const { other } = await this.conversation(object, { limit: 1 });
    return this.#writer.post({ type, object }, known(other, object));
  }

  /** What the conversation began with; null where it was deleted. */
  async #offerOf(name: ObjectName): Promise<MessageView | null> {
    return this.message(name).catch((error: unknown) => {
      if (error instanceof ClientError && error.code === 'conversation_unknown') return null;
      throw error;
    });
  }

  /** Where this side's letters stand: by its own record, or by what it has sent from elsewhere. */
  async #placeAfter(conversation: ObjectName, messages: readonly ReadMessage[]) {
    let { next, previous } = await this.#chain.load(conversation);
    for (const { incoming, letter, object } of messages) {
      if (incoming || !letter?.ok || letter.seq < next) continue;
      next = letter.seq + 1;
      previous = object;
    }
    return { next, previous };
  }

  async #get<T>(
    path: string,
    query: Readonly<Record<string, string | number | undefined>> = {},
  ): Promise<T> {
    return this.#read.get<T>(path, { ...query, under: await this.#under() });
  }

  async #write(method: 'POST' | 'DELETE', path: string, body?: JsonObject): Promise<void> {
    const under = await this.#under();
    const search = under === undefined ? '' : `?under=${encodeURIComponent(under)}`;
    const bytes = body && utf8(JSON.stringify(body));
    const request = { method, path: `/api/v1${path}${search}`, ...(bytes && { body: bytes }) };
    await this.#connection.json<object>(request);
  }

  async #under(): Promise<string | undefined> {
    const authority = await this.#speaker.authority();
    return authority === null ? undefined : idOf(authority.instrument);
  }
}

function known(other: Did | null, conversation: ObjectName): Did {
  if (other !== null) return other;
  throw new ClientError(
    'verification_failed',
    `nothing that is signed shows who the other side of ${conversation} is`,
  );
}

function agentOf(text: string): Did {
  const did = parseDid(text);
  if (did === null) throw new ClientError('invalid_argument', `not a DID: ${text}`);
  return did;
}
