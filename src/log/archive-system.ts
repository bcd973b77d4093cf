// `system/`: the proof that the home has stated a head of this log in its system log, held to the entries and to the home's key.
import type { Did } from '../protocol/did.ts';
import { isObject, type JsonValue, parseIJson } from '../protocol/json.ts';
import type { KeyResolver } from '../protocol/object.ts';
import type { EntryChain } from './archive-entries.ts';
import type { FindingName, Findings } from './archive-findings.ts';
import { maxMemberSize, parseOrigin } from './archive-format.ts';
import { checkNote, logKeysOf, type SignatureContext } from './archive-signatures.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { type StatedHeadVerdict, verifyStatedHead } from './head-proof.ts';
import type { KeyChain } from './key-chain.ts';
import { parseNote } from './note.ts';

export const SYSTEM_HEAD = 'system/head.json';

export interface SystemReport {
  /** Entries of this log that the statement covers, and its time in milliseconds. */
  readonly size: number;
  readonly statedAt: number;
  /** True if the policy's quorum has cosigned the system log that has the statement. */
  readonly witnessed: boolean;
}

type Refused = Extract<StatedHeadVerdict, { ok: false }>['reason'];

const NAMES: Record<Refused, FindingName> = {
  malformed_proof: 'malformed',
  not_included: 'rootMismatch',
  commitment_mismatch: 'commitment',
  not_stated: 'badObject',
};

export class SystemHead {
  readonly #entries: EntryChain;
  readonly #findings: Findings;
  #value: JsonValue = null;

  constructor(entries: EntryChain, findings: Findings) {
    this.#entries = entries;
    this.#findings = findings;
  }

  take(bytes: Uint8Array): void {
    const parsed = parseIJson(bytes, { maxBytes: maxMemberSize(SYSTEM_HEAD) as number });
    const value = parsed.ok ? parsed.value : null;
    const text = isObject(value) && typeof value.head === 'string' ? value.head : '';
    const head = parseCheckpoint(text);
    if (!head.ok) {
      this.#findings.add('malformed', `${SYSTEM_HEAD} is not the proof of a head`);
    } else if (this.#entries.size > 0) {
      this.#findings.add('remark', `${SYSTEM_HEAD} comes after the entries and was not compared`);
    } else {
      this.#value = value;
      this.#entries.expect(head.checkpoint, SYSTEM_HEAD, null);
    }
  }

  /** `origin` is that of this log. Null if there is no such proof, or it does not hold. */
  async finish(
    origin: string,
    chain: KeyChain | null,
    resolveKey: KeyResolver,
    context: SignatureContext,
  ): Promise<SystemReport | null> {
    if (this.#value === null) return null;
    const verdict = await verifyStatedHead(this.#value, { crypto: context.crypto, resolveKey });
    if (!verdict.ok) {
      this.#findings.add(NAMES[verdict.reason], `${SYSTEM_HEAD}: ${verdict.detail}`);
      return null;
    }
    const { head, node, t } = verdict;
    const fault = findStranger(verdict.origin, node, origin, chain?.home ?? null);
    if (fault !== null) {
      this.#findings.add('badObject', `${SYSTEM_HEAD}: ${fault}`);
      return null;
    }
    const note = parseNote(verdict.checkpoint);
    const system = note.ok ? parseCheckpoint(note.note.text) : note;
    if (!note.ok || !system.ok) return null;
    // A policy may name the key of this log and not that of the system log: then nobody has vouched for it.
    const known = context.policy?.logs.some((log) => log.verifier.name === verdict.origin) ?? true;
    const silent = { ...context, policy: known ? context.policy : null };
    // The statement is signed by the home itself: an earlier key of its will do for the proof that it was logged.
    const { all, trusted } = logKeysOf(system.checkpoint, chain, silent);
    const keys = { all, counting: trusted };
    const { logFault, witnesses } = await checkNote(note.note, keys, context);
    if (logFault !== null) this.#findings.add('logSignature', `${SYSTEM_HEAD}: ${logFault}`);
    const witnessed = witnesses?.met === true && witnesses.names.length > 0;
    return { size: head.size, statedAt: t, witnessed };
  }
}

/** Only the home of a log speaks for it, and in its own system log. */
function findStranger(system: string, node: Did, origin: string, home: Did | null): string | null {
  if (parseOrigin(system)?.authority !== parseOrigin(origin)?.authority) {
    return `${system} is of another node than ${origin}`;
  }
  return home === null || node === home ? null : `${node} is not the home, ${home}`;
}
