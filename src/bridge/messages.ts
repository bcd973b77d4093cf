// Direct messages as Moltbook has them, over letters that are sealed and opened here: the node between cannot read them.
import type { Messages, ReadMessage } from '../client/messages.ts';
import type { ConversationView } from '../protocol/message-views.ts';
import { idOf, nameFromId, type ObjectName, parseObjectName } from '../protocol/object-name.ts';
import { type Answer, invalid, isRefusal, notFound, notSupported, ok } from './answer.ts';
import { type Ask, limitOf, optionalText, param, text } from './ask.ts';
import { WINDOW } from './book.ts';
import { resolveAcquaintance } from './names.ts';
import { authorShape } from './shapes.ts';

type Members = Readonly<Record<string, unknown>>;

const MESSAGE = { most: 10_000 } as const;
const LIST = 100;

function conversationOf(ask: Ask): ObjectName {
  const id = param(ask, 'id');
  const name = nameFromId(id) ?? parseObjectName(id);
  if (name === null) throw notFound('Conversation', 'Take its id from /agents/dm/conversations.');
  return name;
}

/** The first words of a request, or why they are not shown. */
async function previewOf(messages: Messages, id: string): Promise<string> {
  const opened = await messages.conversation(id, { limit: 1 });
  const [first] = opened.messages;
  return first === undefined ? '' : wordsOf(first);
}

/** A letter that does not hold is said to be there, and none of its words are shown. */
function wordsOf({ letter }: ReadMessage): string {
  if (letter === null) return '';
  return letter.ok ? letter.content : `(not shown: ${letter.reason})`;
}

function conversationShape(conversation: ConversationView): Members {
  const { id, with: other, state, asked_by_me, blocked, unread_count, updated_at } = conversation;
  const status = { requested: 'pending', open: 'approved', rejected: 'rejected' }[state];
  return {
    conversation_id: id,
    with_agent: authorShape(other),
    you_initiated: asked_by_me,
    status,
    blocked,
    unread_count,
    last_message_at: updated_at,
    created_at: conversation.created_at,
  };
}

async function requestShapes(messages: Messages): Promise<Members[]> {
  const page = await messages.conversations({ state: 'requested', limit: LIST });
  const asked = page.conversations.filter(({ asked_by_me }) => !asked_by_me);
  return Promise.all(
    asked.map(async (one) => {
      const message = await previewOf(messages, one.id);
      return {
        conversation_id: one.id,
        from: authorShape(one.with),
        message,
        message_preview: message.slice(0, 200),
        created_at: one.created_at,
      };
    }),
  );
}

export async function checkMessages({ desk }: Ask): Promise<Answer> {
  const { messages } = desk;
  const [mailbox, items, open] = await Promise.all([
    messages.mailbox(),
    requestShapes(messages),
    messages.conversations({ state: 'open', limit: LIST }),
  ]);
  const { unread_message_count: unread, conversations_with_unread } = mailbox;
  const { pending_request_count: pending } = mailbox;
  const latest = open.conversations.filter((one) => one.unread_count > 0).map(conversationShape);
  return ok({
    has_activity: pending > 0 || unread > 0,
    summary: `${pending} pending requests, ${unread} unread messages`,
    requests: { count: pending, items },
    messages: { total_unread: unread, conversations_with_unread, latest },
  });
}

export async function answerRequests({ desk }: Ask): Promise<Answer> {
  const items = await requestShapes(desk.messages);
  return ok({ requests: { count: items.length, items }, has_more: false });
}

export async function requestConversation(ask: Ask): Promise<Answer> {
  const { desk, key } = ask;
  if (ask.body.to_owner !== undefined && ask.body.to_owner !== null) {
    throw notSupported(
      'Agents are not found by the X account of their owners',
      'Send to with the name or the DID of the agent.',
    );
  }
  const content = text(ask, ['message', 'content'], MESSAGE);
  const to = await resolveAcquaintance(desk, text(ask, ['to'], { most: 320 }));
  let first = false;
  const conversation = await desk.bring(
    key,
    async () => {
      first = true;
      return 'asked';
    },
    async () => {
      const known = first ? null : await conversationWith(desk.messages, to);
      return known ?? (await desk.messages.request(to, { content })).conversation;
    },
  );
  const id = idOf(conversation);
  return ok({ message: 'Request sent.', conversation_id: id, request_id: id }, 201);
}

async function conversationWith(messages: Messages, did: string): Promise<ObjectName | null> {
  const { conversations } = await messages.conversations({ limit: LIST });
  return conversations.find((one) => one.with.did === did && one.asked_by_me)?.object ?? null;
}

export async function approveRequest(ask: Ask): Promise<Answer> {
  const conversation = conversationOf(ask);
  await settle(ask, conversation, 'open', () => ask.desk.messages.accept(conversation));
  return ok({ message: 'Request approved.', conversation_id: idOf(conversation) });
}

export async function rejectRequest(ask: Ask): Promise<Answer> {
  const conversation = conversationOf(ask);
  const { messages } = ask.desk;
  await settle(ask, conversation, 'rejected', () => messages.reject(conversation));
  const block = ask.body.block === true;
  if (block) {
    const { other } = await messages.conversation(conversation, { limit: 1 });
    if (other !== null) await messages.block(other);
  }
  const message = block ? 'Request rejected, and the agent blocked.' : 'Request rejected.';
  return ok({ message, conversation_id: idOf(conversation) });
}

/** Once only: what has been answered so is as it was asked for. */
function settle(
  { desk }: Ask,
  conversation: ObjectName,
  state: ConversationView['state'],
  act: () => Promise<unknown>,
): Promise<void> {
  return desk.act(async () => {
    const found = await desk.messages.conversation(conversation, { limit: 1 });
    if (found.conversation.state !== state) await act();
  });
}

export async function answerConversations({ desk }: Ask): Promise<Answer> {
  const { messages } = desk;
  const [open, mailbox] = await Promise.all([
    messages.conversations({ limit: LIST }),
    messages.mailbox(),
  ]);
  const items = open.conversations
    .filter((one) => one.state === 'open' || one.asked_by_me)
    .map(conversationShape);
  return ok({
    conversations: { count: items.length, items },
    total_unread: mailbox.unread_message_count,
  });
}

/** Reading marks as read, as Moltbook has it. */
export async function answerConversation(ask: Ask): Promise<Answer> {
  const { desk } = ask;
  const name = conversationOf(ask);
  const page = await desk.messages.conversation(name, { limit: limitOf(ask, 50) });
  const last = page.messages.at(-1);
  if (last !== undefined && page.conversation.unread_count > 0) {
    await desk.messages.markRead(name, last.id);
  }
  return ok({
    conversation: { ...conversationShape(page.conversation), unread_count: 0 },
    messages: page.messages
      .filter(({ letter }) => letter !== null)
      .map((one) => messageShape(ask, one, page.conversation)),
    has_more: page.next_cursor !== null,
    next_cursor: page.next_cursor,
  });
}

/** Who speaks is by the signature; the name is what the node calls that agent. */
function messageShape(
  { desk }: Ask,
  message: ReadMessage,
  { with: other }: ConversationView,
): Members {
  const { from, id, incoming, letter, is_read, created_at, delivery } = message;
  const did = from ?? (incoming ? other.did : desk.did);
  const name = !incoming ? desk.name : did === other.did ? other.name : null;
  return {
    id,
    sender: authorShape({ did, name }),
    content: wordsOf(message),
    needs_human_input: letter?.ok === true && letter.needsHumanInput,
    created_at,
    is_read,
    is_yours: !incoming,
    verified: letter?.ok === true,
    delivery: delivery.status,
  };
}

export async function sendMessage(ask: Ask): Promise<Answer> {
  const { desk, key, body } = ask;
  const conversation = conversationOf(ask);
  const content = text(ask, ['message', 'content'], MESSAGE);
  const needs = body.needs_human_input;
  if (needs !== undefined && needs !== null && typeof needs !== 'boolean') {
    throw invalid('needs_human_input', 'needs_human_input is true or false');
  }
  let first = false;
  const id = await desk.bring(
    key,
    async () => {
      first = true;
      return 'sent';
    },
    async () => {
      const known = first ? null : await sentBefore(ask, conversation, content);
      if (known !== null) return known;
      const letter = { content, needsHumanInput: needs === true };
      return (await desk.messages.send(conversation, letter)).id;
    },
  );
  return ok({ message: 'Message sent.', message_id: idOf(id) }, 201);
}

/** The same words, sent a moment ago by a request of which nobody has seen the answer. */
async function sentBefore(
  { desk }: Ask,
  conversation: ObjectName,
  content: string,
): Promise<ObjectName | null> {
  const { messages } = await desk.messages.conversation(conversation, { limit: 10 });
  const since = desk.now() - WINDOW;
  const found = messages.findLast(
    ({ incoming, letter, created_at }) =>
      !incoming && letter?.ok && letter.content === content && Date.parse(created_at) > since,
  );
  return found?.object ?? null;
}

export async function blockAgent(ask: Ask): Promise<Answer> {
  const name = text(ask, ['agent_name', 'agentName', 'name'], { most: 320 });
  const did = await resolveAcquaintance(ask.desk, name);
  await ask.desk.messages.block(did);
  return ok({ message: `${name} is blocked.`, did });
}

export async function unblockAgent(ask: Ask): Promise<Answer> {
  const name = optionalText(ask, ['agent_name', 'agentName', 'name'], { most: 320 });
  const wanted = name ?? ask.query.get('agent_name') ?? '';
  const did = await resolveAcquaintance(ask.desk, wanted);
  await ask.desk.messages.unblock(did);
  return ok({ message: `${wanted} is not blocked any more.`, did });
}

export async function answerBlocked({ desk }: Ask): Promise<Answer> {
  const blocks = await desk.messages.blocks();
  const blocked = await Promise.all(
    blocks.map(async ({ did, created_at }) => {
      const agent = await desk.client.read.agent(did).catch((error: unknown) => {
        if (isRefusal(error, 'not_found')) return null;
        throw error;
      });
      return { ...authorShape({ did, name: agent?.name ?? null }), blocked_at: created_at };
    }),
  );
  return ok({ blocked, count: blocked.length });
}
