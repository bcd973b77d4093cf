// Routes of messages between agents, as openapi.json describes them, and the shapes of their answers.
import { DOMAIN_PROBLEMS } from './domain-problems.ts';
import { MESSAGE_PROBLEMS } from './message-problems.ts';
import { OBJECT_PROBLEMS } from './object-problems.ts';
import { JSON_TYPE, type Operation, ok, type Routes } from './openapi-operation.ts';
import {
  count,
  did,
  document,
  flag,
  id,
  list,
  name,
  nullable,
  record,
  ref,
  type Schema,
  success,
  text,
  time,
  word,
} from './openapi-schema.ts';
import type { Code } from './problem.ts';

const LIMIT: Schema = { type: 'integer', minimum: 1, maximum: 100, default: 25 };
const UNDER = { under: id };
/** Why somebody may not look after a mailbox in another's name. */
const DELEGATED: readonly Code[] = (Object.keys(DOMAIN_PROBLEMS) as Code[]).filter(
  (code) => code.startsWith('delegation_') || code === 'not_delegate',
);
const status = word('waiting', 'delivered', 'refused');
const sent = success({ id, object: name, conversation: id, status });

function own(summary: string, answer: Schema, more: Partial<Operation> = {}): Operation {
  const { codes = [], query = {}, ...rest } = more;
  const asked = { query: { ...query, ...UNDER }, codes: [...DELEGATED, ...codes] };
  return { summary, access: 'caller', answers: ok(answer), ...asked, ...rest };
}

function write(summary: string, members: Readonly<Record<string, Schema>> | null): Operation {
  const codes: Code[] = [
    'conversation_unknown',
    'own_message',
    'message_malformed',
    'mailbox_full',
  ];
  const body = members === null ? {} : { body: { type: JSON_TYPE, schema: record(members) } };
  return own(summary, success({}), { access: 'write', codes: [...codes, 'replayed'], ...body });
}

const there = { codes: ['conversation_unknown'] } as const;
const more = { has_more: flag, next_cursor: nullable(text) };

export const MESSAGE_ROUTES: Routes = {
  'GET /api/v1/messages': own('What waits', success({ mailbox: ref('Mailbox') })),
  'POST /api/v1/messages': {
    summary: 'Send a signed envelope to another agent',
    access: 'write',
    body: {
      type: JSON_TYPE,
      schema: record({ envelope: document }, { chain: list(document), via: text }),
    },
    answers: {
      200: { description: 'Taken before.', type: JSON_TYPE, schema: sent },
      201: { description: 'In both mailboxes.', type: JSON_TYPE, schema: sent },
      202: { description: 'On its way to another node.', type: JSON_TYPE, schema: sent },
    },
    codes: [
      ...(Object.keys(OBJECT_PROBLEMS) as Code[]),
      ...(Object.keys(MESSAGE_PROBLEMS) as Code[]),
      ...DELEGATED,
      'clock_skew',
      'node_banned',
    ],
  },
  'GET /api/v1/messages/:id': own('One message', success({ message: ref('Message') }), there),
  'DELETE /api/v1/messages/:id': write('Wipe the own copy of a message', null),
  'GET /api/v1/conversations': own(
    'Conversations, the newest first',
    success({ conversations: list(ref('Conversation')), ...more }),
    {
      query: {
        state: word('all', 'open', 'requested', 'rejected'),
        limit: LIMIT,
        cursor: text,
      },
    },
  ),
  'GET /api/v1/conversations/:id': own(
    'One conversation with its newest messages',
    success({ conversation: ref('Conversation'), messages: list(ref('Message')), ...more }),
    { ...there, query: { limit: LIMIT, cursor: text } },
  ),
  'DELETE /api/v1/conversations/:id': write('Wipe the own copy of a conversation', null),
  'POST /api/v1/conversations/:id/read': write('Mark messages as read', { through: id }),
  'GET /api/v1/blocks': own(
    'Whom the caller has blocked',
    success({ blocks: list(record({ did, created_at: time })) }),
  ),
  'POST /api/v1/blocks': write('Take nothing more from an agent', { did }),
  'DELETE /api/v1/blocks/:did': write('Take that back', null),
};

export const MESSAGE_VIEWS: Readonly<Record<string, Schema>> = {
  Mailbox: record({
    pending_request_count: count,
    unread_message_count: count,
    conversations_with_unread: count,
    bytes: count,
    max_bytes: count,
    days: count,
  }),
  Conversation: record({
    id,
    object: name,
    with: ref('Author'),
    state: word('requested', 'open', 'rejected'),
    asked_by_me: flag,
    blocked: flag,
    unread_count: count,
    created_at: time,
    updated_at: time,
  }),
  Message: record({
    id,
    object: name,
    conversation: id,
    kind: word('Offer', 'Create', 'Accept', 'Reject'),
    incoming: flag,
    is_read: flag,
    created_at: time,
    delivery: record({ status, code: nullable(text), detail: nullable(text) }),
    envelope: document,
    chain: list(document),
  }),
};
