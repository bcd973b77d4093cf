// Holds signed heads of one log against each other: one history, or two, and then the proof of it.

import { record } from '../commands/admit.ts';
import type { CommandContext } from '../commands/context.ts';
import { logVerifiers } from '../commands/log-keys.ts';
import { isOwnOrigin } from '../commands/own-heads.ts';
import { recordEvidence } from '../commands/record-evidence.ts';
import type { Sequencer } from '../commands/sequencer.ts';
import type { Checkpoint } from '../log/checkpoint.ts';
import { consistencyProof } from '../log/consistency.ts';
import {
  MAX_DOCUMENTS,
  ownSignatureOnly,
  type TrueRoot,
  uncosigned,
} from '../log/evidence-file.ts';

import { type HashReader, treeRoot } from '../log/subtree.ts';
import { equalBytes } from '../protocol/bytes.ts';
import { type Did, didMethod } from '../protocol/did.ts';
import { isObject, type JsonObject, type JsonValue, parseIJson } from '../protocol/json.ts';
import { listDocuments } from '../store/did-documents.ts';
import type { LogHead } from '../store/logs.ts';
import { readKeyStatement } from '../store/queries/archive.ts';
import { findLog, proofReader } from '../store/queries/logs.ts';
import { findPeerByAuthority } from '../store/queries/peers.ts';
import {
  deleteSeenHeads,
  insertSeenHead,
  readSeenHead,
  type SeenHead,
  selectSeenHeads,
} from '../store/seen-heads.ts';
import { findKeptForks, isAmong } from './kept-forks.ts';

export interface Accuser extends CommandContext {
  readonly sequencer: Sequencer;
  /** Tells the operator. */
  readonly onEvidence: (origin: string, detail: string) => void;
}

/** A head whose signature holds. */
export interface SignedHead {
  readonly checkpoint: Checkpoint;
  /** With the log's own signature alone. */
  readonly note: string;
  /** URL origin of the node that has shown it. */
  readonly source: string;
}

/**
 * Compares a head with what is here of its log; what says nothing yet is kept until it does. One that is of another history than the
 * operator has kept waits for `compareKept` to tell which.
 */
export async function settleHead(accuser: Accuser, head: SignedHead): Promise<void> {
  const { db } = accuser;
  const { origin, root, size } = head.checkpoint;
  const log = await findLog(db, origin);
  const forks = log === null ? [] : await findKeptForks(accuser, log);
  if (log !== null && log.checkpoint !== null && size <= log.signedSize) {
    const found = await contradict(accuser, log, head);
    if (found === null || isAmong(forks, head.checkpoint)) return;
    if (forks.length === 0) return convict(accuser, origin, found);
  }
  const [rows = []] = await db.batch('read', [selectSeenHeads(origin)]);
  const seen = rows.map(readSeenHead);
  const twin = seen.find((other) => other.size === size);
  const isKnown = twin !== undefined && equalBytes(twin.root, root);
  if (isKnown && (twin.source !== '' || head.source === '')) return;
  const seenAt = accuser.now();
  const row = { origin, size, root, note: head.note, source: head.source, seenAt };
  await record(accuser, accuser.sequencer, insertSeenHead(row));
  if (twin !== undefined && !isKnown && forks.length === 0) {
    const heads = [twin.note, head.note] as const;
    await convict(accuser, origin, { heads, trueRoot: null, shown: heads });
  }
}

/** The replica has what is under the head: its tree decides, and the proof comes out of it. Null for one history. */
export async function contradict(
  accuser: CommandContext,
  log: LogHead,
  { checkpoint, note }: Pick<SignedHead, 'checkpoint' | 'note'>,
): Promise<Contradiction | null> {
  const { crypto, db } = accuser;
  const reader = proofReader(db, log, log.signedSize, crypto);
  const trueRoot = await findTrueRoot(checkpoint, log.signedSize, reader, crypto);
  if (trueRoot === 'same') return null;
  const ours = ownSignatureOnly(log.checkpoint ?? '', await logVerifiers(accuser, log));
  return ours === null ? null : { heads: [note, ours], trueRoot, shown: [note] };
}

async function holdAgainstReplica(
  accuser: Accuser,
  log: LogHead,
  head: Pick<SignedHead, 'checkpoint' | 'note'>,
): Promise<void> {
  const found = await contradict(accuser, log, head);
  if (found !== null) await convict(accuser, log.origin, found);
}

/** The head came with what has halted the replica: there is nothing more to wait for. */
export async function settleAtOnce(accuser: Accuser, head: SignedHead): Promise<void> {
  const log = await findLog(accuser.db, head.checkpoint.origin);
  const isReached = log !== null && head.checkpoint.size <= log.signedSize;
  return isReached ? holdAgainstReplica(accuser, log, head) : settleHead(accuser, head);
}

/** The own key has signed it, and another history is stored: that is known here, and not only where it was shown. */
export async function settleOwnHead(
  accuser: Accuser,
  checkpoint: Checkpoint,
  note: string,
): Promise<void> {
  const log = await findLog(accuser.db, checkpoint.origin);
  if (log?.isHome === true)
    await holdAgainstReplica(accuser, log, { checkpoint, note: uncosigned(note) });
}

/** What the tree of `size` entries says of a head that is not larger: the same, or another root with the proof of it. */
export async function findTrueRoot(
  head: Pick<Checkpoint, 'size' | 'root'>,
  size: number,
  reader: HashReader,
  crypto: CommandContext['crypto'],
): Promise<'same' | TrueRoot | null> {
  const root = await treeRoot(head.size, reader, crypto);
  if (equalBytes(root, head.root)) return 'same';
  if (head.size === size) return null;
  return { root, proof: await consistencyProof(head.size, size, reader, crypto) };
}

/** Heads that waited for the replica to get as far as they are. */
export async function settleSeen(accuser: Accuser, origin: string): Promise<void> {
  const { db, sequencer } = accuser;
  const [log, [rows = []]] = await Promise.all([
    findLog(db, origin),
    db.batch('read', [selectSeenHeads(origin)]),
  ]);
  if (log === null || rows.length === 0) return;
  const forks = await findKeptForks(accuser, log);
  const settled: SeenHead[] = [];
  for (const head of rows.map(readSeenHead).filter(({ size }) => size <= log.signedSize)) {
    const found = await contradict(accuser, log, { checkpoint: head, note: head.note });
    if (found !== null && forks.length > 0 && !isAmong(forks, head)) continue;
    if (found !== null) await convict(accuser, origin, found);
    settled.push(head);
  }
  if (settled.length > 0) await record(accuser, sequencer, deleteSeenHeads(settled));
}

export interface Contradiction {
  /** The smaller one first. */
  readonly heads: readonly [string, string];
  readonly trueRoot: TrueRoot | null;
  /** Those of them that are not of the history here. */
  readonly shown: readonly string[];
  /** See `Accusation`. */
  readonly further?: number;
}

/** The replica, if there is one, takes nothing more until the operator has decided. */
export async function convict(
  accuser: Accuser,
  origin: string,
  { further, heads, shown, trueRoot }: Contradiction,
): Promise<void> {
  const { db, sequencer } = accuser;
  const home = await homeOf(accuser, origin);
  const statement = home && (await readKeyStatement(db, home));
  const parsed = statement ? parseIJson(statement) : null;
  if (home === null || !parsed?.ok) return;
  const keyStatement = parsed.value;
  if (!isObject(keyStatement) && !Array.isArray(keyStatement)) return;
  const documents = await documentsOf(accuser, home);
  // Of one size either may stand first; the order of their bytes makes it the same on every node.
  const ordered = trueRoot === null ? ([...heads].sort() as unknown as [string, string]) : heads;
  const parts = { origin, keys: { keyStatement }, heads: ordered, trueRoot, documents };
  const peer = home === accuser.node.did ? null : home;
  const accusation = { peer, parts, shown, ...(further !== undefined && { further }) };
  if (!(await recordEvidence(accuser, sequencer, accusation)) || further !== undefined) return;
  accuser.onEvidence(origin, `the home of ${origin} has signed two histories`);
}

async function homeOf({ db, node }: Accuser, origin: string): Promise<Did | null> {
  if (isOwnOrigin(origin, node)) return node.did;
  return (await findPeerByAuthority(db, origin.slice(0, origin.indexOf('/log/'))))?.did ?? null;
}

/** Those that objects were accepted under, and the one in memory: its statements may count under any of them. */
async function documentsOf({ db, documentOf }: Accuser, home: Did): Promise<JsonObject[]> {
  if (didMethod(home) !== 'web') return [];
  const kept = (await listDocuments(db, [home])).map(({ document }) => document);
  const known = new Map([documentOf?.(home) ?? null, ...kept.toReversed()].flatMap(keyed));
  return [...known.values()].slice(0, MAX_DOCUMENTS);
}

function keyed(document: unknown): [string, JsonObject][] {
  return isObject(document as JsonValue)
    ? [[JSON.stringify(document), document as JsonObject]]
    : [];
}
