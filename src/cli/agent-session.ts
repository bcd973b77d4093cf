// An agent at the command line: its key file, its places in its chains, the node it talks to.
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Submitted } from '../client/author.ts';
import { type ChainLink, type ChainLog, type ChainState, FIRST_LINK } from '../client/chain.ts';
import type { ActingUnder } from '../client/delegations.ts';
import { ClientError } from '../client/error.ts';
import { type ClientOptions, ExuviaClient } from '../client/exuvia-client.ts';
import type { AgentKey } from '../client/keys.ts';
import { loadCrypto } from '../crypto/platform.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { readDidLog } from '../protocol/did-log.ts';
import { canonicalize } from '../protocol/jcs.ts';
import type { JsonObject } from '../protocol/json.ts';
import { nameOf } from '../protocol/object-name.ts';
import { openAgentKey } from './identity-files.ts';
import { type RecordFile, recordFile } from './record-file.ts';
import { CommandError, plain, type Terminal } from './terminal.ts';

export interface AgentOptions {
  readonly key?: string;
  readonly node?: string;
  readonly json?: boolean;
  readonly invitation?: string;
}

/** Options of commands whose act may be done in somebody else's name. */
export interface ActOptions extends AgentOptions {
  readonly under?: string;
  readonly underFrom?: string;
}

export const DEFAULT_NODE = 'http://127.0.0.1:8787';

/** Adds the options that every command of an agent has. */
export function agentOptions(command: Command): Command {
  return command
    .option('--key <file>', "the agent's key (default: $EXUVIA_KEY or ~/.config/exuvia/agent.jwk)")
    .option('--node <url>', `the node to talk to (default: $EXUVIA_NODE or ${DEFAULT_NODE})`)
    .option('--json', 'print JSON');
}

/** As `agentOptions`, for a command whose act may be done in somebody else's name. */
export function actOptions(command: Command): Command {
  return agentOptions(command)
    .option('--under <delegation>', "act in the name of whoever gave you this delegation's chain")
    .option('--under-from <url>', 'a node that has it, in case the other one does not');
}

export function keyPath(terminal: Terminal, options: AgentOptions): string {
  const chosen = options.key ?? terminal.env.EXUVIA_KEY;
  if (chosen) return chosen;
  const home = terminal.env.HOME ?? terminal.env.USERPROFILE;
  if (!home) {
    throw new CommandError('There is no home folder to keep the key in.', {
      remedy: 'Name a file: --key FILE',
    });
  }
  return join(home, '.config', 'exuvia', 'agent.jwk');
}

export function nodeUrl(terminal: Terminal, options: AgentOptions): string {
  const url = options.node ?? terminal.env.EXUVIA_NODE ?? DEFAULT_NODE;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new CommandError(`${url} is not the address of a node.`, {
      exitCode: 2,
      remedy: `Write it like ${DEFAULT_NODE} or https://node.example.`,
    });
  }
  return new URL(url).origin;
}

/** The agent whose key file is named, at its node. */
export async function openSession(terminal: Terminal, options: ActOptions): Promise<Session> {
  const crypto = await loadCrypto();
  const path = keyPath(terminal, options);
  const { key, finished, former } = await openAgentKey(path, crypto);
  if (finished) terminal.err('The change of keys that was interrupted is finished.\n');
  if (key.didLog !== undefined && readDidLog(key.didLog).deactivated) {
    throw new CommandError(`${key.did} has ended: nothing that it signs counts any more.`, {
      remedy: 'Make another agent: exuvia keygen --key FILE',
    });
  }
  const { under: delegation, underFrom: from } = options;
  const invitation = options.invitation ?? terminal.env.EXUVIA_INVITATION;
  const at = {
    ...{ key, path, former, origin: nodeUrl(terminal, options) },
    ...(invitation ? { invitation } : {}),
  };
  if (delegation === undefined) return sessionOf(terminal, at, crypto);
  const under = from === undefined ? { delegation } : { delegation, from };
  return sessionOf(terminal, { ...at, under }, crypto);
}

interface SessionOwner {
  readonly key: AgentKey;
  readonly origin: string;
  readonly path: string;
  /** Seeds of keys that it has signed with before. */
  readonly former?: readonly Uint8Array[];
  readonly under?: ActingUnder;
  readonly invitation?: string;
}

/** Whoever has the key, whose file is at `path`, at the node of that origin. */
export function sessionOf(
  terminal: Terminal,
  { former = [], invitation, key, origin, path, under }: SessionOwner,
  crypto: Crypto,
): Session {
  const tell = (line: string) => terminal.err(`${plain(line)}\n`);
  const options = {
    ...(invitation !== undefined && { invitation }),
    onWork: (bits: number) =>
      tell(`The node asks for work before it lets an agent in: ${bits} bits.`),
    origin,
    key,
    crypto,
    chain: fileChain(recordFile(`${path}.chain.json`), origin),
    now: terminal.now,
    random: terminal.random,
    ...(under && { under }),
  };
  const client = new ExuviaClient(options);
  const agent = { ...options, formerKeys: former };
  return new Session({ client, agent, crypto, origin, tell }, recordFile(`${path}.unsettled.json`));
}

/** Who the session is for: what other clients of the same agent are made of. */
export interface SessionAgent extends ClientOptions {
  /** Seeds of keys that it has signed with before. */
  readonly formerKeys: readonly Uint8Array[];
}

interface SessionParts {
  readonly client: ExuviaClient;
  readonly agent: SessionAgent;
  readonly crypto: Crypto;
  readonly origin: string;
  /** Says a line to the person, not to a program. */
  readonly tell: (line: string) => void;
}

/** A client that keeps an object whose fate is unknown, and sends it to the same node again before the next one. */
export class Session {
  readonly client: ExuviaClient;
  readonly agent: SessionAgent;
  readonly #parts: SessionParts;
  /** By the node that may have the object: another one would take it for its own, or refuse it. */
  readonly #unsettled: RecordFile<JsonObject>;

  constructor(parts: SessionParts, unsettled: RecordFile<JsonObject>) {
    this.client = parts.client;
    this.agent = parts.agent;
    this.#parts = parts;
    this.#unsettled = unsettled;
  }

  /** Runs one write; what an earlier run left unsettled goes first, with the same bytes. */
  async write(act: (client: ExuviaClient) => Promise<Submitted>): Promise<Submitted> {
    const kept = await this.#unsettled.load(this.#parts.origin);
    if (kept !== undefined) await this.#settle(kept);
    return this.#keepUnsettled(() => act(this.client));
  }

  async #settle(object: JsonObject): Promise<void> {
    const { crypto, origin, tell } = this.#parts;
    const bytes = canonicalize(object);
    const signed = { object, bytes, name: nameOf(bytes, crypto) };
    try {
      await this.client.resubmit(signed);
    } catch (error) {
      // A refusal settles it as well; anything else leaves it for the next run.
      if (!(error instanceof ClientError) || error.unsettled !== null) throw error;
      tell(`An earlier act, of which there was no answer, was refused: ${error.code}.`);
    }
    await this.#unsettled.save(origin, undefined);
  }

  async #keepUnsettled(act: () => Promise<Submitted>): Promise<Submitted> {
    try {
      return await act();
    } catch (error) {
      if (error instanceof ClientError && error.unsettled !== null) {
        await this.#unsettled.save(this.#parts.origin, error.unsettled.object);
      }
      throw error;
    }
  }
}

/** Each node has a system log of its own, so its origin names that one. */
export function fileChain(links: RecordFile<ChainLink>, origin: string): ChainState {
  const keyOf = (log: ChainLog) => (log === 'system' ? `${origin}/log/system` : log);
  return {
    load: async (log) => (await links.load(keyOf(log))) ?? FIRST_LINK,
    save: (log, link) => links.save(keyOf(log), link),
  };
}
