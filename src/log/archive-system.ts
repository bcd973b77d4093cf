// `system/`: what the home says of this log in its system log, held to the entries and to the home's key.
import { equalBytes } from '../protocol/bytes.ts';
import type { Did } from '../protocol/did.ts';
import { canonicalize } from '../protocol/jcs.ts';
import { isObject, type JsonValue, parseIJson } from '../protocol/json.ts';
import type { KeyResolver } from '../protocol/object.ts';
import type { EntryChain } from './archive-entries.ts';
import type { FindingName, Findings } from './archive-findings.ts';
import { maxMemberSize, parseOrigin } from './archive-format.ts';
import {
  checkNote,
  logKeysOf,
  reportWitnesses,
  type SignatureContext,
} from './archive-signatures.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { verifyStatedFounding } from './founding-proof.ts';
import { type StatedHeadVerdict, verifyStatedHead } from './head-proof.ts';
import type { KeyChain } from './key-chain.ts';
import { parseNote } from './note.ts';

export const SYSTEM_HEAD = 'system/head.json';
export const SYSTEM_FOUNDING = 'system/founding.json';

export interface SystemReport {
  /** Entries of this log that the statement covers, and its time in milliseconds. */
  readonly size: number;
  readonly statedAt: number;
  /** True if the policy's quorum has cosigned the system log that has the statement. */
  readonly witnessed: boolean;
}

/** When the home has said in its system log that the submolt was founded; likewise. */
export type FoundingReport = Pick<SystemReport, 'statedAt' | 'witnessed'>;

type Refused = Extract<StatedHeadVerdict, { ok: false }>['reason'];

const NAMES: Record<Refused, FindingName> = {
  malformed_proof: 'malformed',
  not_included: 'rootMismatch',
  commitment_mismatch: 'commitment',
  not_stated: 'badObject',
};

/** Of which log, and by whose keys. */
export interface SystemContext extends SignatureContext {
  readonly origin: string;
  readonly chain: KeyChain | null;
  readonly resolveKey: KeyResolver;
}

export class SystemProofs {
  readonly #entries: EntryChain;
  readonly #findings: Findings;
  #head: JsonValue = null;
  #founding: JsonValue = null;

  constructor(entries: EntryChain, findings: Findings) {
    this.#entries = entries;
    this.#findings = findings;
  }

  take(name: string, bytes: Uint8Array): void {
    const parsed = parseIJson(bytes, { maxBytes: maxMemberSize(name) as number });
    const isOne = parsed.ok && equalBytes(canonicalize(parsed.value), bytes);
    const value = isOne ? parsed.value : null;
    if (name === SYSTEM_FOUNDING) {
      this.#founding = value ?? {};
      return;
    }
    const text = isObject(value) && typeof value.head === 'string' ? value.head : '';
    const head = parseCheckpoint(text);
    if (!head.ok) {
      this.#findings.add('malformed', `${SYSTEM_HEAD} is not the proof of a head`);
    } else if (this.#entries.size > 0) {
      this.#findings.add('remark', `${SYSTEM_HEAD} comes after the entries and was not compared`);
    } else {
      this.#head = value;
      this.#entries.expect(head.checkpoint, SYSTEM_HEAD, null);
    }
  }

  /** Null for what is not there, or does not hold. */
  async finish(
    context: SystemContext,
  ): Promise<{ readonly system: SystemReport | null; readonly founding: FoundingReport | null }> {
    return {
      system: await this.#finishHead(context),
      founding: await this.#finishFounding(context),
    };
  }

  async #finishHead(context: SystemContext): Promise<SystemReport | null> {
    if (this.#head === null) return null;
    const { crypto, resolveKey } = context;
    const verdict = await verifyStatedHead(this.#head, { crypto, resolveKey });
    if (!verdict.ok) return this.#refuse(SYSTEM_HEAD, verdict.reason, verdict.detail);
    const { checkpoint, head, node, origin, t } = verdict;
    const witnessed = await this.#checkLog(SYSTEM_HEAD, { checkpoint, origin }, node, context);
    return witnessed === null ? null : { size: head.size, statedAt: t, witnessed };
  }

  async #finishFounding(context: SystemContext): Promise<FoundingReport | null> {
    if (this.#founding === null) return null;
    const submolt = parseOrigin(context.origin)?.submolt ?? null;
    const verdict = verifyStatedFounding(this.#founding, submolt, context.crypto);
    if (!verdict.ok) return this.#refuse(SYSTEM_FOUNDING, verdict.reason, verdict.detail);
    // The first entry of this log is that act, and it names the home: whose system log it is, is for the log's key to show.
    const witnessed = await this.#checkLog(SYSTEM_FOUNDING, verdict, null, context);
    return witnessed === null ? null : { statedAt: verdict.entry.t, witnessed };
  }

  #refuse(member: string, reason: Refused, detail: string): null {
    this.#findings.add(NAMES[reason], `${member}: ${detail}`);
    return null;
  }

  /** Whether the quorum has seen the system log; null if it is not that of this log's home. `node`: who has signed the entry. */
  async #checkLog(
    member: string,
    { checkpoint, origin: system }: { readonly checkpoint: string; readonly origin: string },
    node: Did | null,
    { chain, origin, ...context }: SystemContext,
  ): Promise<boolean | null> {
    const fault = findStranger(system, node, origin, chain?.home ?? null);
    if (fault !== null) return this.#refuse(member, 'not_stated', fault);
    const note = parseNote(checkpoint);
    const parsed = note.ok ? parseCheckpoint(note.note.text) : note;
    if (!note.ok || !parsed.ok) return null;
    // A policy may name the key of this log and not that of the system log: then nobody has vouched for it.
    const known = context.policy?.logs.some((log) => log.verifier.name === system) ?? true;
    const silent = { ...context, policy: known ? context.policy : null };
    // What the home has signed itself may be under an earlier key of its: then that is only the proof that it was logged.
    const { all, current, trusted } = logKeysOf(parsed.checkpoint, chain, silent);
    const keys = { all, counting: node === null ? current : trusted };
    const checked = await checkNote(note.note, keys, context);
    const { logFault, witnesses } = checked;
    reportWitnesses(member, checked, this.#findings);
    if (logFault !== null) this.#findings.add('logSignature', `${member}: ${logFault}`);
    return witnesses?.met === true && witnesses.names.length > 0;
  }
}

/** Only the home of a log speaks for it, and in its own system log. */
function findStranger(
  system: string,
  node: Did | null,
  origin: string,
  home: Did | null,
): string | null {
  if (parseOrigin(system)?.authority !== parseOrigin(origin)?.authority) {
    return `${system} is of another node than ${origin}`;
  }
  return home === null || node === null || node === home
    ? null
    : `${node} is not the home, ${home}`;
}
