// Checks an archive's bodies against its entries: commitments, proofs by the keys of their place, addressees, repetitions, tombstones, roles.
import type { Activity, CreateGroup, Delete } from '../protocol/activity.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { isDelegation } from '../protocol/delegation-statement.ts';
import { type Did, subjectOf } from '../protocol/did.ts';
import { readDidLog } from '../protocol/did-log.ts';
import {
  createStatedKeys,
  type DidLogStatement,
  isDidLogStatement,
} from '../protocol/did-log-statement.ts';
import type { ErasureGround } from '../protocol/erasure-grounds.ts';
import { LOG_KEYS } from '../protocol/labels.ts';
import { type KeyResolver, verifyObjectBytes } from '../protocol/object.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { isPlacement, placedAt } from '../protocol/placement.ts';
import { actOf, type Remains } from '../protocol/remains.ts';
import { Authority } from './archive-authority.ts';
import { Authors } from './archive-authors.ts';
import type { Segment } from './archive-entries.ts';
import type { Findings } from './archive-findings.ts';
import { type ErasedLine, parseBodyLine, type WithdrawnLine } from './archive-format.ts';
import { faultOfRecord } from './archive-remains.ts';
import { type ErasureCounts, Tombstones } from './archive-tombstones.ts';
import type { Examiner, ValidBody } from './body-examiner.ts';
import { BodyQueue, type SettledBody } from './body-queue.ts';
import type { LogEntry } from './entry.ts';
import type { KeyChain } from './key-chain.ts';
import { NameTable } from './name-table.ts';
import { type InvocationVerdict, StatedDelegations } from './stated-delegations.ts';
import { StatedIdentities } from './stated-identities.ts';

export interface BodyContext {
  readonly crypto: Crypto;
  readonly findings: Findings;
  /** Keys of authors without a DID log, for an entry of this time. */
  readonly resolveAt: (t: number) => KeyResolver;
  readonly examiner: Examiner;
  /** Null for a system log. */
  readonly submolt: ObjectName | null;
  /** What the home has stated of the log's keys, null if that did not hold. */
  readonly chain: KeyChain | null;
}

/** The place in the log gives no key to the object. */
const NO_KEY: ReadonlySet<string> = new Set([
  'key_unresolvable',
  'key_not_found',
  'identity_unknown',
  'identity_moved',
  'identity_deactivated',
]);

/** The signature of an erased act went with its words. */
const UNSIGNED = 'nothing signed shows any more that';

export class BodyCheck {
  readonly #context: BodyContext;
  readonly #authors = new Authors();
  /** Every object of the log and its author's number, 0 for that of an erased edit. The one thing that grows with the log. */
  readonly #names = new NameTable();
  readonly #authority = new Authority((name) => this.#authors.at(this.#names.get(name)));
  readonly #tombstones: Tombstones;
  readonly #stated = new StatedIdentities();
  readonly #delegated = new StatedDelegations(this.#stated);
  readonly #queue: BodyQueue;
  /** Acts by which bodies of segments that are not settled yet are said to be withdrawn, by index. */
  readonly #withdrawals = new Map<number, Activity>();
  #objects = 0;
  /** Where the founding has to be: index of the first entry that is no statement, as far as the log was read. */
  #beginning = 0;
  #begun = false;
  /** Statements of log keys so far, in a system log. */
  #logKeys = 0;

  /** `progress` is called now and then. */
  constructor(context: BodyContext, progress: () => void) {
    this.#context = context;
    const { crypto, examiner } = context;
    this.#tombstones = new Tombstones(context.findings);
    this.#queue = new BodyQueue({
      examiner,
      resolveAt: (t) => createStatedKeys((did) => this.#stated.get(did), crypto, this.#keysAt(t)),
      settle: (body) => this.#settle(body),
      progress,
    });
    if (context.submolt === null && this.#home !== null) this.#authority.belongTo(this.#home);
    if (this.#home !== null) this.#authority.beAt(this.#home);
  }

  get #home(): Did | null {
    return this.#context.chain?.home ?? null;
  }

  /** Bodies that are what their entries commit to. */
  get objects(): number {
    return this.#objects;
  }

  get authors(): number {
    return this.#authors.count;
  }

  get erased(): number {
    return this.#tombstones.count;
  }

  get erasures(): ErasureCounts {
    return this.#tombstones.grounds;
  }

  /** Where a submolt is may be said long after its author's key was looked up. */
  #keysAt(t: number): KeyResolver {
    const { resolveAt, submolt } = this.#context;
    if (submolt !== null) return resolveAt(t);
    return (did, id, activity) => {
      const anyTime = activity !== undefined && isPlacement(activity);
      return resolveAt(anyTime ? 0 : t)(did, id, activity);
    };
  }

  /**
   * Takes the lines of one segment's bodies, which are settled later, at the latest by `finish`. An entry without a line, or
   * a line without an entry, is a finding.
   */
  async add({ entries, start }: Segment, lines: Iterable<Uint8Array>): Promise<void> {
    const { findings } = this.#context;
    const end = start + entries.length;
    let next = start;
    const missing = (until: number) => {
      for (; next < until; next++) findings.add('missingBody', 'the body is missing', next);
    };
    for (const bytes of lines) {
      const line = parseBodyLine(bytes);
      if (line === null) {
        findings.add('malformed', 'a line of objects/ is not a body');
      } else if (line.index >= end) {
        findings.add('commitment', 'a body without an entry', line.index);
      } else if (line.index < next) {
        findings.add('malformed', 'a body out of order', line.index);
      } else {
        missing(line.index);
        next += 1;
        const entry = entries[line.index - start] ?? null;
        if (entry === null) continue;
        if (line.kind === 'withdrawn') await this.#examineWithdrawal(line);
        if (this.#queue.add(entry, line)) await this.#queue.settle();
      }
    }
    missing(end);
  }

  /** All bodies have come. */
  async finish(): Promise<void> {
    await this.#queue.drain();
    if (this.#beginning > 0 && !this.#begun) this.#refuseBeginning(this.#beginning);
    this.#tombstones.finish();
    const { chain, findings } = this.#context;
    if (this.#logKeys > 0 && this.#logKeys < (chain?.statements.length ?? 0)) {
      findings.add('badObject', 'a key was stated that this log does not state');
    }
  }

  #settle(settled: SettledBody): void {
    const { body, entry, index } = settled;
    const states = index === this.#beginning && statesBefore(settled, this.#context.submolt);
    if (states) this.#beginning += 1;
    else this.#begun = true;
    if (body.kind === 'erased' || body.kind === 'withdrawn') {
      this.#settleMissing(entry, body);
      return;
    }
    const { findings } = this.#context;
    if (body.kind === 'unopened') {
      findings.add('commitment', 'the body does not open the commitment', index);
      return;
    }
    this.#objects += 1;
    if (body.kind === 'valid') {
      this.#settleObject(entry, index, body);
      return;
    }
    const message = `${body.reason}: ${body.detail}`;
    if (NO_KEY.has(body.reason)) {
      findings.add('keyUnknown', message, index);
    } else if (body.reason === 'not_canonical') {
      findings.add('malformed', message, index);
    } else {
      findings.add('badObject', message, index);
    }
  }

  /** Whoever made the archive has signed it: with a key of its own, which no statement in this log is about. */
  async #examineWithdrawal({ bytes, index }: WithdrawnLine): Promise<void> {
    const { crypto, resolveAt } = this.#context;
    const verdict = await verifyObjectBytes(bytes, { crypto, resolveKey: resolveAt(0) });
    if (verdict.ok) this.#withdrawals.set(index, verdict.object.activity);
  }

  #settleMissing(entry: LogEntry, line: ErasedLine | WithdrawnLine): void {
    const { author, index, name, remains } = line;
    const body = { index, kind: entry.k, name, remains };
    if (line.kind === 'erased') {
      this.#tombstones.erased(body, line.by);
    } else {
      const act = this.#withdrawals.get(index) ?? null;
      this.#tombstones.withdrawn(body, act, this.#context.submolt);
      this.#withdrawals.delete(index);
    }
    const { findings, submolt } = this.#context;
    const known = this.#names.has(name);
    if (known) findings.add('badObject', `${name} was logged before`, index);
    else if (remains === null) {
      this.#names.add(name, author === null ? 0 : this.#authors.numberOf(author));
    }
    const first = index === this.#beginning;
    const fault = first ? null : faultOfRecord(entry.k, line, submolt);
    if (fault !== null) findings.add(...fault, index);
    // Whose signature a post had is gone with the body, and may be a delegate's.
    this.#authors.erased(remains?.actor ?? (this.#delegated.isEmpty ? author : null));
    if (first) {
      findings.add('badObject', 'the first entry cannot be erased', index);
    } else if (remains !== null && fault === null && !known) {
      this.#settleRemains(entry, line, remains);
    }
  }

  /** What the act did is applied as the archive says it: nothing is left that its author has signed. */
  #settleRemains(entry: LogEntry, line: ErasedLine | WithdrawnLine, remains: Remains): void {
    const { findings } = this.#context;
    const { index, name } = line;
    const activity = actOf(remains);
    const invoked = this.#invoke(entry, activity);
    const principal = invoked?.ok === true ? invoked.principal : remains.actor;
    this.#names.add(name, this.#authors.numberOf(principal));
    findings.add('remark', `${UNSIGNED} ${remains.actor} did this ${entry.k}`, index);
    const fault = this.#fault(name, activity, invoked);
    if (fault !== null) findings.add('unauthorised', fault, index);
    if (activity.type !== 'Delete' || line.kind === 'withdrawn') return;
    this.#tombstones.passOn({ index, kind: entry.k, name, remains }, activity.object, line.by);
  }

  #settleObject(entry: LogEntry, index: number, { name, activity }: ValidBody): void {
    const { findings, submolt } = this.#context;
    if (this.#names.has(name)) {
      findings.add('badObject', `${name} was logged before`, index);
      return;
    }
    const author = this.#authors.of(subjectOf(activity.actor));
    const invoked = this.#invoke(entry, activity);
    if (invoked === null) this.#names.add(name, author.number);
    // Where its delegation does not let it be done, the log proves of nobody that it is the author.
    else this.#names.add(name, invoked.ok ? this.#authors.numberOf(invoked.principal) : 0);
    if (activity.type !== entry.k) {
      findings.add('badObject', `a ${activity.type} is logged as ${entry.k}`, index);
    }
    if (index === this.#beginning) {
      this.#settleFirst({ name, activity }, index);
    } else {
      const audience = ('audience' in activity ? activity.audience : undefined) ?? null;
      // A founding has no audience, and its log is its own.
      const log = founds(activity) ? name : audience;
      if (log !== submolt && !isDidLogStatement(activity) && !isDelegation(activity)) {
        // Author and rules are looked at in the log of the submolt: this is the node's word that it has come or gone.
        if (this.#isPlaced(activity)) return;
        findings.add('badObject', `the object is addressed to ${log ?? 'no submolt'}`, index);
        return;
      }
    }
    if (isDidLogStatement(activity)) this.#takeStatement(activity, index);
    const states = activity.type === 'Add' && activity.target === LOG_KEYS;
    if (states && activity.actor === this.#home) this.#takeLogKey(name, index);
    const fault = this.#fault(name, activity, invoked);
    if (fault !== null) findings.add('unauthorised', fault, index);
    // Whoever was not entitled to it has erased the body all the same.
    if (activity.type === 'Delete') {
      const { actor, object: target } = activity;
      this.#tombstones.deleted({
        index,
        target,
        actor,
        ground: this.#groundOf(activity, invoked),
        groundOfLaw: this.#authority.groundOfLaw(activity),
      });
    }
    const broken = this.#authors.follow(author, name, activity);
    if (broken !== null) findings.add('authorChain', broken, index);
  }

  /** A system log says of its own node's submolts that they were founded, or have moved. */
  #isPlaced(activity: Activity): boolean {
    if (this.#context.submolt !== null || !isPlacement(activity)) return false;
    return this.#home === null || placedAt(activity) === this.#home;
  }

  /** In whose name it is done; null for an act without `instrument`. */
  #invoke({ t }: LogEntry, activity: Activity): InvocationVerdict | null {
    const { submolt } = this.#context;
    const instrument = 'instrument' in activity ? activity.instrument : undefined;
    if (instrument === undefined || submolt === null) return null;
    const use = { submolt, t };
    if (activity.type !== 'Undo') return this.#delegated.invoke(instrument, activity, use);
    const undone = this.#undone(activity.object);
    return this.#delegated.invoke(instrument, activity, { ...use, undone });
  }

  /** What the agent whose act it is lacked, or the delegation under which it was done; null if nothing. */
  #fault(name: ObjectName, activity: Activity, invoked: InvocationVerdict | null): string | null {
    if (isDelegation(activity)) return this.#delegated.state(name, activity);
    if (invoked !== null) {
      return invoked.ok
        ? this.#authority.fault(name, { ...activity, actor: invoked.principal })
        : invoked.detail;
    }
    const entitled =
      activity.type === 'Undo' ? this.#delegated.mayRevoke(activity.object, activity.actor) : null;
    if (entitled === null) return this.#authority.fault(name, activity);
    return entitled ? null : `${activity.actor} has not given ${activity.object}`;
  }

  #groundOf(activity: Delete, invoked: InvocationVerdict | null): ErasureGround | null {
    if (invoked === null) return this.#authority.groundOf(activity);
    return invoked.ok ? this.#authority.groundOf({ ...activity, actor: invoked.principal }) : null;
  }

  /** Only bans and other acts of the actor's own are told apart: what the log cannot prove is no fault. */
  #undone(act: ObjectName): Activity['type'] {
    return this.#authority.isBan(act) ? 'Block' : 'Like';
  }

  /** The chain that was shown is the one of this log, statement by statement: no other has been logged, and none is missing. */
  #takeLogKey(name: ObjectName, index: number): void {
    const { chain, findings } = this.#context;
    if (chain !== null && chain.statements[this.#logKeys]?.name !== name) {
      findings.add('badObject', 'not the statement of a log key that comes next', index);
    }
    this.#logKeys += 1;
  }

  #takeStatement({ content }: DidLogStatement, index: number): void {
    const verdict = this.#stated.state(readDidLog(content));
    if (verdict.ok) return;
    this.#context.findings.add('badObject', `${verdict.reason}: ${verdict.detail}`, index);
  }

  #refuseBeginning(index: number): void {
    const detail = 'the log does not begin with the founding of its submolt';
    this.#context.findings.add('badObject', detail, index);
  }

  /** It founds the submolt that the log is named after, or names the system log's key. */
  #settleFirst({ name, activity }: Pick<ValidBody, 'name' | 'activity'>, index: number): void {
    const { findings, submolt } = this.#context;
    const home = this.#home;
    if (submolt === null) {
      const states = activity.type === 'Add' && activity.target === LOG_KEYS;
      if (!states || (home !== null && activity.actor !== home)) {
        findings.add('badObject', 'a system log begins with its node’s key statement', 0);
      }
      return;
    }
    if (!founds(activity) || name !== submolt) {
      this.#refuseBeginning(index);
      return;
    }
    this.#authority.found(subjectOf(activity.actor));
    const { target } = activity;
    if (home !== null && target !== home) {
      findings.add('logSignature', `the key statement is ${home}'s, the home is ${target}`);
    }
  }
}

/** The DID logs that a founding depends on stand before it. */
function statesBefore({ body }: SettledBody, submolt: ObjectName | null): boolean {
  return submolt !== null && body.kind === 'valid' && isDidLogStatement(body.activity);
}

function founds(activity: Activity): activity is CreateGroup {
  return activity.type === 'Create' && activity.object.type === 'Group';
}
