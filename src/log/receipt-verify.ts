// Verifies a receipt offline: the object opens the entry, the entry is under the checkpoint, the log has signed it, witnesses have seen it.
import { fromBase64url, toBase64, toBase64url } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { type Did, didMethod } from '../protocol/did.ts';
import { canonicalize } from '../protocol/jcs.ts';
import { isObject, type JsonObject, parseIJson } from '../protocol/json.ts';
import { verifyObjectBytes } from '../protocol/object.ts';
import { nameOf, type ObjectName } from '../protocol/object-name.ts';
import type { Receipt } from '../protocol/views.ts';
import { type Finding, type FindingCode, Findings } from './archive-findings.ts';
import { parseOrigin } from './archive-format.ts';
import { ArchivedKeys } from './archive-keys.ts';
import {
  checkNote,
  logKeysOf,
  readKeyChain,
  reportNote,
  type SignatureReport,
} from './archive-signatures.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { commitment } from './entry.ts';
import { LogError } from './error.ts';
import { verifyInclusion } from './inclusion.ts';
import type { KeyChain } from './key-chain.ts';
import { leafHash } from './merkle.ts';
import { type Note, parseNote } from './note.ts';
import type { Policy } from './policy.ts';
import { parseProofFile } from './proof-file.ts';
import { parseReceiptFile, type ReceiptFile } from './receipt-file.ts';

export interface VerifyReceiptOptions {
  readonly crypto: Crypto;
  /** The verifier's own. */
  readonly policy?: Policy;
  /** The signed object, as JSON, in place of what the file has. */
  readonly object?: Uint8Array;
  /** Milliseconds; cosignatures from the future do not count. */
  readonly now: number;
  /** Reports an unmet quorum without failing for it: a fresh receipt has been seen by no witness yet. */
  readonly allowUnwitnessed?: boolean;
}

export interface ReceiptReport extends SignatureReport {
  /** Exit code: 0, or the lowest code among the findings that count. */
  readonly code: FindingCode;
  readonly ok: boolean;
  /** Null where the file cannot be read. */
  readonly id: ObjectName | null;
  readonly log: string | null;
  readonly index: number | null;
  /** Milliseconds of the home's clock. */
  readonly t: number | null;
  /** Entries under the checkpoint, and the root over them in base64. */
  readonly size: number | null;
  readonly root: string | null;
  /** The node that named the log's key. */
  readonly home: Did | null;
  /** Whether the object was there to be checked, and whether its author's signature could be. */
  readonly object: 'signed' | 'opened' | 'absent';
  readonly findings: readonly Finding[];
  readonly counts: Readonly<Record<string, number>>;
}

/** Never throws for anything in the file. */
export async function verifyReceipt(
  bytes: Uint8Array,
  options: VerifyReceiptOptions,
): Promise<ReceiptReport> {
  const findings = new Findings(options.allowUnwitnessed === true ? ['quorum'] : []);
  const parsed = parseReceiptFile(bytes);
  if (!parsed.ok) findings.add('malformed', parsed.detail);
  const check = parsed.ok ? new ReceiptCheck(parsed.file, findings, options) : null;
  const found = parsed.ok ? await check?.run(parsed.line) : null;
  const { id = null, log = null, index = null, t = null } = parsed.ok ? parsed.file.receipt : {};
  const { code } = findings;
  return {
    code,
    ok: code === 0,
    ...{ id, log, index, t },
    ...(found ?? NOTHING),
    findings: findings.list(),
    counts: findings.counts(),
  };
}

type Found = Pick<ReceiptReport, 'size' | 'root' | 'home' | 'object' | 'signer' | 'witnesses'>;

const NOTHING: Found = {
  size: null,
  root: null,
  home: null,
  object: 'absent',
  signer: null,
  witnesses: { quorum: 'none', met: false, names: [] },
};

class ReceiptCheck {
  readonly #file: ReceiptFile;
  readonly #receipt: Receipt;
  readonly #findings: Findings;
  readonly #options: VerifyReceiptOptions;
  readonly #keys = new ArchivedKeys();

  constructor(file: ReceiptFile, findings: Findings, options: VerifyReceiptOptions) {
    this.#file = file;
    this.#receipt = file.receipt;
    this.#findings = findings;
    this.#options = options;
  }

  async run(line: Uint8Array): Promise<Found> {
    this.#takeDocuments();
    const object = await this.#checkObject();
    const opened = this.#openProof(line);
    if (opened === null) return { ...NOTHING, object };
    const { checkpoint, note } = opened;
    const { crypto, now, policy = null } = this.#options;
    const chain = await this.#readChain();
    const context = { crypto, policy, now, findings: this.#findings };
    // A receipt stays good when the key is replaced; that the log honours it an archive shows.
    const { all, current, trusted } = logKeysOf(checkpoint, chain, context);
    const checked = await checkNote(note, { all, counting: trusted }, context);
    const signatures = reportNote(checked, this.#findings);
    if (checked.signer !== null && !current.includes(checked.signer)) {
      this.#remark(
        'the key that signed the checkpoint was replaced: whoever has stolen it can make receipts',
      );
    }
    const { root, size } = checkpoint;
    if (this.#keys.takenOnTrust > 0) {
      this.#remark(`${this.#keys.takenOnTrust} did:web documents are the file's own copies`);
    }
    return { size, root: toBase64(root), home: chain?.home ?? null, object, ...signatures };
  }

  #takeDocuments(): void {
    try {
      this.#keys.addDocuments(this.#file.documents.map((document) => canonicalize(document)));
    } catch (error) {
      if (!(error instanceof LogError)) throw error;
      this.#findings.add('malformed', error.message);
    }
  }

  /** That the bytes are those of the entry is what the receipt is about; who signed them is said beside it. */
  async #checkObject(): Promise<ReceiptReport['object']> {
    const object = this.#object();
    if (object === null) {
      this.#remark('the object is not in the file: that it opens the entry was not checked');
      return 'absent';
    }
    const { c, id, k, salt } = this.#receipt;
    const { crypto } = this.#options;
    const bytes = canonicalize(object);
    const opening = fromBase64url(salt) as Uint8Array;
    if (toBase64url(commitment(opening, bytes, crypto)) !== c) {
      this.#findings.add('commitment', 'the object does not open the commitment');
      return 'absent';
    }
    const resolveKey = this.#keys.resolveAt(this.#receipt.t);
    const verdict = await verifyObjectBytes(bytes, { crypto, resolveKey });
    if (!verdict.ok) {
      const message = `${verdict.reason}: ${verdict.detail}`;
      if (verdict.reason !== 'key_unresolvable') this.#findings.add('badObject', message);
      else this.#remark(`the author's signature was not checked: ${message}`);
      return 'opened';
    }
    const { activity, name } = verdict.object;
    if (name !== id) this.#findings.add('badObject', `the object is ${name}, the receipt of ${id}`);
    if (activity.type !== k) {
      this.#findings.add('badObject', `a ${activity.type} is logged as ${k}`);
    }
    return 'signed';
  }

  #object(): JsonObject | null {
    const { object } = this.#options;
    if (object === undefined) return this.#file.object;
    const parsed = parseIJson(object);
    if (parsed.ok && isObject(parsed.value)) return parsed.value;
    this.#findings.add('malformed', `the object: ${parsed.ok ? 'no JSON object' : parsed.detail}`);
    return null;
  }

  #openProof(line: Uint8Array): { note: Note; checkpoint: Checkpoint } | null {
    const { checkpoint: source, index, log, proof } = this.#receipt;
    const parsed = parseProofFile(proof);
    if (!parsed.ok) {
      this.#findings.add('malformed', `the proof: ${parsed.detail}`);
      return null;
    }
    const note = parseNote(parsed.proof.checkpoint);
    const tree = note.ok ? parseCheckpoint(note.note.text) : note;
    if (!note.ok || !tree.ok) return null;
    const { checkpoint } = tree;
    if (parseOrigin(checkpoint.origin) === null || checkpoint.origin !== log) {
      this.#findings.add('malformed', `the checkpoint is of ${checkpoint.origin}`);
    }
    if (parsed.proof.checkpoint !== source || parsed.proof.index !== index) {
      this.#findings.add('malformed', 'the proof is of another index or checkpoint');
    }
    const { crypto } = this.#options;
    const { root, size } = checkpoint;
    const leaf = leafHash(line, crypto);
    if (!verifyInclusion(index, size, leaf, parsed.proof.hashes, root, crypto)) {
      this.#findings.add('rootMismatch', `the entry is not leaf ${index} under the checkpoint`);
    }
    return { note: note.note, checkpoint };
  }

  /** The home's statements; the founding of the submolt says whose they are to make. */
  async #readChain(): Promise<KeyChain | null> {
    const { founding, keyStatement } = this.#file;
    if (keyStatement === null) {
      if (!this.#isNamedByPolicy())
        this.#findings.add('logSignature', 'no statement and no policy names its key');
      return null;
    }
    const { crypto } = this.#options;
    const chain = await readKeyChain(
      canonicalize(keyStatement),
      this.#keys,
      crypto,
      this.#findings,
    );
    const submolt = parseOrigin(this.#receipt.log)?.submolt ?? null;
    if (chain === null) return null;
    if (submolt !== null && founding !== null) {
      return this.#isFounding(founding, submolt, chain.home) ? chain : null;
    }
    if (submolt !== null && !this.#isNamedByPolicy()) {
      // Anybody can state a key: the founding alone says whose log it is.
      this.#findings.add('logSignature', 'the founding of the submolt is missing');
      return null;
    }
    if (didMethod(chain.home) === 'key') {
      this.#remark(`that ${chain.home} keeps the log is said by nothing but the file`);
    }
    return chain;
  }

  #isNamedByPolicy(): boolean {
    return (this.#options.policy?.logs.length ?? 0) > 0;
  }

  #isFounding(founding: JsonObject, submolt: ObjectName, home: Did): boolean {
    // The log is named by the hash of all of it: who signed it does not matter here.
    const isNamed = nameOf(canonicalize(founding), this.#options.crypto) === submolt;
    if (isNamed && founding.target === home) return true;
    this.#findings.add('logSignature', `the founding of the submolt does not name ${home}`);
    return false;
  }

  #remark(message: string): void {
    this.#findings.add('remark', message);
  }
}
