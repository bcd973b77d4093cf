// Has bodies examined ahead, and settles them one by one in the order of the log, each with the key of its place.
import { isDelegation } from '../protocol/delegation-statement.ts';
import { isDidLogStatement } from '../protocol/did-log-statement.ts';
import type { KeyResolver } from '../protocol/object.ts';
import type { BodyLine, ErasedLine, WithdrawnLine } from './archive-format.ts';
import { type BodyBatch, BodyPacker } from './body-batch.ts';
import type {
  Examined,
  Examiner,
  SignatureCheck,
  SignatureVerdict,
  ValidBody,
} from './body-examiner.ts';
import type { LogEntry } from './entry.ts';
import { type ExaminedBatch, examinedAt } from './examined-batch.ts';

/** Places in a batch, and batches on their way: enough for many threads, few enough to hold. */
const PLACES = 256;
const AHEAD = 32;

export interface SettledBody {
  readonly entry: LogEntry;
  readonly index: number;
  /** An open signature has been settled as well: what is valid is valid. */
  readonly body: Exclude<Examined, { kind: 'valid' }> | ValidBody | ErasedLine | WithdrawnLine;
}

export interface BodyQueueOptions {
  readonly examiner: Examiner;
  /** Finds keys at the place that was settled last, for an entry of this time. */
  readonly resolveAt: (t: number) => KeyResolver;
  /** May change what `resolveAt` gives only for a statement of a DID log. */
  readonly settle: (body: SettledBody) => void;
  /** Called now and then. */
  readonly progress: () => void;
}

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
  readonly bodies: BodyBatch;
  readonly examined: Promise<ExaminedBatch>;
}

export class BodyQueue {
  readonly #options: BodyQueueOptions;
  readonly #batches: Batch[] = [];
  readonly #packer: BodyPacker;
  #places: Place[] = [];

  constructor(options: BodyQueueOptions) {
    this.#options = options;
    this.#packer = new BodyPacker(options.examiner.allocate);
  }

  /** True as soon as `settle` has to be called before more is added. */
  add(entry: LogEntry, line: BodyLine): boolean {
    const isBody = line.kind === 'body';
    if (
      this.#places.length === PLACES ||
      (isBody && !this.#packer.hasPlaceFor(line.bytes.length))
    ) {
      this.#begin();
    }
    if (isBody) this.#packer.add({ c: entry.c, salt: line.salt, bytes: line.bytes });
    this.#places.push({ entry, index: line.index, missing: isBody ? null : line });
    // Always as many, however fast they come: findings are found in one order.
    return this.#batches.length > AHEAD;
  }

  /** Settles the bodies that have waited longest. */
  async settle(): Promise<void> {
    const { bodies, examined, places } = this.#batches.shift() as Batch;
    const batch = await examined;
    this.#packer.reuse(bodies.memory);
    let next = 0;
    const examinations = places.map(
      (place): Examination => ({
        ...place,
        examined: place.missing === null ? examinedAt(batch, next++) : null,
      }),
    );
    for (const run of runsOf(examinations)) await this.#settleRun(run);
    this.#options.progress();
  }

  /** Settles all of them. */
  async drain(): Promise<void> {
    if (this.#places.length > 0) this.#begin();
    while (this.#batches.length > 0) await this.settle();
  }

  #begin(): void {
    const bodies = this.#packer.take();
    const examined = this.#options.examiner.examine(bodies);
    // It is waited for later; a failure until then is not unheard.
    examined.catch(() => undefined);
    this.#batches.push({ places: this.#places, bodies, examined });
    this.#places = [];
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
