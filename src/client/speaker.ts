// In whose name an agent writes and reads messages, and the secrets it opens them with.
import { type AgreementSecret, derivedSecret } from '../protocol/agreement-key.ts';
import { isDelegation } from '../protocol/delegation-statement.ts';
import type { Did } from '../protocol/did.ts';
import { readDidLog } from '../protocol/did-log.ts';
import type { JsonObject } from '../protocol/json.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import type { Under } from './author.ts';
import type { Connection } from './connection.ts';
import { ClientError } from './error.ts';

/** A delegation, with the statements that show it. */
export interface Authority {
  readonly principal: Did;
  readonly instrument: ObjectName;
  readonly chain: readonly JsonObject[];
}

export interface SpeakerOptions {
  readonly under: Under | null;
  /** Seeds of keys that the agent has signed with before: what was sealed for them opens with nothing else. */
  readonly formerKeys?: readonly Uint8Array[] | undefined;
  /** Secrets of keys that the agent's document lists under `keyAgreement`. */
  readonly agreementSecrets?: readonly AgreementSecret[] | undefined;
}

export class Speaker {
  readonly #connection: Pick<Connection, 'crypto' | 'key'>;
  readonly #options: SpeakerOptions;
  #authority: Promise<Authority | null> | null = null;

  constructor(connection: Pick<Connection, 'crypto' | 'key'>, options: SpeakerOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** Null where the agent speaks for itself. Asked for once. */
  authority(): Promise<Authority | null> {
    this.#authority ??= this.#load().catch((error) => {
      this.#authority = null;
      throw error;
    });
    return this.#authority;
  }

  /** Who speaks. */
  async party(): Promise<Did> {
    return (await this.authority())?.principal ?? this.#connection.key.did;
  }

  /** What opens letters to this agent, under every name that it has had. */
  secrets(): readonly AgreementSecret[] {
    const { crypto, key } = this.#connection;
    const { agreementSecrets = [], formerKeys = [] } = this.#options;
    const names = new Set([key.did]);
    if (key.didLog !== undefined) {
      for (const { did } of readDidLog(key.didLog).versions) names.add(did);
    }
    const seeds = [key.seed, ...formerKeys];
    const derived = [...names].flatMap((did) =>
      seeds.map((seed) => derivedSecret(did, seed, crypto)),
    );
    return [...agreementSecrets, ...derived];
  }

  async #load(): Promise<Authority | null> {
    const { under } = this.#options;
    if (under === null) return null;
    const links = await under.chain();
    const activity = links[0]?.activity;
    if (activity === undefined || !isDelegation(activity)) {
      throw new ClientError('invalid_argument', `${under.delegation} is no delegation`);
    }
    const chain = links.map(
      ({ bytes }) => JSON.parse(new TextDecoder().decode(bytes)) as JsonObject,
    );
    return { principal: activity.actor, instrument: under.delegation, chain };
  }
}
