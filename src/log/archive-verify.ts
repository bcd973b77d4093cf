// Verifies an archive offline: no network, no database, no trust in the node that made it.
import { toBase64 } from '../protocol/bytes.ts';
import { CONTEXT_HASHES, SIGNED_CONTEXT } from '../protocol/contexts.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { type Did, urlToDidWeb } from '../protocol/did.ts';
import type { JsonObject } from '../protocol/json.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { BodyCheck } from './archive-bodies.ts';
import { EntryChain, OWN_PREFIX, type Prefix, type Segment } from './archive-entries.ts';
import { ArchivedEvidence, type EvidencePiece } from './archive-evidence.ts';
import { type Finding, type FindingCode, type FindingName, Findings } from './archive-findings.ts';
import { type ForkContext, findEvidence } from './archive-forks.ts';
import { parseOrigin } from './archive-format.ts';
import { checkClock, History, type HistoryReport } from './archive-history.ts';
import { ArchivedKeys } from './archive-keys.ts';
import { findManifestFault } from './archive-manifest.ts';
import { type ArchivePart, readArchive } from './archive-reader.ts';
import { type HonouredReceipt, ReceiptsHonoured } from './archive-receipts.ts';
import {
  checkNote,
  logKeysOf,
  readKeyChain,
  reportNote,
  type SignatureReport,
} from './archive-signatures.ts';
import { judgeSince } from './archive-since.ts';
import { type FoundingReport, SystemProofs, type SystemReport } from './archive-system.ts';
import type { ErasureCounts } from './archive-tombstones.ts';
import { createExaminer, type Examiner } from './body-examiner.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { LogError } from './error.ts';
import { continuesKeys, type KeyChain, peekKeys } from './key-chain.ts';
import { formatNote, type Note, parseNote } from './note.ts';
import { type Policy, parsePolicy } from './policy.ts';

interface ArchiveProgress {
  /** Entries and objects checked so far, and entries there should be. */
  readonly entries: number;
  readonly objects: number;
  readonly size: number | null;
}

export interface VerifyArchiveOptions {
  readonly crypto: Crypto;
  /** The verifier's own; never one that came with the archive. */
  readonly policy?: Policy;
  /** An older checkpoint of this log, as a note or as its text. */
  readonly since?: string;
  /** What an older archive of it has as node.json: keys that the home has stated are not taken back. */
  readonly knownStatement?: Uint8Array;
  /** Milliseconds: the log has to be known as of this time or later. */
  readonly notBefore?: number;
  /** Milliseconds; cosignatures from the future do not count. */
  readonly now: number;
  readonly progress?: (progress: ArchiveProgress) => void;
  /** Reports an unmet quorum without failing for it. */
  readonly allowUnwitnessed?: boolean;
  /** Reports bodies that the maker of the archive has withdrawn, without failing for them. */
  readonly allowWithdrawn?: boolean;
  /** Fails for gaps and forks in an author's `seq`. */
  readonly strictAuthors?: boolean;
  /** Receipts of this log that were verified by themselves. */
  readonly receipts?: readonly HonouredReceipt[];
  /** Where other threads examine the bodies; the verdict and its words are the same. */
  readonly examiner?: Examiner;
}

export interface ArchiveReport extends SignatureReport {
  /** Exit code: 0, or the lowest code among the findings that count. */
  readonly code: FindingCode;
  readonly ok: boolean;
  readonly origin: string | null;
  readonly size: number | null;
  /** Base64. */
  readonly root: string | null;
  /** Null for a system log. */
  readonly submolt: ObjectName | null;
  /** The node that named the log's key. */
  readonly home: Did | null;
  /** Bodies that open their commitments, the authors of those that verify, and bodies recorded as erased. */
  readonly objects: number;
  readonly authors: number;
  readonly erased: number;
  /** The erased bodies that a Delete explains, by its ground, and those that the maker of the archive has withdrawn. */
  readonly erasures: ErasureCounts;
  /** did:webs whose keys are known from the archive's own copies of their documents and nothing else. */
  readonly documents: number;
  readonly history: HistoryReport;
  /** What the home's system log says of this log; null if the archive does not say, or it does not hold. */
  readonly system: SystemReport | null;
  /** What it says of the founding of the submolt; likewise. */
  readonly founding: FoundingReport | null;
  /** The older checkpoint asked about: its size, and the root that this log has there, which is its own unless the log has forked. */
  readonly since: { readonly size: number; readonly root: string | null } | null;
  /**
   * Milliseconds: as of when the log is known. What the last of the policy's witnesses states; without witnesses the time
   * of the last entry, by the home's own clock.
   */
  readonly asOf: number | null;
  /** What the archive brings against its home, and receipts put in beside it: those that hold by themselves. */
  readonly evidence: readonly EvidencePiece[];
  /**
   * An evidence file: two checkpoints that this log has signed and that cannot both be true. Null if there are none, or one
   * is not signed.
   */
  readonly fork: JsonObject | null;
  /** The first of each code; `counts` has them all. */
  readonly findings: readonly Finding[];
  readonly counts: Readonly<Record<string, number>>;
}

/** Never throws for anything in the archive; an error of the stream itself is passed on. */
export async function verifyArchive(
  chunks: AsyncIterable<Uint8Array>,
  options: VerifyArchiveOptions,
): Promise<ArchiveReport> {
  const verification = new Verification(options);
  try {
    for await (const part of readArchive(chunks, options.crypto)) await verification.take(part);
  } catch (error) {
    if (!(error instanceof LogError) || error.code !== 'malformed_archive') throw error;
    verification.findings.add('malformed', error.message);
  }
  return verification.report();
}

class Verification {
  readonly findings: Findings;
  readonly #options: VerifyArchiveOptions;
  readonly #keys = new ArchivedKeys();
  readonly #entries: EntryChain;
  readonly #receipts: ReceiptsHonoured;
  readonly #evidence: ArchivedEvidence;
  /** Segments whose objects have not come yet: one, unless the archive was packed again in another order. */
  readonly #segments: Segment[] = [];
  readonly #files = new Map<string, string>();
  readonly #history: History;
  readonly #system: SystemProofs;
  readonly #since: Prefix | null;
  #note: Note | null = null;
  #checkpoint: Checkpoint | null = null;
  #statementBytes: Uint8Array | null = null;
  #chain: KeyChain | null = null;
  #bodies: BodyCheck | null = null;
  #manifest: Uint8Array | null = null;

  constructor(options: VerifyArchiveOptions) {
    this.#options = options;
    const tolerated: FindingName[] = [];
    if (options.allowUnwitnessed === true) tolerated.push('quorum');
    if (options.allowWithdrawn === true) tolerated.push('withdrawn');
    if (options.strictAuthors !== true) tolerated.push('authorChain');
    this.findings = new Findings(tolerated);
    this.#entries = new EntryChain(options.crypto, this.findings);
    this.#since = options.since === undefined ? null : this.#expect(options.since);
    this.#history = new History(this.#entries, this.findings);
    this.#system = new SystemProofs(this.#entries, this.findings);
    const { crypto, now, policy = null, receipts = [] } = options;
    this.#receipts = new ReceiptsHonoured(this.#entries, this.findings, crypto);
    for (const receipt of receipts) this.#receipts.add(receipt);
    const context = { crypto, now, policy };
    this.#evidence = new ArchivedEvidence(this.#entries, this.findings, this.#receipts, context);
  }

  #expect(since: string): Prefix | null {
    const note = parseNote(since);
    const older = parseCheckpoint(note.ok ? note.note.text : since);
    if (older.ok) {
      return this.#entries.expect(older.checkpoint, OWN_PREFIX, note.ok ? since : null);
    }
    this.findings.add('usage', `${OWN_PREFIX} cannot be read`);
    return null;
  }

  async take(part: ArchivePart): Promise<void> {
    if (part.kind !== 'manifest') this.#files.set(part.name, part.hash);
    switch (part.kind) {
      case 'checkpoint':
        return this.#readCheckpoint(part.note);
      case 'history':
        return this.#history.add(part.name, part.note);
      case 'policy':
        return this.#readSuggestion(part.bytes);
      case 'system':
        return this.#system.take(part.name, part.bytes);
      case 'node':
        this.#statementBytes = part.statement;
        return;
      case 'dids':
        return this.#keys.addDocuments(part.lines, this.#webHome());
      case 'context':
        return this.#checkContext(part.named, part.hash);
      case 'evidence':
        return this.#evidence.take(part.name, part.bytes, part.named, part.hash);
      case 'entries': {
        const segment = this.#entries.add(part.lines);
        this.#receipts.take(segment);
        this.#segments.push(segment);
        return;
      }
      case 'objects': {
        const bodies = this.#bodies ?? (await this.#begin());
        return bodies.add(this.#segments.shift() as Segment, part.lines);
      }
      case 'manifest':
        this.#manifest = part.bytes;
    }
  }

  async report(): Promise<ArchiveReport> {
    const bodies = this.#bodies ?? (await this.#begin());
    for (const segment of this.#segments) await bodies.add(segment, []);
    await bodies.finish();
    this.#receipts.finish(this.#entries.size, this.#checkpoint);
    const signatures = await this.#finishCheckpoint();
    this.#finishContexts();
    if (this.#keys.takenOnTrust > 0) {
      const message = `${this.#keys.takenOnTrust} did:web documents are the archive's own copies`;
      this.findings.add('remark', message);
    }
    // The manifest is not signed, so it adds nothing where something signed has failed already.
    if (this.findings.code === 0) this.#checkManifest();
    const { code } = this.findings;
    return {
      code,
      ok: code === 0,
      origin: this.#checkpoint?.origin ?? null,
      size: this.#checkpoint?.size ?? null,
      root: this.#checkpoint && toBase64(this.#checkpoint.root),
      submolt: this.#submolt(),
      home: this.#chain?.home ?? null,
      objects: bodies.objects,
      authors: bodies.authors,
      erased: bodies.erased,
      erasures: bodies.erasures,
      documents: this.#keys.takenOnTrust,
      since: this.#since && {
        size: this.#since.checkpoint.size,
        root: this.#since.root && toBase64(this.#since.root),
      },
      ...signatures,
      findings: this.findings.list(),
      counts: this.findings.counts(),
    };
  }

  #readCheckpoint(source: string): void {
    const parsed = parseNote(source);
    const checkpoint = parsed.ok ? parseCheckpoint(parsed.note.text) : parsed;
    if (!parsed.ok || !checkpoint.ok) {
      this.findings.add('malformed', `the checkpoint: ${checkpoint.ok ? '' : checkpoint.detail}`);
      return;
    }
    this.#note = parsed.note;
    this.#checkpoint = checkpoint.checkpoint;
    if (parseOrigin(checkpoint.checkpoint.origin) === null) {
      this.findings.add('malformed', `${checkpoint.checkpoint.origin} is no origin of a log`);
    }
  }

  /** Keys are all there, but for those that the log itself states: what was signed with them can be looked at. */
  async #begin(): Promise<BodyCheck> {
    const { crypto, examiner = createExaminer(crypto) } = this.#options;
    const { findings } = this;
    if (this.#statementBytes !== null) {
      this.#chain = await readKeyChain(this.#statementBytes, this.#keys, crypto, findings);
      this.#compareKeys();
    }
    const submolt = this.#submolt();
    const resolveAt = (t: number) => this.#keys.resolveAt(t);
    const context = { crypto, examiner, findings, chain: this.#chain, resolveAt, submolt };
    this.#bodies = new BodyCheck(context, () => this.#tell());
    return this.#bodies;
  }

  /** Who has stolen a key that was replaced leaves out the statement that replaced it. */
  #compareKeys(): void {
    const { knownStatement } = this.#options;
    if (knownStatement === undefined || this.#chain === null) return;
    if (!continuesKeys(this.#chain.keys, peekKeys(knownStatement))) {
      this.findings.add(
        'logSignature',
        'the older archive has other keys of the home, or later ones',
      );
    }
  }

  /** The submolt is named by its log's origin; the founding must bear that out. */
  #submolt(): ObjectName | null {
    return parseOrigin(this.#checkpoint?.origin ?? '')?.submolt ?? null;
  }

  /** The did:web that a log of this origin belongs to, if it is one's. */
  #webHome(): Did | null {
    const authority = parseOrigin(this.#checkpoint?.origin ?? '')?.authority;
    return authority === undefined
      ? null
      : urlToDidWeb(`https://${authority}/.well-known/did.json`);
  }

  /** Never a root of trust: it comes from whoever made the archive. */
  #readSuggestion(bytes: Uint8Array): void {
    const parsed = parsePolicy(bytes, this.#options.crypto);
    if (!parsed.ok) this.findings.add('malformed', `policy: ${parsed.detail}`);
    else if (this.#options.policy === undefined) {
      const { length } = parsed.policy.witnesses;
      const message = `the archive suggests a policy with ${length} witnesses; it was not used`;
      this.findings.add('remark', message);
    }
  }

  async #finishCheckpoint(): Promise<
    SignatureReport &
      Pick<ArchiveReport, 'history' | 'system' | 'founding' | 'asOf' | 'evidence' | 'fork'>
  > {
    const { crypto, now, policy = null } = this.#options;
    const none = { signer: null, witnesses: { quorum: 'none', met: false, names: [] } };
    if (this.#note === null || this.#checkpoint === null) {
      const history = { checkpoints: 0, witnessed: 0 };
      const nothing = { system: null, founding: null, asOf: null, evidence: [], fork: null };
      return { ...none, history, ...nothing };
    }
    if (this.#checkpoint.size === 0) {
      this.findings.add('badObject', 'a log without its first entry says nothing');
    }
    this.#entries.finish(this.#checkpoint);
    const context = { crypto, policy, now, findings: this.findings };
    const logKeys = logKeysOf(this.#checkpoint, this.#chain, context);
    const { all, current } = logKeys;
    const checked = await checkNote(this.#note, { all, counting: current }, context);
    const signatures = reportNote(checked, this.findings);
    const whole = { checkpoint: this.#checkpoint, name: 'the checkpoint', after: null };
    checkClock({ ...whole, before: this.#entries.lastTime }, checked.seenAt, this.findings);
    if (this.#since !== null) await judgeSince(this.#since, this.#checkpoint, all, context);
    await this.#receipts.finishKeys(all);
    const history = await this.#history.finish(logKeys, context);
    const stated = await this.#system.finish({
      ...context,
      origin: this.#checkpoint.origin,
      chain: this.#chain,
      resolveKey: this.#keys.resolveAt(null),
    });
    const { seenAt } = checked;
    const asOf = seenAt.length > 0 ? Math.max(...seenAt) * 1000 : this.#entries.lastTime;
    this.#compareTime(asOf, seenAt.length > 0);
    const known = { note: this.#note, checkpoint: this.#checkpoint, logKeys: logKeys.trusted };
    const evidence = await this.#evidence.finish(known.checkpoint, this.#chain, known.logKeys);
    const fork = await this.#findFork(known);
    return { ...signatures, history, ...stated, asOf, evidence, fork };
  }

  #findFork(
    known: Pick<ForkContext, 'checkpoint' | 'logKeys'> & { readonly note: Note },
  ): Promise<JsonObject | null> {
    const { crypto } = this.#options;
    const note = formatNote(known.note);
    const context = { ...known, note, crypto, chain: this.#chain, documents: this.#keys.kept };
    return findEvidence(context, this.#entries, this.#receipts);
  }

  #compareTime(asOf: number, witnessed: boolean): void {
    const { notBefore } = this.#options;
    if (notBefore === undefined || asOf >= notBefore) return;
    const by = witnessed ? 'witnesses' : 'its last entry';
    const late = Math.ceil((notBefore - asOf) / 1000);
    this.findings.add('rolledBack', `by ${by} it is ${late} seconds older than was asked for`);
  }

  #checkContext(named: string, hash: string): void {
    const known = Object.values(CONTEXT_HASHES).includes(named);
    if (named !== hash) this.findings.add('context', `contexts/${named} has another hash`);
    else if (!known) this.findings.add('context', `contexts/${named} is no context of ours`);
  }

  #finishContexts(): void {
    for (const iri of SIGNED_CONTEXT) {
      const present = this.#files.has(`contexts/${CONTEXT_HASHES[iri]}`);
      if (!present) this.findings.add('context', `the context ${iri} is missing`);
    }
  }

  #checkManifest(): void {
    const { origin, size } = this.#checkpoint as Checkpoint;
    const files = Object.fromEntries(this.#files);
    const expected = { files, origin, size, submolt: this.#submolt() };
    const fault = findManifestFault(this.#manifest as Uint8Array, expected);
    if (fault !== null) this.findings.add('malformed', `manifest.json: ${fault}`);
  }

  #tell(): void {
    this.#options.progress?.({
      entries: this.#entries.size,
      objects: this.#bodies?.objects ?? 0,
      size: this.#checkpoint?.size ?? null,
    });
  }
}
