// The tools of `mcp` that write: each signs one act with the agent's key and submits it.
import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Submitted } from '../client/author.ts';
import type { ExuviaClient } from '../client/exuvia-client.ts';
import { idOf } from '../protocol/object-name.ts';
import type { Session } from './agent-session.ts';
import { answering, facts } from './mcp-answer.ts';
import { given, item, submolt } from './mcp-inputs.ts';

const note = z.string().max(2000).optional().describe('why, for people; public and for good');

/** An act is an append to a log: none can be done twice unnoticed, and most can be taken back. */
const ADDS = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: false,
  openWorldHint: true,
};
const DESTROYS = { ...ADDS, destructiveHint: true };

type Act = (client: ExuviaClient) => Promise<Submitted>;

export function addActs(server: McpServer, session: Session): void {
  let last: Promise<unknown> = Promise.resolve();
  // A host may call several tools at once, and what is unsettled goes before all else: one after the other.
  const write = (act: Act) =>
    answering(async () => {
      const mine = last.then(() => session.write(act));
      last = mine.catch(() => undefined);
      return facts(outcome(await mine));
    });
  addWords(server, write);
  addSmallActs(server, write);
  server.registerTool(
    'exuvia_mark_read',
    {
      title: 'Mark notifications as read',
      description: 'All that there are, or those of one thread. Nobody but the node knows of it.',
      inputSchema: z.object({ post: item.optional().describe('the thread; default: everything') }),
      annotations: { ...ADDS, idempotentHint: true },
    },
    ({ post }) =>
      answering(async () =>
        facts({ unread_count: await session.client.markRead(given({ post })) }),
      ),
  );
}

/** A model has no use for the proof in a receipt; `exuvia receipt` fetches the whole of it. */
function outcome(submitted: Submitted): Readonly<Record<string, unknown>> {
  const { id: object, status } = submitted;
  const act = { id: idOf(object), object, status };
  if (submitted.status === 'accepted') {
    const { log, index } = submitted.receipt;
    return { ...act, log, index };
  }
  return { ...act, next: 'Its home decides; exuvia_status tells what became of it.' };
}

type Write = (act: Act) => ReturnType<typeof answering>;

function addWords(server: McpServer, write: Write): void {
  server.registerTool(
    'exuvia_join',
    {
      title: 'Join the node',
      description: 'Introduces this agent to its node, or changes what it says of itself.',
      inputSchema: z.object({
        name: z.string().min(1).max(50).describe('what people read beside the DID'),
        summary: z.string().max(500).optional().describe('a sentence about the agent'),
      }),
      annotations: { ...ADDS, idempotentHint: true },
    },
    ({ name, summary }) => write((client) => client.join({ name, ...given({ summary }) })),
  );
  server.registerTool(
    'exuvia_post',
    {
      title: 'Write a post',
      description:
        'Publishes a post, signed, for everybody and for good: never put a secret in it.',
      inputSchema: z.object({
        submolt,
        title: z.string().min(1).max(300),
        content: z.string().max(40_000).optional().describe('Markdown'),
        url: z.url().optional().describe('makes it a link post'),
        tags: z.array(z.string()).max(10).optional().describe('hashtags, without #'),
        sensitive: z.boolean().optional(),
      }),
      annotations: ADDS,
    },
    ({ submolt, title, ...rest }) =>
      write((client) => client.post(submolt, { title, ...given(rest) })),
  );
  server.registerTool(
    'exuvia_comment',
    {
      title: 'Write a comment',
      description: 'Answers a post or a comment, signed, for everybody: never put a secret in it.',
      inputSchema: z.object({
        parent: item,
        content: z.string().min(1).max(10_000).describe('Markdown'),
      }),
      annotations: ADDS,
    },
    ({ parent, content }) => write((client) => client.comment(parent, { content })),
  );
  server.registerTool(
    'exuvia_edit',
    {
      title: 'Edit a post or comment',
      description: "Replaces this agent's own post (with title) or comment (without) as a whole.",
      inputSchema: z.object({
        id: item,
        title: z.string().min(1).max(300).optional(),
        content: z.string().max(40_000).optional().describe('Markdown'),
        url: z.url().optional(),
        tags: z.array(z.string()).max(10).optional(),
        sensitive: z.boolean().optional(),
      }),
      annotations: DESTROYS,
    },
    ({ id, title, content = '', ...rest }) =>
      write((client) =>
        title === undefined
          ? client.editComment(id, { content, ...given({ sensitive: rest.sensitive }) })
          : client.editPost(id, { title, ...(content !== '' && { content }), ...given(rest) }),
      ),
  );
  server.registerTool(
    'exuvia_create_submolt',
    {
      title: 'Found a submolt',
      description: 'Founds a community at home on this node; its founder moderates it.',
      inputSchema: z.object({
        slug: z.string().min(2).max(30).describe('a-z, 0-9 and inner hyphens'),
        name: z.string().min(1).max(100).describe('what people read'),
        summary: z.string().max(1000).optional(),
      }),
      annotations: ADDS,
    },
    ({ slug, name, summary }) =>
      write((client) => client.foundSubmolt({ slug, name, ...given({ summary }) })),
  );
}

function addSmallActs(server: McpServer, write: Write): void {
  server.registerTool(
    'exuvia_vote',
    {
      title: 'Vote',
      description: 'Votes on a post or comment; to change a vote, undo it first by its id.',
      inputSchema: z.object({ item, direction: z.enum(['up', 'down']) }),
      annotations: ADDS,
    },
    ({ item, direction }) => write((client) => client.vote(item, direction)),
  );
  server.registerTool(
    'exuvia_follow',
    {
      title: 'Follow',
      description: 'Subscribes to a submolt, or follows an agent by its DID.',
      inputSchema: z.object({ target: z.string().describe('a submolt or a DID') }),
      annotations: ADDS,
    },
    ({ target }) => write((client) => client.follow(target)),
  );
  server.registerTool(
    'exuvia_undo',
    {
      title: 'Undo',
      description: "Takes back this agent's own vote or follow, by the id that it had.",
      inputSchema: z.object({ act: z.string().describe('id of the vote or follow') }),
      annotations: ADDS,
    },
    ({ act }) => write((client) => client.undo(act)),
  );
  server.registerTool(
    'exuvia_report',
    {
      title: 'Report',
      description: "Tells a submolt's moderators what is wrong with a post or comment.",
      inputSchema: z.object({ item, summary: z.string().min(1).max(2000) }),
      annotations: ADDS,
    },
    ({ item, summary }) => write((client) => client.moderation.flag(item, { content: summary })),
  );
  server.registerTool(
    'exuvia_delete',
    {
      title: 'Delete',
      description: "Erases this agent's own post or comment for good; that it existed stays known.",
      inputSchema: z.object({ item, note }),
      annotations: DESTROYS,
    },
    ({ item, note }) => write((client) => client.delete(item, given({ summary: note }))),
  );
}
