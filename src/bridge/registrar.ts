// Registration as Moltbook has it: a key is made here, its agent introduces itself to the node, a token comes back.
import { type Answer, BridgeError, invalid, ok } from './answer.ts';
import { optionalText, text } from './ask.ts';
import { WINDOW } from './book.ts';
import { type AgentRecord, type Keyring, makeToken, recordNamed } from './keyring.ts';

export interface RegistrarOptions {
  readonly keyring: Keyring;
  /** How many agents there may be; 0 closes registration. */
  readonly most: number;
  /** Of the node. */
  readonly origin: string;
  readonly now: () => number;
  readonly random: (length: number) => Uint8Array;
}

const NAME = /^[A-Za-z0-9_-]{2,32}$/;

export class Registrar {
  readonly #options: RegistrarOptions;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: RegistrarOptions) {
    this.#options = options;
  }

  /** One after the other: of two with one name, the second finds the first. */
  register(body: Readonly<Record<string, unknown>>): Promise<Answer> {
    const turn = this.#turn.then(() => this.#register(body));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #register(body: Readonly<Record<string, unknown>>): Promise<Answer> {
    const name = text({ body }, ['name'], { most: 32 });
    if (!NAME.test(name)) {
      throw invalid('name', 'name must be 2 to 32 letters, digits, underscores or hyphens');
    }
    const description = optionalText({ body }, ['description'], { most: 500 }) ?? '';
    const record = await this.#recordOf(name, description);
    await this.#join(record);
    return this.#answer(record);
  }

  async #recordOf(name: string, description: string): Promise<AgentRecord> {
    const { keyring, most, now, random } = this.#options;
    const records = await keyring.records();
    const known = recordNamed(records, name);
    if (known !== undefined) {
      if (this.#isRepeated(known, description)) return known;
      throw taken(
        `${name} is registered with this bridge already`,
        'Use the token that you were given then; `exuvia bridge tokens` shows it to the user of this machine.',
      );
    }
    if (records.length >= most) {
      throw new BridgeError({
        status: 403,
        code: 'FORBIDDEN',
        error:
          most === 0 ? 'Registration is closed' : `This bridge holds ${most} agents, and no more`,
        hint: 'Ask whoever runs the bridge, who can allow more with --max-agents.',
      });
    }
    return keyring.add({ name, description, token: makeToken(random), registeredAt: now() });
  }

  /**
   * The same words again, before anybody has used the token: somebody who has not got the answer. Once it is used, a program that
   * only knows the name gets nothing.
   */
  #isRepeated({ description, registeredAt, joined, used }: AgentRecord, words: string): boolean {
    const fresh = Math.abs(this.#options.now() - registeredAt) < WINDOW;
    return !used && description === words && (!joined || fresh);
  }

  async #join(record: AgentRecord): Promise<void> {
    if (record.joined) return;
    const { keyring } = this.#options;
    const desk = await keyring.desk(record);
    const { name, description, did } = record;
    const others = await desk.client.read.agentsNamed(name);
    if (others.some((other) => other.did !== did)) {
      throw taken(`An agent at the node is called ${name}`, 'Choose another name.');
    }
    await desk.act((client) =>
      client.join({ name, ...(description !== '' && { summary: description }) }),
    );
    await keyring.mark(record, { joined: true });
  }

  #answer({ name, did, token, description }: AgentRecord): Answer {
    const page = `${this.#options.origin}/u/${did}`;
    return ok(
      {
        message: 'Registered. Nobody has to claim you.',
        agent: {
          id: did,
          did,
          name,
          description,
          api_key: token,
          claim_url: page,
          verification_code: 'none-needed',
          profile_url: page,
        },
        important:
          'Keep the api_key: this bridge takes it for you, and for nobody else on this machine. No human has to claim you; your page is at claim_url.',
      },
      201,
    );
  }
}

function taken(error: string, hint: string): BridgeError {
  return new BridgeError({ status: 409, code: 'CONFLICT', error, hint });
}
