// One group of submissions: load what they need, decide and apply in memory, write everything in one batch.
import { apply } from '../domain/apply.ts';
import { decide } from '../domain/decide.ts';
import { agentErasedBy } from '../domain/erasure.ts';
import { refuseStranger } from '../domain/identity.ts';
import { emptyKeys, keysOf, mergeKeys } from '../domain/keys.ts';
import { type EntryPlace, isStatement, logOf } from '../domain/matter.ts';
import { pacedAs } from '../domain/pace.ts';
import { refuse } from '../domain/refusal.ts';
import { commitment, SALT_SIZE } from '../log/entry.ts';
import type { Activity } from '../protocol/activity.ts';
import { toBase64url } from '../protocol/bytes.ts';
import type { Did } from '../protocol/did.ts';
import type { VerifiedObject } from '../protocol/object.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { isPlacement } from '../protocol/placement.ts';
import { readActivity } from '../store/activity-bytes.ts';
import type { Statement } from '../store/database.ts';
import { deleteEnrolledBefore } from '../store/enrolments.ts';
import type { StoredEntry } from '../store/entries.ts';
import { isHeld } from '../store/holds.ts';
import type { NonceKey } from '../store/nonces.ts';
import { nonceKey, nonceText } from '../store/nonces.ts';
import type { NewPending } from '../store/pending.ts';
import type { StoredReceipt } from '../store/queries/receipts.ts';
import { keyOf } from '../store/table.ts';
import { withdrawObject } from '../store/withdrawals.ts';
import { writeGroup } from '../store/write-group.ts';
import type { Caller, CommandContext } from './context.ts';
import { CommandError } from './error.ts';
import { keepDocuments } from './keep-documents.ts';
import { noteErasures, settleErasures } from './list-erasures.ts';
import { type LoadedGroup, loadGroup } from './load-group.ts';
import type { LogTail } from './log-tail.ts';
import { Logs } from './logs.ts';
import { type CheckpointSigners, submoltOrigin, systemOrigin } from './origin.ts';
import type { GrownLog, SubmitOutcome } from './submit-outcome.ts';

/** Objects that came with one request. Its nonce is used up once, if any of them is taken. */
export interface Submission {
  readonly objects: readonly VerifiedObject[];
  readonly caller: Caller | null;
}

/** Thrown when a rule breaks on one submission: the others can go on without it. */
export class BrokenSubmission extends Error {
  readonly submission: number;

  constructor(submission: number, cause: unknown) {
    super(`submission ${submission} of the group broke a rule's contract`, { cause });
    this.submission = submission;
  }
}

export interface GroupResult {
  /** For each submission, the outcome of each of its objects. */
  readonly outcomes: SubmitOutcome[][];
  readonly grown: readonly GrownLog[];
}

/** What an entry is made of. */
type Loggable = Pick<VerifiedObject, 'activity' | 'name'> & { readonly bytes: Uint8Array };

/** What is known of an object before the batch is written: a receipt needs the checkpoint that comes last. */
type Settled =
  | Extract<SubmitOutcome, { kind: 'pending' | 'refused' }>
  | {
      readonly kind: 'logged';
      readonly tail: LogTail;
      readonly entry: StoredEntry;
      first: boolean;
    };

/**
 * Decides on a group and writes it. Either all of it is on disk when this fulfils, or nothing: it rejects with
 * StoreError, or with `BrokenSubmission`. `also` are further statements of the same batch.
 */
export async function submitGroup(
  context: CommandContext,
  signers: CheckpointSigners,
  submissions: readonly Submission[],
  also: readonly Statement[] = [],
): Promise<GroupResult> {
  const group = new Group(context, signers, await load(context, submissions));
  const settled = submissions.map((submission, i) => {
    try {
      return group.settle(submission);
    } catch (cause) {
      throw new BrokenSubmission(i, cause);
    }
  });
  const grown = await group.write(also);
  const outcomes = settled.map((objects, i) =>
    objects.map((one, j) => group.outcome(one, submissions[i]?.objects[j] as VerifiedObject)),
  );
  return { outcomes, grown };
}

function load(context: CommandContext, submissions: readonly Submission[]): Promise<LoadedGroup> {
  const keys = emptyKeys();
  const names: ObjectName[] = [];
  const nonces: NonceKey[] = [];
  for (const { objects, caller } of submissions) {
    for (const { activity, name } of objects) {
      mergeKeys(keys, keysOf(activity, name));
      names.push(name);
    }
    const key = nonceOf(caller, context);
    if (key !== null) nonces.push(key);
  }
  const { node, pace } = context;
  const acts = submissions.flatMap(({ objects }) => objects.map(({ activity }) => activity));
  const paced = acts.filter((act) => pacedAs(act) !== null && act.actor !== node.did);
  const limited = pace && paced.length > 0 ? { limits: pace, agents: paced.map(actorOf) } : null;
  return loadGroup(context, { node: node.did, keys, names, nonces, paced: limited });
}

const actorOf = ({ actor }: Activity) => actor;

export function nonceOf(caller: Caller | null, { crypto }: CommandContext): NonceKey | null {
  if (caller === null || caller.nonce === null) return null;
  return nonceKey(caller.did, caller.nonce, caller.nonceExpires, crypto);
}

class Group {
  readonly #context: CommandContext;
  readonly #loaded: LoadedGroup;
  readonly #logs: Logs;
  readonly #accepted = new Map<ObjectName, Settled & { kind: 'logged' }>();
  readonly #forwarded = new Map<ObjectName, NewPending>();
  /** Statements that this group accepted. */
  readonly #statements = new Map<ObjectName, Loggable>();
  /** Those that it has logged again, as `keyOf(submolt, name)`. */
  readonly #restated = new Set<string>();
  /** Foundings and moves that it has put into the system log. */
  readonly #placed = new Set<ObjectName>();
  readonly #nonces = new Map<string, NonceKey>();
  /** Agents all of whose words the operator has erased. */
  readonly #forgotten: Did[] = [];

  constructor(context: CommandContext, signers: CheckpointSigners, loaded: LoadedGroup) {
    this.#context = context;
    this.#loaded = loaded;
    this.#logs = new Logs(context, signers, loaded);
  }

  /** Decides on the objects of one request, in their order, each on the rows as the ones before it left them. */
  settle({ objects, caller }: Submission): Settled[] {
    const nonce = nonceOf(caller, this.#context);
    const text = nonce === null ? null : nonceText(nonce);
    // The nonce decides first: a copied request is answered the same whatever it carries (decision 0004).
    if (text !== null && (this.#loaded.nonces.has(text) || this.#nonces.has(text))) {
      return objects.map(() => REPLAYED);
    }
    const before = this.#accepted.size + this.#forwarded.size;
    const settled = objects.map((object) => this.#known(object) ?? this.#decide(object));
    const taken = this.#accepted.size + this.#forwarded.size > before;
    if (taken && nonce !== null && text !== null) this.#nonces.set(text, nonce);
    return settled;
  }

  /** What was decided about this very object before, in this group or long ago. */
  #known(object: VerifiedObject): Settled | null {
    const { activity, name } = object;
    const accepted = this.#accepted.get(name);
    if (accepted !== undefined) {
      // Erased by a Delete that came after it in this same group.
      const erased = this.#loaded.rows.erasures.some((erasure) => erasure.name === name);
      return erased ? refused('already_deleted') : { ...accepted, first: false };
    }
    const tail = this.#logs.find(logOf(activity, name));
    const entry = this.#loaded.entriesOf
      .get(name)
      ?.find((candidate) => candidate.log === tail?.head.id);
    if (tail !== undefined && entry !== undefined) {
      if (entry.salt === null) return refused('already_deleted');
      if (tail.head.isHome) this.#placeAgain(object);
      // A replica that is catching up has no signed checkpoint over the entry yet, and neither has a log that is recovered.
      return entry.index < tail.head.signedSize
        ? { kind: 'logged', tail, entry, first: false }
        : { kind: 'pending', id: name };
    }
    // Its operator has dropped it while it waited for its home.
    if (entry === undefined && this.#loaded.withdrawn.has(name)) return refused('already_deleted');
    const waiting =
      this.#forwarded.has(name) || this.#loaded.pending.get(name)?.status === 'pending';
    return waiting ? { kind: 'pending', id: name } : null;
  }

  #decide(object: VerifiedObject): Settled {
    const { activity, name, bytes } = object;
    const { node } = this.#context;
    const { rows } = this.#loaded;
    const target = logOf(activity, name);
    const held = this.#refuseHeld(target, object);
    if (held !== null) return held;
    const now = this.#context.now();
    const t = Math.max(now, this.#logs.find(target)?.lastT ?? 0);
    const decision = decide(rows, object, { node: node.did, now, t });
    if (decision.kind === 'refuse') {
      return { kind: 'refused', code: decision.code, detail: decision.detail };
    }
    if (decision.kind === 'forward') {
      const { submolt, home } = decision;
      this.#forwarded.set(name, { name, bytes, submolt, home, at: now });
      return { kind: 'pending', id: name };
    }
    const tooSoon = this.#loaded.paces?.take(activity, now) ?? null;
    if (tooSoon !== null) return { ...tooSoon, kind: 'refused' };
    const tail = this.#logs.open(decision.log, name);
    const place = { log: decision.log, node: node.did, t };
    for (const statement of decision.first) this.#restate(tail, statement, place);
    rows.numbering.addObject(name, bytes);
    const entry = this.#append(tail, object, place);
    if (isStatement(activity)) this.#statements.set(name, object);
    if (isPlacement(activity)) this.#place(object);
    const forgotten = agentErasedBy(activity);
    if (forgotten !== null) this.#forgotten.push(forgotten);
    const settled: Settled = { kind: 'logged', tail, entry, first: true };
    this.#accepted.set(name, settled);
    return settled;
  }

  /** The system log says as well that a submolt has come or gone. Without one, the next start makes up for it. */
  #place(object: VerifiedObject): void {
    const tail = this.#logs.find('system');
    if (tail === undefined) return;
    const { node, now } = this.#context;
    const t = Math.max(now(), tail.lastT);
    this.#append(tail, object, { log: 'system', node: node.did, t });
    this.#placed.add(object.name);
  }

  /** For what was accepted before system logs said so. Whose key has changed since nobody could check at this place. */
  #placeAgain(object: VerifiedObject): void {
    if (!isPlacement(object.activity) || this.#placed.has(object.name)) return;
    const system = this.#logs.find('system')?.head.id;
    const entries = this.#loaded.entriesOf.get(object.name);
    if (entries?.some((entry) => entry.log === system)) return;
    if (isHeld(this.#loaded.holds, systemOrigin(this.#context.node))) return;
    if (refuseStranger(this.#loaded.rows, object) === null) this.#place(object);
  }

  /** Before the rules are asked: they have seen less of the log than this node has signed. */
  #refuseHeld(
    log: 'system' | ObjectName,
    { activity, name }: Pick<VerifiedObject, 'activity' | 'name'>,
  ): Settled | null {
    const { node } = this.#context;
    if (this.#loaded.holds.length === 0) return null;
    // A submolt that is not known may be one that was founded since.
    const submolt = log === 'system' || log === name ? undefined : this.#loaded.rows.submolt(log);
    if (submolt !== undefined && submolt.home !== node.did) return null;
    const logs = log === 'system' ? [] : [submoltOrigin(node, log)];
    if (log === 'system' || isPlacement(activity)) logs.push(systemOrigin(node));
    const origin = logs.find((one) => isHeld(this.#loaded.holds, one));
    if (origin === undefined) return null;
    const detail = `This node has signed more of ${origin} than it has, as after the restore of a backup, and signs nothing before it has that back.`;
    return { kind: 'refused', code: 'log_held', detail };
  }

  /** Logs a statement once more, in the submolt's log, unless it is there: what depends on it comes next. */
  #restate(tail: LogTail, name: ObjectName, place: EntryPlace): void {
    const key = keyOf(place.log, name);
    if (this.#restated.has(key)) return;
    const bytes = this.#loaded.statements.get(key);
    const statement =
      bytes === undefined
        ? this.#statements.get(name)
        : { name, bytes, activity: readActivity(bytes, name) };
    // Neither missing when the group was loaded nor accepted since: the log has it.
    if (statement === undefined) return;
    this.#append(tail, statement, place);
    this.#restated.add(key);
  }

  #append(tail: LogTail, object: Loggable, place: EntryPlace): StoredEntry {
    const { activity, bytes, name } = object;
    const { crypto, random } = this.#context;
    const { rows } = this.#loaded;
    const salt = random(SALT_SIZE);
    const entry = tail.append({
      object: rows.numbering.object(name),
      kind: activity.type,
      t: place.t,
      commitment: commitment(salt, bytes, crypto),
      salt,
      erasedBy: null,
    });
    rows.at(entry.log, entry.index, activity.actor);
    apply(rows, object, place);
    return entry;
  }

  async write(also: readonly Statement[]): Promise<GrownLog[]> {
    if (this.#accepted.size + this.#forwarded.size + this.#placed.size === 0) return [];
    const { db } = this.#context;
    const { rows, version } = this.#loaded;
    const growth = await this.#logs.grow();
    const heads = [...growth.newLogs, ...growth.grownLogs];
    const { erasures, withdrawals } = rows;
    const batch = { rows, entries: growth.entries, heads, erasures, withdrawals };
    await writeGroup(db, {
      ...growth,
      version,
      rows,
      nonces: [...this.#nonces.values()],
      pending: [...this.#forwarded.values()],
      also: [
        ...keepDocuments(this.#context, rows.signers.dids),
        ...this.#withdraw(),
        ...this.#forgotten.map((agent) => deleteEnrolledBefore(agent, this.#context.now() + 1)),
        ...noteErasures(this.#context, batch),
        ...(this.#loaded.paces?.write() ?? []),
        ...also,
      ],
    });
    await settleErasures(this.#context, [...erasures, ...withdrawals]);
    return heads.map(({ origin, size }) => ({ origin, size }));
  }

  /** What this node's own system log has said is not to be here. */
  #withdraw(): Statement[] {
    const { numbering, withdrawals } = this.#loaded.rows;
    return withdrawals.flatMap((one) => withdrawObject(one, numbering));
  }

  outcome(settled: Settled, { name }: VerifiedObject): SubmitOutcome {
    if (settled.kind !== 'logged') return settled;
    const { tail, entry, first } = settled;
    const { origin } = tail.head;
    const checkpoint = this.#logs.checkpointOf(tail);
    if (checkpoint === null || entry.salt === null) {
      throw new CommandError('log_mismatch', `${origin} has no checkpoint over ${entry.index}`);
    }
    const receipt: StoredReceipt = {
      id: name,
      log: origin,
      index: entry.index,
      t: entry.t,
      k: entry.kind,
      c: toBase64url(entry.commitment),
      salt: toBase64url(entry.salt),
      checkpoint,
      proof: tail.proofFile(entry.index, checkpoint),
    };
    return { kind: 'accepted', receipt, first };
  }
}

const REPLAYED: Settled = {
  kind: 'refused',
  code: 'replayed',
  detail:
    'A request with this nonce was admitted already. Sign the request again with a new nonce.',
};

function refused(code: 'already_deleted'): Settled {
  const { detail } = refuse(code);
  return { kind: 'refused', code, detail };
}
