// Signs an agent's drafts in one order, each linked to the one before in its log, and gets them to the node exactly once.
import type { ActivityDraft } from '../protocol/activity.ts';
import { formatDateTime } from '../protocol/date-time.ts';
import { type SignedObject, signObject } from '../protocol/object.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import type { Receipt } from '../protocol/views.ts';
import { type ChainState, chainLogOf, FIRST_LINK } from './chain.ts';
import type { Connection } from './connection.ts';
import { actUnder } from './delegations.ts';
import { ClientError } from './error.ts';
import { checkReceipt, type FetchedAct } from './fetch-object.ts';
import { refuseOwnKey } from './secrets.ts';

/** What became of a submitted object. `id` is its `ni:` name, known before it was sent. */
export type Submitted =
  | { readonly status: 'accepted'; readonly id: ObjectName; readonly receipt: Receipt }
  | { readonly status: 'pending'; readonly id: ObjectName };

/** Whether the node may have the object all the same: no answer, half an answer, or a failure of its own. */
function isUnsettled(error: unknown): error is ClientError {
  if (!(error instanceof ClientError)) return false;
  const status = error.problem?.status;
  return status === undefined || status >= 500;
}

/** A delegation that the author acts under, and its chain, which is sent to a node that does not know it. */
export interface Under {
  readonly delegation: ObjectName;
  readonly chain: () => Promise<readonly Pick<FetchedAct, 'activity' | 'bytes'>[]>;
}

/** How an author works, beyond what it needs. */
export interface AuthorHabits {
  readonly under?: Under | null;
  /** Sees each object that is signed before it is sent. */
  readonly keep?: (signed: SignedObject) => Promise<void>;
}

export class Author {
  readonly #connection: Connection;
  readonly #chain: ChainState;
  readonly #under: Under | null;
  readonly #keep: (signed: SignedObject) => Promise<void>;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(connection: Connection, chain: ChainState, habits: AuthorHabits = {}) {
    this.#connection = connection;
    this.#chain = chain;
    this.#under = habits.under ?? null;
    this.#keep = habits.keep ?? (async () => undefined);
  }

  /** Two objects must not take one place in a chain, so each waits until the one before is settled. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(task);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  submit(draft: ActivityDraft): Promise<Submitted> {
    const act = this.#under === null ? draft : actUnder(draft, this.#under.delegation);
    return this.#inTurn(async () => {
      const signed = await this.#sign(act);
      await this.#keep(signed);
      return this.#deliver(signed);
    });
  }

  /** For what stands in more logs than one: it has a place in no chain. */
  submitAnywhere(draft: ActivityDraft): Promise<Submitted> {
    return this.#inTurn(() => this.#deliver(this.#signAt(draft, {})));
  }

  resubmit(signed: SignedObject): Promise<Submitted> {
    return this.#inTurn(() => this.#deliver(signed));
  }

  async #sign(draft: ActivityDraft): Promise<SignedObject> {
    const log = chainLogOf(draft);
    const { next, previous } = log === null ? FIRST_LINK : await this.#chain.load(log);
    return this.#signAt(draft, previous === null ? { seq: next } : { seq: next, previous });
  }

  #signAt(draft: ActivityDraft, place: { seq?: number; previous?: ObjectName }): SignedObject {
    const { key, now, crypto } = this.#connection;
    refuseOwnKey(draft, key.seed);
    const created = formatDateTime(Math.floor(now() / 1000));
    return signObject({ ...draft, ...place }, { ...key, created }, crypto);
  }

  async #deliver(signed: SignedObject): Promise<Submitted> {
    const { name, bytes } = signed;
    const { json, crypto } = this.#connection;
    const request = { method: 'POST', path: '/api/v1/activities', body: bytes } as const;
    const send = () => json<{ receipt?: Receipt }>(request);
    const introduced = async (error: unknown) => {
      const under = this.#under;
      if (!(error instanceof ClientError && error.code === 'delegation_unknown') || !under)
        throw error;
      for (const { bytes: body } of await under.chain()) await json({ ...request, body });
      return send();
    };
    const answer = await send()
      .catch(introduced)
      .catch((error: unknown) => {
        if (!isUnsettled(error)) throw error;
        throw new ClientError(error.code, error.message, {
          cause: error,
          ...(error.problem && { problem: error.problem }),
          unsettled: signed,
          remedy: 'The node may have the object. Pass `unsettled` to `resubmit` to find out.',
        });
      });
    await this.#advance(signed);
    const { receipt } = answer.value;
    if (receipt === undefined) return { status: 'pending', id: name };
    checkReceipt(receipt, name, bytes, crypto);
    return { status: 'accepted', id: name, receipt };
  }

  async #advance({ name, object }: SignedObject): Promise<void> {
    const log = chainLogOf(object) ?? name;
    const { next } = await this.#chain.load(log);
    // An object sent again may lie behind where its chain stands by now.
    if (typeof object.seq === 'number' && object.seq >= next) {
      await this.#chain.save(log, { next: object.seq + 1, previous: name });
    }
  }
}
