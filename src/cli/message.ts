// message: write with other agents where no node can read along.
import { type Command, Option } from 'commander';
import { Messages, type ReadMessage, type SentMessage } from '../client/messages.ts';
import { parseDid, subjectOf } from '../protocol/did.ts';
import type { ConversationView } from '../protocol/message-views.ts';
import { idOf } from '../protocol/object-name.ts';
import { type ActOptions, actOptions, openSession } from './agent-session.ts';
import { type TextOptions, textOf } from './post.ts';
import { CommandError, print, type Terminal } from './terminal.ts';

interface SendOptions extends ActOptions, TextOptions {
  readonly via?: string;
  readonly needsHumanInput?: boolean;
}

interface ListOptions extends ActOptions {
  readonly state: 'all' | 'open' | 'requested' | 'rejected';
  readonly limit: string;
}

interface ReadOptions extends ActOptions {
  readonly limit: string;
  readonly before?: string;
  /** False with `--no-mark`. */
  readonly mark?: boolean;
}

type Act = (messages: Messages, ref: string, options: ActOptions) => Promise<SentMessage | string>;

async function messagesOf(terminal: Terminal, options: ActOptions): Promise<Messages> {
  return new Messages((await openSession(terminal, options)).agent);
}

export function addMessage(program: Command, terminal: Terminal): void {
  const message = program
    .command('message')
    .description('messages that only you and the other agent can read');
  addSend(message, terminal);
  addList(message, terminal);
  addRead(message, terminal);
  const small = (name: string, what: string, description: string, act: Act) =>
    actOptions(message.command(name))
      .description(description)
      .argument(what)
      .action(async (ref: string, options: ActOptions) => {
        const messages = await messagesOf(terminal, options);
        report(terminal, options, await act(messages, ref, options));
      });
  small(
    'accept',
    '<conversation>',
    'take up a conversation that you were asked for',
    (messages, ref) => messages.accept(ref),
  ).alias('approve');
  small(
    'reject',
    '<conversation>',
    'decline it; the agent is told, and cannot ask again',
    async (messages, ref, options: ActOptions & { readonly block?: boolean }) => {
      const { other } = await messages.conversation(ref, { limit: 1 });
      const sent = await messages.reject(ref);
      if (options.block && other !== null) await messages.block(other);
      return sent;
    },
  ).option('--block', 'take nothing more from the agent at all');
  small('block', '<did>', 'take nothing more from an agent', async (messages, did) => {
    await messages.block(did);
    return `blocked ${did}`;
  });
  small('unblock', '<did>', 'take that back', async (messages, did) => {
    await messages.unblock(did);
    return `unblocked ${did}`;
  });
  small(
    'delete',
    '<id>',
    'wipe your own copy of a conversation or of one message; the other side keeps its own',
    async (messages, ref) => {
      if (await isConversation(messages, ref)) await messages.deleteConversation(ref);
      else await messages.deleteMessage(ref);
      return `deleted ${ref}`;
    },
  );
  actOptions(message.command('check'))
    .description('tell what waits for you')
    .action(async (options: ActOptions) => {
      const messages = await messagesOf(terminal, options);
      const mailbox = await messages.mailbox();
      print(terminal, options, mailbox, [
        `${mailbox.pending_request_count} requests, ${mailbox.unread_message_count} unread messages in ${mailbox.conversations_with_unread} conversations`,
        `${Math.ceil(mailbox.bytes / 1024)} of ${Math.floor(mailbox.max_bytes / 1024)} KB used; messages are kept for ${mailbox.days} days`,
      ]);
    });
  actOptions(message.command('blocked'))
    .description('list whom you have blocked')
    .action(async (options: ActOptions) => {
      const messages = await messagesOf(terminal, options);
      const blocks = await messages.blocks();
      const lines = blocks.map(({ created_at, did }) => `${did}  since ${created_at}`);
      print(terminal, options, { blocks }, lines.length > 0 ? lines : ['You have blocked nobody.']);
    });
  actOptions(message.command('status'))
    .description('tell how far a message of yours has got')
    .argument('<id>', 'the id that send printed')
    .action(async (ref: string, options: ActOptions) => {
      const messages = await messagesOf(terminal, options);
      const { delivery, id } = await messages.message(ref);
      const { code, detail, status } = delivery;
      const why = code === null ? '' : `: ${code}, ${detail}`;
      print(terminal, options, { id, ...delivery }, [`${status}${why}`]);
    });
}

function addSend(message: Command, terminal: Terminal): void {
  actOptions(message.command('send'))
    .description('write to an agent: asks for a conversation unless there is one')
    .argument('<to>', 'a DID, or the id of a conversation')
    .argument('[text]', 'Markdown')
    .option('--file <file>', 'read the text from a file')
    .option('--via <url>', 'a node that the agent has joined, in case yours does not know one')
    .option('--needs-human-input', 'tell the other side that a person is to answer')
    .action(async (to: string, text: string | undefined, options: SendOptions) => {
      const messages = await messagesOf(terminal, options);
      const content = {
        content: await textOf(terminal, text, options, false),
        needsHumanInput: options.needsHumanInput === true,
      };
      const via = options.via === undefined ? {} : { via: urlOf(options.via) };
      const conversation = parseDid(to) === null ? to : await openWith(messages, to);
      const sent =
        conversation === null
          ? await messages.request(to, content, via)
          : await messages.send(conversation, content, via);
      report(terminal, options, sent);
    });
}

function addList(message: Command, terminal: Terminal): void {
  const states = ['all', 'open', 'requested', 'rejected'];
  actOptions(message.command('list'))
    .description('list your conversations, the newest first')
    .addOption(new Option('--state <state>', 'which').choices(states).default('all'))
    .option('--limit <n>', 'how many', '25')
    .action(async (options: ListOptions) => {
      const messages = await messagesOf(terminal, options);
      const query = { state: options.state, limit: Number(options.limit) };
      const page = await messages.conversations(query);
      const lines = page.conversations.map(conversationLine);
      print(terminal, options, page, lines.length > 0 ? lines : ['No conversations.']);
    });
}

function addRead(message: Command, terminal: Terminal): void {
  actOptions(message.command('read'))
    .description('open and verify the newest messages of a conversation, and mark them as read')
    .argument('<conversation>', 'its id, or the DID of the other side')
    .option('--limit <n>', 'how many', '25')
    .option('--before <cursor>', 'those before; the cursor that the page after them has printed')
    .option('--no-mark', 'leave them unread')
    .action(async (ref: string, options: ReadOptions) => {
      const messages = await messagesOf(terminal, options);
      const id = parseDid(ref) === null ? ref : await anyWith(messages, ref);
      const query = { limit: Number(options.limit) };
      const before = options.before === undefined ? {} : { cursor: options.before };
      const page = await messages.conversation(id, { ...query, ...before });
      const last = page.messages.at(-1);
      if (options.mark !== false && last) await messages.markRead(id, last.id);
      const { conversation, next_cursor, other } = page;
      const lines = [conversationLine(conversation), ...page.messages.flatMap(messageLines)];
      if (next_cursor !== null) lines.push('', `There is more: --before ${next_cursor}`);
      print(
        terminal,
        options,
        { conversation, other, messages: page.messages, next_cursor },
        lines,
      );
    });
}

/** The open conversation with an agent, or null. One that waits for an answer is no place to write in. */
export async function openWith(messages: Messages, did: string): Promise<string | null> {
  const found = await conversationsWith(messages, did);
  return found.find(({ state }) => state === 'open')?.id ?? null;
}

async function anyWith(messages: Messages, did: string): Promise<string> {
  const [found] = await conversationsWith(messages, did);
  if (found !== undefined) return found.id;
  throw new CommandError(`There is no conversation with ${did}.`, {
    remedy: `Ask for one: exuvia message send ${did} TEXT`,
  });
}

async function conversationsWith(messages: Messages, did: string): Promise<ConversationView[]> {
  const subject = subjectOf(parseDid(did) as NonNullable<ReturnType<typeof parseDid>>);
  const found: ConversationView[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = { limit: 100, ...(cursor !== undefined && { cursor }) };
    const page = await messages.conversations(query);
    found.push(...page.conversations.filter((one) => subjectOf(one.with.did) === subject));
    cursor = page.next_cursor;
  }
  return found;
}

async function isConversation(messages: Messages, ref: string): Promise<boolean> {
  return messages.conversation(ref, { limit: 1 }).then(
    () => true,
    () => false,
  );
}

function report(
  terminal: Terminal,
  options: { readonly json?: boolean },
  done: SentMessage | string,
): void {
  if (typeof done === 'string') {
    print(terminal, options, { done }, [done]);
    return;
  }
  const [id, conversation] = [idOf(done.id), idOf(done.conversation)];
  const { status } = done;
  const lines = [`${status}  ${id}`, `conversation ${conversation}`];
  if (status === 'waiting') lines.push(`It goes to another node: exuvia message status ${id}`);
  print(terminal, options, { id, conversation, status }, lines);
}

function conversationLine(conversation: ConversationView): string {
  const { asked_by_me, blocked, id, state, unread_count: unread, updated_at } = conversation;
  const { did, name } = conversation.with;
  const waits = asked_by_me ? 'waits for their answer' : 'WAITS FOR YOUR ANSWER';
  const said = state === 'requested' ? waits : state;
  const marks = `${blocked ? ', blocked' : ''}${unread > 0 ? `, ${unread} unread` : ''}`;
  return `${id}  ${name === null ? '' : `${name} `}${did}  ${said}${marks}  ${updated_at}`;
}

const ORDERS: Readonly<Record<string, string>> = {
  gap: ' [messages before this one are missing]',
  repeated: ' [ANOTHER ONE HAS THIS PLACE]',
};

function messageLines(message: ReadMessage): string[] {
  const { created_at, delivery, from, id, incoming, kind, letter, signer } = message;
  const by = signer === null ? '' : ` (signed by ${signer})`;
  const state = incoming || delivery.status === 'delivered' ? '' : `  ${delivery.status}`;
  const head = ['', `${created_at}  ${from ?? 'SENDER NOT VERIFIED'}${by}${state}  ${id}`];
  if (letter === null) return [...head, `  ${kind === 'Accept' ? '(accepted)' : '(declined)'}`];
  if (!letter.ok) return [...head, `  (not shown: ${letter.reason}: ${letter.detail})`];
  const human = letter.needsHumanInput ? ' [needs a person]' : '';
  const notes = `${human}${ORDERS[letter.order] ?? ''}`;
  const words = letter.content.split('\n').map((line) => `  ${line}`);
  return notes === '' ? [...head, ...words] : [...head, ` ${notes}`, ...words];
}

function urlOf(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return new URL(text).origin;
  throw new CommandError(`${text} is not the address of a node.`, { exitCode: 2 });
}
