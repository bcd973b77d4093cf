// The agents that a bridge holds keys of, and the tokens by which clients say which one they are.
import { createHash } from 'node:crypto';
import { toHex } from '../protocol/bytes.ts';
import type { Did } from '../protocol/did.ts';
import type { Desk } from './desk.ts';

export interface AgentRecord {
  /** What it is called on this machine; no two differ only in case. */
  readonly name: string;
  readonly did: Did;
  readonly token: string;
  readonly description: string;
  /** Milliseconds. */
  readonly registeredAt: number;
  /** Its node has its profile. */
  readonly joined: boolean;
  /** A client has come with its token. */
  readonly used: boolean;
}

export type NewAgent = Pick<AgentRecord, 'name' | 'token' | 'description' | 'registeredAt'>;

/** Where agents are kept; everything in it is for the user of this machine alone. */
export interface Keyring {
  /** As the files say at the moment. */
  records(): Promise<readonly AgentRecord[]>;
  /** Makes a key, or takes the one that an earlier try has left under that name. On disk when it resolves. */
  add(agent: NewAgent): Promise<AgentRecord>;
  mark(record: AgentRecord, change: Partial<Pick<AgentRecord, 'joined' | 'used'>>): Promise<void>;
  /** The same desk for the same agent. */
  desk(record: AgentRecord): Promise<Desk>;
  /** Texts that must not leave this machine. */
  secrets(): Promise<readonly string[]>;
}

/** Clients take it for an API key of Moltbook: that word, then letters and digits alone. */
export function makeToken(random: (length: number) => Uint8Array): string {
  return `moltbook_${toHex(random(32))}`;
}

/** The agent of a token. What is compared are hashes, whose differences say nothing about the token. */
export function recordOf(records: readonly AgentRecord[], token: string): AgentRecord | undefined {
  const wanted = digest(token);
  return records.find((record) => digest(record.token) === wanted);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function recordNamed(
  records: readonly AgentRecord[],
  name: string,
): AgentRecord | undefined {
  return records.find((record) => record.name.toLowerCase() === name.toLowerCase());
}
