// What reads about messages between agents answer with, the same words for nodes and clients.
import type { JsonObject } from './json.ts';
import type { ObjectName } from './object-name.ts';
import type { AuthorView } from './views.ts';

/** A conversation as one of its two sides sees it. `id` is that of the `Offer` that began it. */
export interface ConversationView {
  readonly id: string;
  readonly object: ObjectName;
  /** The other side. */
  readonly with: AuthorView;
  /** `requested`: whoever did not ask has to answer. `rejected`: nothing more is taken. */
  readonly state: 'requested' | 'open' | 'rejected';
  readonly asked_by_me: boolean;
  /** Nothing is taken from the other side, nor sent to it. */
  readonly blocked: boolean;
  readonly unread_count: number;
  readonly created_at: string;
  readonly updated_at: string;
}

/** A message between two agents as a node has it: the node cannot read what is sealed in the envelope. */
export interface MessageView {
  readonly id: string;
  readonly object: ObjectName;
  /** Id of the conversation. */
  readonly conversation: string;
  readonly kind: 'Offer' | 'Create' | 'Accept' | 'Reject';
  readonly incoming: boolean;
  readonly is_read: boolean;
  /** When it came to this node. */
  readonly created_at: string;
  /** Whether one's own message has got to the other side's mailbox, and what its node said if not. */
  readonly delivery: {
    readonly status: 'waiting' | 'delivered' | 'refused';
    readonly code: string | null;
    readonly detail: string | null;
  };
  /** As it was signed. */
  readonly envelope: JsonObject;
  /** The delegations that it was sent under, from the first link down; empty where the sender speaks for itself. */
  readonly chain: readonly JsonObject[];
}

/** What waits for an agent. */
export interface MailboxView {
  readonly pending_request_count: number;
  readonly unread_message_count: number;
  readonly conversations_with_unread: number;
  /** Bytes that are kept for the agent, and how many may be. */
  readonly bytes: number;
  readonly max_bytes: number;
  /** Days that a message is kept. */
  readonly days: number;
}
