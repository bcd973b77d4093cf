// Has bodies examined ahead, and settles them one by one in the order of the log, each with the key of its place.
import { isDelegation } from '../protocol/delegation-statement.ts';
import { isDidLogStatement } from '../protocol/did-log-statement.ts';
import type { KeyResolver } from '../protocol/object.ts';
import type { BodyLine, ErasedLine, WithdrawnLine } from './archive-format.ts';
import type {
  Body,
  Examined,
  Examiner,
  SignatureCheck,
  SignatureVerdict,
} from './body-examiner.ts';
import type { LogEntry } from './entry.ts';

/** Bodies that are examined at a time, and batches on their way: enough for many threads, few enough to hold. */
const BATCH = 64;
const AHEAD = 32;

export interface SettledBody {
  readonly entry: LogEntry;
  readonly index: number;
  /** An open signature has been settled as well: what is valid is valid. */
  readonly body: Exclude<Examined, { kind: 'valid' }> | ValidBody | ErasedLine | WithdrawnLine;
}

export type ValidBody = Pick<Valid, 'kind' | 'name' | 'activity'>;

export interface BodyQueueOptions {
  readonly examiner: Examiner;
  /** Finds keys at the place that was settled last, for an entry of this time. */
  readonly resolveAt: (t: number) => KeyResolver;
  /** May change what `resolveAt` gives only for a statement of a DID log. */
  readonly settle: (body: SettledBody) => void;
  /** Called now and then. */
  readonly progress: () => void;
}

type Valid = Extract<Examined, { kind: 'valid' }>;
type Refused = Extract<Examined, { kind: 'refused' }>;

/** What waits for its turn. The bytes are gone as soon as they are examined. */
interface Place {
  readonly entry: LogEntry;
  readonly index: number;
  /** The record of a body that is not there. */
  readonly missing: ErasedLine | WithdrawnLine | null;
}

type Examination = Place & { readonly examined: Examined | null };

interface Batch {
  readonly places: readonly Place[];
  readonly examined: Promise<readonly Examined[]>;
}

export class BodyQueue {
  readonly #options: BodyQueueOptions;
  readonly #batches: Batch[] = [];

  constructor(options: BodyQueueOptions) {
    this.#options = options;
  }

  async add(found: readonly (readonly [LogEntry, BodyLine])[]): Promise<void> {
    for (let start = 0; start < found.length; start += BATCH) {
      this.#begin(found.slice(start, start + BATCH));
      // Always as many, however fast they come: findings are found in one order.
      if (this.#batches.length > AHEAD) await this.#settleNext();
    }
  }

  async drain(): Promise<void> {
    while (this.#batches.length > 0) await this.#settleNext();
  }

  #begin(found: readonly (readonly [LogEntry, BodyLine])[]): void {
    const bodies: Body[] = [];
    const places = found.map(([entry, line]): Place => {
      const missing = line.kind === 'body' ? null : line;
      if (line.kind === 'body') bodies.push({ c: entry.c, salt: line.salt, bytes: line.bytes });
      return { entry, index: line.index, missing };
    });
    const examined = this.#options.examiner.examine(bodies);
    // It is waited for later; a failure until then is not unheard.
    examined.catch(() => undefined);
    this.#batches.push({ places, examined });
  }

  async #settleNext(): Promise<void> {
    const { places, examined } = this.#batches.shift() as Batch;
    const answers = (await examined)[Symbol.iterator]();
    const examinations = places.map((place): Examination => {
      return { ...place, examined: place.missing === null ? (answers.next().value ?? null) : null };
    });
    for (const run of runsOf(examinations)) await this.#settleRun(run);
    this.#options.progress();
  }

  async #settleRun(run: readonly Examination[]): Promise<void> {
    const closed = await this.#close(run);
    run.forEach(({ entry, index, missing }, i) => {
      const body = missing ?? closed[i];
      if (body) this.#options.settle({ entry, index, body });
    });
  }

  /** Settles the signatures that were left open, under the keys that count at this place. */
  async #close(run: readonly Examination[]): Promise<(Examined | null)[]> {
    const closed = run.map(({ examined }) => examined);
    const asked: number[] = [];
    const checks: SignatureCheck[] = [];
    for (const [i, { entry, examined: one }] of run.entries()) {
      if (one?.kind !== 'valid' || one.open === null) continue;
      const { data, did, signature, verificationMethod } = one.open;
      // A delegation is logged again whenever an act needs it, maybe long after its key was looked up.
      const t = isDelegation(one.activity) ? 0 : entry.t;
      const key = await this.#options.resolveAt(t)(did, verificationMethod, one.activity);
      if (key.ok) {
        asked.push(i);
        checks.push({ publicKey: key.publicKey, data, signature });
      } else {
        closed[i] = { kind: 'refused', reason: key.reason, detail: key.detail };
      }
    }
    if (checks.length === 0) return closed;
    const verdicts = await this.#options.examiner.check(checks);
    for (const [at, i] of asked.entries()) {
      const verdict = verdicts[at] ?? 'invalid';
      if (verdict !== 'valid') closed[i] = REFUSED[verdict];
    }
    return closed;
  }
}

/** A run ends with a statement: it may change the keys of all that follow it. */
function* runsOf(examinations: readonly Examination[]): Generator<readonly Examination[]> {
  let start = 0;
  for (const [at, { examined }] of examinations.entries()) {
    if (examined?.kind !== 'valid' || !isDidLogStatement(examined.activity)) continue;
    yield examinations.slice(start, at + 1);
    start = at + 1;
  }
  if (start < examinations.length) yield examinations.slice(start);
}

/** The same words as of an object that is verified at once. */
const REFUSED: Record<Exclude<SignatureVerdict, 'valid'>, Refused> = {
  invalid: {
    kind: 'refused',
    reason: 'proof_invalid',
    detail: 'is not a signature of this content by this key',
  },
  key_rejected: {
    kind: 'refused',
    reason: 'proof_key_rejected',
    detail: 'names no canonical Ed25519 key of prime order',
  },
};
