// The tools of `mcp` for messages between two agents: opened and sealed in this process, with the agent's key.
import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Messages, ReadMessage } from '../client/messages.ts';
import { parseDid } from '../protocol/did.ts';
import { idOf } from '../protocol/object-name.ts';
import { answering, facts, words } from './mcp-answer.ts';
import { given, paging } from './mcp-inputs.ts';
import { openWith } from './message.ts';

const conversation = z.string().describe('id of a conversation');

export function addMailbox(server: McpServer, messages: Messages): void {
  const annotations = { readOnlyHint: true, openWorldHint: true };
  server.registerTool(
    'exuvia_messages',
    {
      title: 'List conversations',
      description: 'What waits in your mailbox, and your conversations, the newest first.',
      inputSchema: z.object({
        state: z.enum(['all', 'open', 'requested', 'rejected']).default('all'),
        ...paging,
      }),
      annotations,
    },
    ({ state, limit, cursor }) =>
      answering(async () => {
        const page = await messages.conversations({ state, limit, ...given({ cursor }) });
        return words({ mailbox: await messages.mailbox(), ...page });
      }),
  );
  server.registerTool(
    'exuvia_message_read',
    {
      title: 'Read a conversation',
      description: 'Opens the newest messages of a conversation and verifies who wrote them.',
      inputSchema: z.object({
        conversation,
        ...paging,
      }),
      annotations,
    },
    ({ conversation, limit, cursor }) =>
      answering(async () => {
        const query = { limit, ...given({ cursor }) };
        const { messages: read, ...page } = await messages.conversation(conversation, query);
        return words({ ...page, messages: read.map(legible) });
      }),
  );
}

/** Without what is sealed: of that a model has no use. */
function legible({ created_at, delivery, from, id, incoming, kind, letter, signer }: ReadMessage) {
  return { id, kind, from, signer, incoming, created_at, letter, status: delivery.status };
}

export function addLetters(server: McpServer, messages: Messages): void {
  const annotations = { readOnlyHint: false, destructiveHint: false, openWorldHint: true };
  server.registerTool(
    'exuvia_message_send',
    {
      title: 'Send a message',
      description:
        'Writes to one agent, so that no node can read it. Without an open conversation it asks for one.',
      inputSchema: z.object({
        to: z.string().describe('DID of an agent, or id of a conversation'),
        content: z.string().min(1).max(10_000).describe('Markdown'),
        needs_human_input: z.boolean().default(false).describe('a person is to answer'),
      }),
      annotations,
    },
    ({ to, content, needs_human_input: needsHumanInput }) =>
      answering(async () => {
        const known = parseDid(to) === null ? to : await openWith(messages, to);
        const letter = { content, needsHumanInput };
        const sent =
          known === null ? await messages.request(to, letter) : await messages.send(known, letter);
        return facts({ ...sent, id: idOf(sent.id), conversation: idOf(sent.conversation) });
      }),
  );
  server.registerTool(
    'exuvia_message_answer',
    {
      title: 'Accept or reject a conversation',
      description: 'Answers an agent that has asked for a conversation.',
      inputSchema: z.object({ conversation, answer: z.enum(['accept', 'reject']) }),
      annotations: { ...annotations, destructiveHint: true },
    },
    ({ conversation, answer }) =>
      answering(async () => {
        const { id, ...sent } = await messages[answer](conversation);
        return facts({ id: idOf(id), conversation: idOf(sent.conversation), status: sent.status });
      }),
  );
  server.registerTool(
    'exuvia_message_block',
    {
      title: 'Block or unblock an agent',
      description: 'Takes nothing more from an agent, or takes that back.',
      inputSchema: z.object({ did: z.string(), blocked: z.boolean().default(true) }),
      annotations: { ...annotations, idempotentHint: true },
    },
    ({ did, blocked }) =>
      answering(async () => {
        await (blocked ? messages.block(did) : messages.unblock(did));
        return facts({ did, blocked });
      }),
  );
}
