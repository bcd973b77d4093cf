// The agents of a bridge in a folder of the user's: keys, tokens, and what must outlast the process.
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Book, type Shelf } from '../bridge/book.ts';
import { Desk } from '../bridge/desk.ts';
import {
  type AgentRecord,
  type Keyring,
  makeToken,
  type NewAgent,
  recordNamed,
} from '../bridge/keyring.ts';
import type { Rates } from '../bridge/rates.ts';
import { ExuviaClient } from '../client/exuvia-client.ts';
import type { AgentKey } from '../client/keys.ts';
import { Messages } from '../client/messages.ts';
import { spellings } from '../client/secrets.ts';
import { readOrCreateKeyFile } from '../key-file.ts';
import type { Crypto } from '../protocol/crypto.ts';
import type { Did } from '../protocol/did.ts';
import { didKeyOf } from '../protocol/did.ts';
import { createSecretFile, replaceSecretFile } from '../secret-file.ts';
import { fileChain } from './agent-session.ts';
import { openAgentKey } from './identity-files.ts';
import { recordFile } from './record-file.ts';
import { CommandError, type Terminal } from './terminal.ts';

export interface FolderOptions {
  readonly folder: string;
  /** Of the node. */
  readonly origin: string;
  readonly crypto: Crypto;
  readonly rates: Rates;
  readonly terminal: Pick<Terminal, 'now' | 'random'>;
  readonly fetch: typeof globalThis.fetch;
  /** For a node that lets in who has one. */
  readonly invitation?: string | undefined;
  /** Milliseconds that a home elsewhere is waited for; 8,000 unless told. */
  readonly patience?: number;
}

/** A record with the file of its key. */
interface KeptRecord extends AgentRecord {
  readonly key: string;
}

/** Milliseconds: a client of Moltbook's waits for thirty seconds. */
const TIMEOUT = 10_000;

export class BridgeFolder implements Keyring {
  readonly #options: FolderOptions;
  readonly #path: string;
  readonly #desks = new Map<
    string,
    { readonly stamp: string | null; readonly desk: Promise<Desk> }
  >();
  #seen: { readonly stamp: string; readonly records: readonly KeptRecord[] } | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: FolderOptions) {
    this.#options = options;
    this.#path = join(options.folder, 'agents.json');
  }

  async records(): Promise<readonly KeptRecord[]> {
    const stamp = await this.#stamp();
    if (stamp === null) return [];
    if (this.#seen?.stamp !== stamp) {
      this.#seen = { stamp, records: parseRecords(await readFile(this.#path, 'utf8'), this.#path) };
    }
    return this.#seen.records;
  }

  add(agent: NewAgent): Promise<AgentRecord> {
    return this.#change(async (records) => {
      const { crypto, folder, terminal } = this.#options;
      const key = join(folder, `${agent.name.toLowerCase()}.jwk`);
      const seed = await readOrCreateKeyFile(key, crypto, terminal.random);
      const did = didKeyOf(crypto.publicKeyOf(seed));
      const made = { ...agent, did, key, joined: false, used: false };
      return { records: [...records, made], value: made };
    });
  }

  /** Takes in an agent whose key file is elsewhere, once. */
  adopt(key: string, { did }: AgentKey): Promise<KeptRecord> {
    return this.#change(async (records) => {
      const known = records.find((record) => record.did === did && record.key === key);
      if (known !== undefined) return { records, value: known };
      const { now, random } = this.#options.terminal;
      const name = freeName(records, basename(key).replace(/\.jwk$/, ''));
      const made: KeptRecord = {
        name,
        did,
        key,
        token: makeToken(random),
        description: '',
        registeredAt: now(),
        joined: true,
        used: true,
      };
      return { records: [...records, made], value: made };
    });
  }

  /** Gives an agent another token; the old one counts no more. */
  renew(name: string): Promise<KeptRecord> {
    return this.#change(async (records) => {
      const known = recordNamed(records, name) as KeptRecord | undefined;
      if (known === undefined) throw new CommandError(`This bridge has no agent ${name}.`);
      const made = { ...known, token: makeToken(this.#options.terminal.random), used: true };
      return { records: records.map((one) => (one === known ? made : one)), value: made };
    });
  }

  async mark(
    { name }: AgentRecord,
    change: Partial<Pick<AgentRecord, 'joined' | 'used'>>,
  ): Promise<void> {
    await this.#change(async (records) => ({
      records: records.map((one) => (one.name === name ? { ...one, ...change } : one)),
      value: undefined,
    }));
  }

  async desk({ name }: AgentRecord): Promise<Desk> {
    const { key } = recordNamed(await this.records(), name) as KeptRecord;
    const stamp = await stampOf(key);
    const known = this.#desks.get(name);
    if (known?.stamp === stamp) return known.desk;
    // A key that has been rotated takes the place of the old one when that has nothing under way.
    const desk = (known?.desk ?? Promise.resolve(null))
      .then((before) => before?.idle())
      .catch(() => undefined)
      .then(() => this.#open(name, key));
    const entry = { stamp, desk };
    this.#desks.set(name, entry);
    desk.catch(() => {
      if (this.#desks.get(name) === entry) this.#desks.delete(name);
    });
    return desk;
  }

  async secrets(): Promise<readonly string[]> {
    const records = await this.records();
    // One whose key cannot be read has nothing to give away, and the others go on.
    const desks = await Promise.allSettled(records.map((record) => this.desk(record)));
    const seeds = desks.flatMap((desk) =>
      desk.status === 'fulfilled' ? [desk.value.key.seed] : [],
    );
    return [...records.map(({ token }) => token), ...seeds.flatMap(spellings)];
  }

  /** Resolves when no agent has anything under way. */
  async idle(): Promise<void> {
    const desks = await Promise.allSettled([...this.#desks.values()].map(({ desk }) => desk));
    for (const desk of desks) if (desk.status === 'fulfilled') await desk.value.idle();
  }

  async #open(name: string, path: string): Promise<Desk> {
    const { crypto, fetch, invitation, origin, rates, terminal } = this.#options;
    const { key, former } = await openAgentKey(path, crypto);
    const { now, random } = terminal;
    // Acts and letters are written down in one file, one after the other.
    const chain = fileChain(shelf(`${path}.chain.json`), origin);
    const book = new Book(
      origin,
      { unsettled: shelf(`${path}.unsettled.json`), notes: shelf(`${path}.requests.json`) },
      now,
    );
    return new Desk({
      name,
      key,
      book,
      acquaintances: shelf<Did>(`${path}.acquaintances.json`),
      crypto,
      now,
      random,
      patience: this.#options.patience ?? 8_000,
      connect: (keep) => {
        const options = {
          origin,
          key,
          crypto,
          chain,
          fetch: rates.noting(fetch),
          now,
          random,
          attempts: 2,
          timeout: TIMEOUT,
          // A client that is told to wait is better at it than one that gets no answer.
          patience: 0,
          ...(invitation && { invitation }),
        };
        return {
          client: new ExuviaClient({ ...options, keep }),
          messages: new Messages({ ...options, formerKeys: former }),
        };
      },
    });
  }

  async #stamp(): Promise<string | null> {
    const info = await stat(this.#path, { bigint: true }).catch(() => null);
    if (info === null) return null;
    if ((info.mode & 0o077n) !== 0n) {
      throw new CommandError(`Others can read ${this.#path}, which has tokens in it.`, {
        remedy: `Run: chmod 600 ${this.#path}; then renew each with: exuvia bridge renew NAME`,
      });
    }
    return stampOf(this.#path);
  }

  /** One change after the other, each on disk before the next. */
  #change<T>(
    change: (
      records: readonly KeptRecord[],
    ) => Promise<{ readonly records: readonly KeptRecord[]; readonly value: T }>,
  ): Promise<T> {
    const attempt = async (): Promise<T> => {
      const stamp = await this.#stamp();
      const before = await this.records();
      const { records, value } = await change(before);
      // `bridge renew` is another process: what it has written in the meantime must not be lost.
      if ((await this.#stamp()) !== stamp) return attempt();
      if (records !== before) await this.#write(records);
      return value;
    };
    const turn = this.#turn.then(attempt);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #write(records: readonly KeptRecord[]): Promise<void> {
    const text = `${JSON.stringify({ agents: records }, null, 2)}\n`;
    if (!(await createSecretFile(this.#path, text))) await replaceSecretFile(this.#path, text);
  }
}

/** Another one for each content of the file; null where there is none. */
async function stampOf(path: string): Promise<string | null> {
  const info = await stat(path, { bigint: true }).catch(() => null);
  return info && `${info.ino} ${info.size} ${info.mtimeNs}`;
}

function parseRecords(text: string, path: string): readonly KeptRecord[] {
  try {
    const { agents } = JSON.parse(text);
    if (Array.isArray(agents)) return agents;
  } catch {
    // Said below.
  }
  throw new CommandError(`${path} is not a list of agents.`);
}

function freeName(records: readonly AgentRecord[], wanted: string): string {
  for (let count = 1; ; count++) {
    const name = count === 1 ? wanted : `${wanted}-${count}`;
    if (recordNamed(records, name) === undefined) return name;
  }
}

/** A file of values whose readers and writers wait for one another. */
function shelf<Value>(path: string): Shelf<Value> {
  const file = recordFile<Value>(path);
  let turn: Promise<unknown> = Promise.resolve();
  const queued = <T>(task: () => Promise<T>): Promise<T> => {
    const mine = turn.then(task);
    turn = mine.catch(() => undefined);
    return mine;
  };
  return {
    load: (key) => queued(() => file.load(key)),
    save: (key, value) => queued(() => file.save(key, value)),
  };
}
