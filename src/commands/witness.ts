// The witness (c2sp.org/tlog-witness): cosigns checkpoints of other nodes' logs, one history of each, and never goes back.
import { type AddCheckpoint, parseAddCheckpoint } from '../log/add-checkpoint.ts';
import { type Checkpoint, openCheckpoint, parseCheckpoint } from '../log/checkpoint.ts';
import { verifyConsistency } from '../log/consistency.ts';
import { emptyRoot } from '../log/merkle.ts';
import {
  formatNote,
  formatSignatureLine,
  makeSignature,
  type NoteSignature,
  parseNote,
} from '../log/note.ts';
import { NOTE_ED25519, type NoteSigner, noteVerifier } from '../log/note-key.ts';
import { decodeUtf8, equalBytes, utf8 } from '../protocol/bytes.ts';
import { EVERY_LOG, listHolds } from '../store/holds.ts';
import {
  countWitnessedOf,
  readWitnessed,
  readWitnessedLog,
  replaceWitnessed,
  selectPeerKey,
  selectReplicaKey,
  selectWitnessed,
  type Witnessed,
  type WitnessedLog,
} from '../store/witnessed.ts';
import { Allowance } from './allowance.ts';
import type { CommandContext } from './context.ts';
import { witnessSigner } from './origin.ts';
import type { Sequencer } from './sequencer.ts';
import { withRetries } from './with-retries.ts';

export type WitnessRefusal =
  | 'cosignature_malformed'
  | 'old_size_beyond'
  | 'origin_unknown'
  | 'log_signature_refused'
  | 'not_consistent'
  | 'cosigned_too_often'
  | 'log_held';

export type WitnessAnswer =
  /** One signature line with its newline. */
  | { readonly kind: 'cosigned'; readonly line: string }
  /** `size` is that of the newest checkpoint cosigned here. */
  | { readonly kind: 'conflict'; readonly size: number }
  | {
      readonly kind: 'refused';
      readonly code: WitnessRefusal;
      readonly detail: string;
      /** Seconds. */
      readonly retryAfter?: number;
      /** Authority of a peer whose log is signed with a key that it has not stated here: it may have another one by now. */
      readonly unknownKeyOf?: string;
    };

/** Only what is written counts: what was seen before, by whomever it is sent again, costs one look and is bounded by nothing. */
const PER_ORIGIN = { atOnce: 10, perSecond: 1 };
const PER_PEER = { atOnce: 100, perSecond: 20 };
/** Logs that are cosigned for one peer; it can name as many as it likes. */
const MAX_ORIGINS = 1_000;
const PATIENCE_SECONDS = 3_600;
/** So far a clock is corrected backwards while it is in use; if it was wrong by more, waiting for the time it had shown helps nobody. */
const CORRECTED_MS = 300_000;
/** A cosignature says what was seen at a time; this long the one before says as much. */
const FRESH_MS = 5_000;

interface Submitted extends AddCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly text: string;
  readonly signature: NoteSignature;
}

/** A head that the log's key has signed. */
export interface DisputedHead {
  readonly checkpoint: Checkpoint;
  readonly note: string;
}

/** Told of the head that was cosigned and of one that was not shown to go on from it. */
export type OnDispute = (heads: readonly [DisputedHead, DisputedHead]) => Promise<void>;

export class Witness {
  readonly #context: CommandContext;
  readonly #sequencer: Sequencer;
  readonly #onDispute: OnDispute;
  readonly #signer: NoteSigner;
  readonly #perOrigin = new Allowance(PER_ORIGIN);
  readonly #perPeer = new Allowance(PER_PEER);

  constructor(
    context: CommandContext,
    sequencer: Sequencer,
    onDispute: OnDispute = async () => undefined,
  ) {
    this.#context = context;
    this.#sequencer = sequencer;
    this.#onDispute = onDispute;
    this.#signer = witnessSigner(context.node, context.crypto);
  }

  /** Answers the body of `POST /witness/add-checkpoint`. Its checks are made in the order of the specification. */
  async addCheckpoint(body: Uint8Array): Promise<WitnessAnswer> {
    const request = readBody(body);
    if ('kind' in request) return request;
    const origin = request.note.slice(0, request.note.indexOf('\n'));
    const log = await this.#find(origin);
    const submitted = await this.#open(request, origin, log);
    if ('kind' in submitted) return submitted;
    const { checkpoint, oldSize } = submitted;
    if (oldSize > checkpoint.size) {
      return refuse('old_size_beyond', `old is ${oldSize}, the checkpoint has ${checkpoint.size}`);
    }
    const known = await this.#known(origin);
    if (oldSize !== (known?.size ?? 0)) return { kind: 'conflict', size: known?.size ?? 0 };
    const fault = findFault(submitted, known, this.#context);
    if (fault !== null) {
      if (known !== null && checkpoint.size > 0) await this.#tell(origin, known, submitted);
      return refuse('not_consistent', fault);
    }
    return this.#cosign(submitted, known, log as WitnessedLog);
  }

  /** The newest note cosigned for the log whose origin has this SHA-256; null if there is none. */
  async checkpointOf(hash: Uint8Array): Promise<string | null> {
    const [rows = []] = await this.#context.db.batch('read', [selectWitnessed(hash)]);
    return rows[0] === undefined ? null : readWitnessed(rows[0]).note;
  }

  /** Logs of the nodes that this one has met: a replica, or whatever a peer signs under its own name. */
  async #find(origin: string): Promise<WitnessedLog | null> {
    const authority = /^([^/\s]+)\/log\/(?:system|[\w-]{43})$/.exec(origin)?.[1] ?? '';
    const [replicas = [], peers = []] = await this.#context.db.batch('read', [
      selectReplicaKey(origin),
      selectPeerKey([`https://${authority}`, `http://${authority}`]),
    ]);
    const row = replicas[0] ?? peers[0];
    return row === undefined ? null : readWitnessedLog(row);
  }

  async #open(
    request: AddCheckpoint,
    origin: string,
    log: WitnessedLog | null,
  ): Promise<Submitted | WitnessAnswer> {
    const parsed = parseNote(request.note);
    const isNote = parsed.ok || parsed.reason === 'malformed_signature';
    if (!isNote) return refuse('cosignature_malformed', `the checkpoint: ${parsed.detail}`);
    const read = parsed.ok ? parseCheckpoint(parsed.note.text) : null;
    if (read?.ok === false) return refuse('cosignature_malformed', read.detail);
    if (log === null) {
      return refuse('origin_unknown', `${origin.slice(0, 300)} is no log of a peer of this node`);
    }
    if (!parsed.ok) return refuse('log_signature_refused', parsed.detail);
    const { crypto } = this.#context;
    const verifier = noteVerifier(origin, NOTE_ED25519, log.logKey, crypto);
    const opened = await openCheckpoint(request.note, [verifier], crypto, origin);
    if (!opened.ok) {
      const refused = refuse('log_signature_refused', opened.detail);
      if (opened.reason !== 'no_known_signature') return refused;
      return { ...refused, unknownKeyOf: origin.slice(0, origin.indexOf('/')) };
    }
    const { signatures, text } = parsed.note;
    const signature = signatures.find(
      ({ keyId, name }) => name === origin && keyId === verifier.keyId,
    ) as NoteSignature;
    return { ...request, checkpoint: opened.checkpoint, text, signature };
  }

  /** The answer is the same whether or not anything comes of it. */
  async #tell(origin: string, known: Witnessed, submitted: Submitted): Promise<void> {
    const { checkpoint, note } = submitted;
    const { root, size } = known;
    const cosigned = { checkpoint: { origin, size, root }, note: known.note };
    await this.#onDispute([cosigned, { checkpoint, note }]).catch(() => undefined);
  }

  async #known(origin: string): Promise<Witnessed | null> {
    const { crypto, db } = this.#context;
    const [rows = []] = await db.batch('read', [selectWitnessed(crypto.sha256(utf8(origin)))]);
    return rows[0] === undefined ? null : readWitnessed(rows[0]);
  }

  async #cosign(
    { checkpoint, signature, text }: Submitted,
    known: Witnessed | null,
    { peer }: WitnessedLog,
  ): Promise<WitnessAnswer> {
    const { crypto, db, now } = this.#context;
    const { origin, root, size } = checkpoint;
    const isFresh = known !== null && Math.abs(now() - known.cosignedAt) < FRESH_MS;
    // Extension lines are signed too: the same size under other lines is another text.
    if (isFresh && known.note.startsWith(`${text}\n— `)) {
      const last = known.note.trimEnd().lastIndexOf('\n');
      return { kind: 'cosigned', line: known.note.slice(last + 1) };
    }
    // What was cosigned may have been lost together with the logs.
    if ((await listHolds(db)).some((hold) => hold.origin === EVERY_LOG)) {
      return refuse('log_held', 'this node may have cosigned more than it knows of');
    }
    const refused = await this.#refuseTooMany(origin, peer, known?.size ?? null, size);
    if (refused !== null) return refused;
    const hash = crypto.sha256(utf8(origin));
    return this.#sequencer.run(async () => {
      // Signed in its turn: of two that wait, the later must not say that it has seen less, later.
      const cosignedAt = timeAfter(known, now());
      const cosignature = makeSignature(text, this.#signer, crypto, Math.floor(cosignedAt / 1000));
      const note = formatNote({ text, signatures: [signature, cosignature] });
      const next = { hash, origin, peer, size, root, note, cosignedAt };
      const replace = () => db.batch('write', [replaceWitnessed(next, known)]);
      const [written = []] = await withRetries(replace);
      if (written.length > 0) {
        return { kind: 'cosigned', line: `${formatSignatureLine(cosignature)}\n` };
      }
      return { kind: 'conflict', size: (await this.#known(origin))?.size ?? 0 };
    });
  }

  async #refuseTooMany(
    origin: string,
    peer: number,
    knownSize: number | null,
    size: number,
  ): Promise<WitnessAnswer | null> {
    const { db, now } = this.#context;
    if (knownSize === null) {
      const [rows = []] = await db.batch('read', [countWitnessedOf(peer)]);
      if ((rows[0]?.[0] as number) >= MAX_ORIGINS) {
        const detail = `${MAX_ORIGINS} logs of this node are cosigned already`;
        return refuse('cosigned_too_often', detail, PATIENCE_SECONDS);
      }
    }
    // Whoever reads a log can have its size cosigned again: with all logs of a node, nothing of what grows.
    const key = size === knownSize ? `${peer} again` : peer;
    const wait = this.#perOrigin.take(origin, now()) || this.#perPeer.take(key, now());
    if (wait === 0) return null;
    const detail = 'this log, or this node, has had many cosignatures just now';
    return refuse('cosigned_too_often', detail, Math.ceil(wait / 1000));
  }
}

function readBody(body: Uint8Array): AddCheckpoint | WitnessAnswer {
  let text: string;
  try {
    text = decodeUtf8(body);
  } catch {
    return refuse('cosignature_malformed', 'the body is not UTF-8');
  }
  const parsed = parseAddCheckpoint(text);
  return parsed.ok ? parsed.request : refuse('cosignature_malformed', parsed.detail);
}

/** What keeps the checkpoint from being of the history that was cosigned before, or null. */
function findFault(
  { checkpoint, oldSize, proof }: Submitted,
  known: Witnessed | null,
  { crypto }: CommandContext,
): string | null {
  const { root, size } = checkpoint;
  if (size === 0 && !equalBytes(root, emptyRoot(crypto))) return 'an empty log has another root';
  // Every tree begins with the empty one, so there is nothing to prove.
  if (oldSize === 0) return proof.length === 0 ? null : 'there is no proof from size 0';
  if (verifyConsistency(oldSize, size, (known as Witnessed).root, root, proof, crypto)) return null;
  return oldSize === size
    ? `another root was cosigned for ${size} entries, or there is a proof where none belongs`
    : `the proof does not lead from the ${oldSize} entries cosigned before to these ${size}`;
}

/** "As of the specified time" nothing larger was seen (c2sp.org/tlog-cosignature): what is larger is not of an earlier time. */
function timeAfter(known: Witnessed | null, now: number): number {
  const last = known?.cosignedAt ?? 0;
  return last - now <= CORRECTED_MS ? Math.max(last, now) : now;
}

function refuse(
  code: WitnessRefusal,
  detail: string,
  retryAfter?: number,
): Extract<WitnessAnswer, { kind: 'refused' }> {
  return {
    kind: 'refused',
    code,
    detail,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}
