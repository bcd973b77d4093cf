// Checks an archive's bodies against its entries: commitments, proofs by the keys of their place, addressees, repetitions, tombstones, roles.
import type { Activity, CreateGroup } from '../protocol/activity.ts';
import { toBase64url } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { type Did, subjectOf } from '../protocol/did.ts';
import { readDidLog } from '../protocol/did-log.ts';
import {
  createStatedKeys,
  type DidLogStatement,
  isDidLogStatement,
} from '../protocol/did-log-statement.ts';
import { DID_LOGS, LOG_KEYS } from '../protocol/labels.ts';
import type { KeyResolver, ObjectBytesVerdict, VerifiedObject } from '../protocol/object.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { Authority } from './archive-authority.ts';
import { type Author, Authors } from './archive-authors.ts';
import type { Segment } from './archive-entries.ts';
import type { Findings } from './archive-findings.ts';
import { type BodyLine, type ErasedLine, parseBodyLine } from './archive-format.ts';
import { Tombstones } from './archive-tombstones.ts';
import { commitment, type LogEntry } from './entry.ts';
import { StatedIdentities } from './stated-identities.ts';

/** Verifies an object's bytes; `verifyObjectBytes` on this thread unless a caller has others to do it. */
export type ObjectVerifier = (
  bytes: Uint8Array,
  resolveKey: KeyResolver,
) => Promise<ObjectBytesVerdict>;

export interface BodyContext {
  readonly crypto: Crypto;
  readonly findings: Findings;
  /** Keys of authors without a DID log. */
  readonly resolveKey: KeyResolver;
  readonly verifyObject: ObjectVerifier;
  /** Null for a system log. */
  readonly submolt: ObjectName | null;
  /** The node that named the log's key, null if that did not hold. */
  readonly home: Did | null;
}

/** Bodies that are verified at a time: enough to keep several threads busy. */
const BATCH = 256;

/** The place in the log gives no key to the object. */
const NO_KEY: ReadonlySet<string> = new Set([
  'key_unresolvable',
  'key_not_found',
  'identity_unknown',
  'identity_moved',
  'identity_deactivated',
]);

interface Checked {
  readonly entry: LogEntry;
  readonly line: BodyLine;
  /** Null for a body that does not open its commitment, and for an erased one. */
  readonly verdict: ObjectBytesVerdict | null;
}

export class BodyCheck {
  readonly #context: BodyContext;
  readonly #authors = new Authors();
  /** Every object of the log and its author; null for an erased edit. The one thing that grows with the log. */
  readonly #names = new Map<ObjectName, Pick<Author, 'did'> | null>();
  readonly #authority = new Authority((name) => this.#names.get(name)?.did ?? null);
  readonly #tombstones: Tombstones;
  readonly #stated = new StatedIdentities();
  readonly #resolveKey: KeyResolver;
  #objects = 0;
  /** Where the founding has to be: index of the first entry that is no statement, as far as the log was read. */
  #beginning = 0;
  #begun = false;

  constructor(context: BodyContext) {
    this.#context = context;
    const { crypto, resolveKey } = context;
    this.#tombstones = new Tombstones(context.findings);
    this.#resolveKey = createStatedKeys((did) => this.#stated.get(did), crypto, resolveKey);
    if (context.submolt === null && context.home !== null) this.#authority.belongTo(context.home);
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

  /** Takes the lines of one segment's bodies. `progress` is called now and then. */
  async add(
    segment: Segment,
    lines: readonly Uint8Array[],
    progress: () => void = () => {},
  ): Promise<void> {
    for (const batch of batchesOf(this.#align(segment, lines))) {
      const checked = await Promise.all(batch.map(([entry, line]) => this.#check(entry, line)));
      // What follows depends on the order of the log.
      for (const body of checked) this.#settle(body);
      progress();
    }
  }

  /** All bodies have come. */
  finish(): void {
    if (this.#beginning > 0 && !this.#begun) this.#refuseBeginning(this.#beginning);
    this.#tombstones.finish();
  }

  /** Pairs lines with entries; an entry without a line, or a line without an entry, is a finding. */
  #align(
    { start, entries }: Segment,
    lines: readonly Uint8Array[],
  ): (readonly [LogEntry, BodyLine])[] {
    const { findings } = this.#context;
    const found: (readonly [LogEntry, BodyLine])[] = [];
    let next = start;
    const missing = (end: number) => {
      for (; next < end; next++) findings.add('missingBody', 'the body is missing', next);
    };
    for (const bytes of lines) {
      const line = parseBodyLine(bytes);
      if (line === null) {
        findings.add('malformed', 'a line of objects/ is not a body');
      } else if (line.index >= start + entries.length) {
        findings.add('commitment', 'a body without an entry', line.index);
      } else if (line.index < next) {
        findings.add('malformed', 'a body out of order', line.index);
      } else {
        missing(line.index);
        next += 1;
        const entry = entries[line.index - start] ?? null;
        if (entry !== null) found.push([entry, line]);
      }
    }
    missing(start + entries.length);
    return found;
  }

  async #check(entry: LogEntry, line: BodyLine): Promise<Checked> {
    if (line.kind === 'erased') return { entry, line, verdict: null };
    const { crypto, verifyObject } = this.#context;
    const opens = toBase64url(commitment(line.salt, line.bytes, crypto)) === entry.c;
    return {
      entry,
      line,
      verdict: opens ? await verifyObject(line.bytes, this.#resolveKey) : null,
    };
  }

  #settle(checked: Checked): void {
    const { entry, line } = checked;
    const states = line.index === this.#beginning && statesBefore(checked, this.#context.submolt);
    if (states) this.#beginning += 1;
    else this.#begun = true;
    if (line.kind === 'erased') this.#settleErased(entry, line);
    else this.#settleBody(entry, line.index, checked.verdict);
  }

  #settleBody(entry: LogEntry, index: number, verdict: ObjectBytesVerdict | null): void {
    const { findings } = this.#context;
    if (verdict === null) {
      findings.add('commitment', 'the body does not open the commitment', index);
      return;
    }
    this.#objects += 1;
    if (verdict.ok) {
      this.#settleObject(entry, index, verdict.object);
      return;
    }
    const message = `${verdict.reason}: ${verdict.detail}`;
    if (NO_KEY.has(verdict.reason)) {
      findings.add('keyUnknown', message, index);
    } else if (verdict.reason === 'not_canonical') {
      findings.add('malformed', message, index);
    } else {
      findings.add('badObject', message, index);
    }
  }

  #settleErased(entry: LogEntry, { author, by, index, name }: ErasedLine): void {
    const { findings } = this.#context;
    if (this.#names.has(name)) findings.add('badObject', `${name} was logged before`, index);
    else this.#names.set(name, author && { did: author });
    if ((author !== null) !== (entry.k === 'Create')) {
      findings.add('malformed', 'an erased Create has its author, and nothing else has', index);
    }
    this.#authors.erased(author);
    if (index === this.#beginning) {
      findings.add('badObject', 'the first entry cannot be erased', index);
    }
    this.#tombstones.erased({ index, kind: entry.k, name }, by);
  }

  #settleObject(entry: LogEntry, index: number, { name, activity }: VerifiedObject): void {
    const { findings, submolt } = this.#context;
    if (this.#names.has(name)) {
      findings.add('badObject', `${name} was logged before`, index);
      return;
    }
    const author = this.#authors.of(subjectOf(activity.actor));
    this.#names.set(name, author);
    if (activity.type !== entry.k) {
      findings.add('badObject', `a ${activity.type} is logged as ${entry.k}`, index);
    }
    if (index === this.#beginning) {
      this.#settleFirst({ name, activity }, index);
    } else {
      const audience = ('audience' in activity ? activity.audience : undefined) ?? null;
      // A founding has no audience, and its log is its own.
      const log = founds(activity) ? name : audience;
      if (log !== submolt && !isDidLogStatement(activity)) {
        findings.add('badObject', `the object is addressed to ${log ?? 'no submolt'}`, index);
        return;
      }
    }
    if (isDidLogStatement(activity)) this.#takeStatement(activity, index);
    const fault = this.#authority.fault(name, activity);
    if (fault !== null) findings.add('unauthorised', fault, index);
    // Whoever was not entitled to it has erased the body all the same.
    if (activity.type === 'Delete') {
      this.#tombstones.deleted(index, activity.object, activity.actor);
    }
    const broken = this.#authors.follow(author, name, activity);
    if (broken !== null) findings.add('authorChain', broken, index);
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
  #settleFirst({ name, activity }: Pick<VerifiedObject, 'name' | 'activity'>, index: number): void {
    const { findings, submolt, home } = this.#context;
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
function statesBefore({ verdict }: Checked, submolt: ObjectName | null): boolean {
  return submolt !== null && verdict?.ok === true && isDidLogStatement(verdict.object.activity);
}

function founds(activity: Activity): activity is CreateGroup {
  return activity.type === 'Create' && activity.object.type === 'Group';
}

type Found = readonly [LogEntry, BodyLine];

/** Bodies that may be verified at the same time, in order: none together with a statement that may change its keys. */
function* batchesOf(found: readonly Found[]): Generator<readonly Found[]> {
  let start = 0;
  for (const [at, body] of found.entries()) {
    const states = mayState(body);
    if (at > start && (states || at - start === BATCH)) {
      yield found.slice(start, at);
      start = at;
    }
    if (states) {
      yield [body];
      start = at + 1;
    }
  }
  if (start < found.length) yield found.slice(start);
}

// The IRI is ASCII, so bytes can be searched as characters.
const octets = new TextDecoder('latin1');

/** True of every statement of a DID log, and of few other objects. */
function mayState([{ k }, line]: Found): boolean {
  return k === 'Add' && line.kind === 'body' && octets.decode(line.bytes).includes(DID_LOGS);
}
