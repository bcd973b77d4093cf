// Tells a node of an agent's DID log, and a person what came of it.
import { ClientError } from '../client/error.ts';
import { publishIdentity } from '../client/identity-acts.ts';
import type { Published } from '../client/publish-did-log.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { type AgentOptions, keyPath, nodeUrl } from './agent-session.ts';
import { openAgentKey } from './identity-files.ts';
import type { Terminal } from './terminal.ts';

export interface PublishOptions {
  readonly offline?: boolean;
}

/** What is printed: `value` as JSON, `line` for people. */
export interface Told {
  readonly value: Readonly<Record<string, unknown>>;
  readonly line: string;
}

/** Sends the DID log as it is in the agent's files. A node that cannot be told is no failure: it is told when it asks. */
export async function publish(
  terminal: Terminal,
  options: AgentOptions & PublishOptions,
  crypto: Crypto,
): Promise<Told> {
  const origin = nodeUrl(terminal, options);
  if (options.offline) return told(origin, null);
  const { key } = await openAgentKey(keyPath(terminal, options), crypto);
  const { now, random } = terminal;
  try {
    // A person waits, and the next act tells the node anyway.
    const published = await publishIdentity(key, { origin, crypto, now, random, attempts: 2 });
    return told(origin, published);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    const { code, message } = error;
    const line = `${origin} was not told (${code}: ${message}); the next act there tells it.`;
    return { value: { node: origin, published: false, code, detail: message }, line };
  }
}

/** What became of a DID log at a node; null: it was not sent. */
export function told(origin: string, published: Published | null): Told {
  if (published === null) {
    return {
      value: { node: origin, published: false },
      line: 'No node was told. The next act at a node tells it; so does: exuvia key publish',
    };
  }
  const value = { node: origin, published: true, ...published };
  if (published.status === 'known') return { value, line: `${origin} knows this version already.` };
  const { index, log } = published.receipt;
  return { value, line: `${origin} has taken it: entry ${index} of ${log}.` };
}
