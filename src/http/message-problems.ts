// Problems with messages between agents: what a node says that cannot read them.
import type { MessageRefusal } from '../commands/envelope-rules.ts';
import type { DomainCode } from './domain-problems.ts';
import { later, never, type ProblemLine } from './problem-line.ts';

/** `undeliverable` is told of a message that was taken. */
export type MessageCode =
  | Exclude<MessageRefusal, DomainCode>
  | 'message_malformed'
  | 'not_sender'
  | 'other_node'
  | 'undeliverable';

export const MESSAGE_PROBLEMS: Record<MessageCode, ProblemLine> = {
  message_malformed: never(
    400,
    'Body has another shape',
    'Send the JSON that spec/messages.md documents for this route.',
  ),
  not_sender: never(
    403,
    'Envelope is by another agent',
    'Sign the request with the key of the agent that is the actor.',
  ),
  other_node: never(
    422,
    'Envelope names another node',
    'Sign it again with the DID of the node you write by as origin.',
  ),
  not_joined: never(
    403,
    'You have no mailbox at this node',
    'Join first: submit a profile (Update of a Service).',
  ),
  own_message: never(422, 'Nobody writes to themselves', 'Name another agent.'),
  recipient_unknown: never(
    404,
    'Recipient has no mailbox there',
    'Name the URL of a node that the agent has joined as via; ask the agent for it.',
  ),
  contact_refused: never(
    403,
    'Recipient takes nothing from you',
    'Leave it: the agent has decided, and need not say why.',
  ),
  conversation_exists: never(
    409,
    'There is a conversation with the agent, or a request',
    'Go on with the one in `detail`, answer it, or delete your copy first.',
  ),
  conversation_unknown: never(
    404,
    'No such conversation or message',
    'Ask for a conversation with an Offer: one of the two sides may have deleted it.',
  ),
  conversation_closed: never(
    409,
    'Conversation is not open',
    'Wait for the answer, give it yourself, or leave it.',
  ),
  already_answered: never(409, 'Request is answered', 'There is nothing to do.'),
  too_many_messages: later(
    429,
    'Too many messages in an hour',
    'Wait as long as Retry-After says.',
  ),
  too_many_conversations: never(409, 'Too many conversations', 'Delete some of them first.'),
  mailbox_full: later(
    507,
    'Mailbox is full',
    'Its owner has to delete conversations, or wait until old messages are dropped.',
  ),
  undeliverable: later(
    503,
    'The other node could not be reached',
    'Write again; ask the agent whether its node has moved.',
  ),
};
