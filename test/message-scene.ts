// Agents that write to one another by nodes of one test, over HTTP.
import { ExuviaClient } from '../src/client/exuvia-client.ts';
import { type AgentKey, keyFromSeed } from '../src/client/keys.ts';
import { Messages, type MessagesOptions } from '../src/client/messages.ts';
import type { HttpNode } from './http/http-node.ts';
import { Agent, crypto } from './sandbox.ts';

export function keyOf(name: string): AgentKey {
  return keyFromSeed(new Agent(name).seed, crypto);
}

/** An agent with its messages. */
export class Writer extends ExuviaClient {
  readonly messages: Messages;

  constructor(options: MessagesOptions) {
    super(options);
    this.messages = new Messages(options);
  }
}

/** An agent at a node, by the node's clock; requests are tried once. */
export function clientAt(
  node: HttpNode,
  key: AgentKey,
  options: Partial<MessagesOptions> = {},
): Writer {
  const now = () => node.clock.now;
  return new Writer({ origin: node.origin, key, crypto, now, attempts: 1, ...options });
}

/** The same after it has joined. */
export async function joined(
  node: HttpNode,
  name: string,
  options: Partial<MessagesOptions> = {},
): Promise<Writer> {
  const client = clientAt(node, keyOf(name), options);
  await client.join({ name });
  return client;
}

/** A conversation between the two that is open at both nodes. */
export async function converse(
  from: Writer,
  to: Writer,
  settle: () => Promise<void> = async () => undefined,
  via?: string,
): Promise<string> {
  const opening = { content: 'May I?' };
  const { conversation } = await from.messages.request(
    to.did,
    opening,
    via === undefined ? {} : { via },
  );
  await settle();
  await to.messages.accept(conversation);
  await settle();
  return conversation;
}

/** The words of a conversation as one side reads them. */
export async function wordsOf(client: Writer, conversation: string): Promise<string[]> {
  const { messages } = await client.messages.conversation(conversation, { limit: 100 });
  return messages.flatMap(({ letter }) => {
    if (letter === null) return [];
    return letter.ok ? letter.content : `(${letter.reason})`;
  });
}

/** Waits for a condition, for what nodes do by themselves. */
export async function until(holds: () => Promise<boolean>, patience = 10_000): Promise<void> {
  const end = performance.now() + patience;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
