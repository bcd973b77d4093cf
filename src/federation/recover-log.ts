// Brings back what this node has lost of one of its logs: the longest history it has signed, from whoever has it.
import type { CommandContext } from '../commands/context.ts';
import { logVerifiers } from '../commands/log-keys.ts';
import type { Sequencer } from '../commands/sequencer.ts';
import { ownSignatureOnly, type TrueRoot } from '../log/evidence-file.ts';
import { Frontier } from '../log/merkle.ts';
import type { ObjectKeys } from '../net/object-keys.ts';
import { equalBytes } from '../protocol/bytes.ts';
import type { LogHead } from '../store/logs.ts';
import { findLog, proofReader } from '../store/queries/logs.ts';
import { applyBatch } from './apply-batch.ts';
import { fetchPage } from './fetch-page.ts';
import type { OwnHead, OwnLog } from './gather-own-heads.ts';
import type { PeerClient } from './peer-client.ts';
import { readSpan } from './read-span.ts';
import { logPath, openRemoteLog } from './remote-log.ts';
import { readRemoteTree } from './remote-tree.ts';
import { findTrueRoot } from './settle-heads.ts';

export interface RecoveryContext extends CommandContext {
  readonly sequencer: Sequencer;
  readonly client: PeerClient;
  readonly keys: ObjectKeys;
}

export type LogRecovery = {
  readonly origin: string;
  /** Entries before and after. */
  readonly from: number;
  readonly size: number;
} & (
  | { readonly state: 'whole' }
  /** This node has signed more, and nobody who was asked could give it. */
  | { readonly state: 'short'; readonly head: OwnHead; readonly detail: string }
  /** This node has signed two histories: nothing is chosen. */
  | ({ readonly state: 'forked' } & Fork)
);

/** Two heads that cannot both be true, the smaller first; see `EvidenceParts`. */
interface Fork {
  readonly heads: readonly [string, string];
  readonly trueRoot: TrueRoot | null;
  readonly sources: readonly string[];
}

/** `progress` is told of entries as they are stored. What is stored stays, so that a run that is cut short loses nothing. */
export async function recoverLog(
  context: RecoveryContext,
  known: OwnLog,
  progress: (entries: number) => void,
): Promise<LogRecovery> {
  const { origin } = known;
  const from = await sizeOf(context, origin);
  const fork = findTwins(known.heads) ?? (await findStoredFork(context, known));
  if (fork !== null) return { origin, from, size: from, state: 'forked', ...fork };
  let detail = 'nobody who was asked has a replica of it';
  for (const target of known.heads.toReversed()) {
    for (const url of known.replicas) {
      if (target.checkpoint.size <= (await signedSizeOf(context, origin))) break;
      const copied = await copyUpTo(context, known, target, url, progress);
      if (copied.kind === 'failed') detail = copied.detail;
      if (copied.kind !== 'forked') continue;
      const { fork: found } = copied;
      return { origin, from, size: await sizeOf(context, origin), state: 'forked', ...found };
    }
  }
  await renew(context, known);
  const head = known.heads.at(-1) as OwnHead;
  const size = await sizeOf(context, origin);
  const whole = head.checkpoint.size <= (await signedSizeOf(context, origin));
  return whole
    ? { origin, from, size, state: 'whole' }
    : { origin, from, size, state: 'short', head, detail };
}

/** The head that is stored may be signed with a key that was replaced, and others have it under the new one. */
async function renew(context: RecoveryContext, { heads, origin }: OwnLog): Promise<void> {
  const start = await signedSizeOf(context, origin);
  const head = heads.find(({ checkpoint }) => checkpoint.size === start);
  if (head === undefined || start !== (await sizeOf(context, origin))) return;
  await applyBatch(context, {
    ...{ origin, start, entries: [], checkpoint: head.note, caller: null, own: true },
  });
}

type Copied =
  | { readonly kind: 'copied' }
  | { readonly kind: 'failed'; readonly detail: string }
  | { readonly kind: 'forked'; readonly fork: Fork };

/** From one node, as far as it goes; another may go on from there. */
async function copyUpTo(
  context: RecoveryContext,
  { heads, origin }: OwnLog,
  target: OwnHead,
  url: string,
  progress: (entries: number) => void,
): Promise<Copied> {
  const { client, crypto, db, keys } = context;
  const log = await findLog(db, origin);
  const frontier =
    log === null ? new Frontier(crypto) : Frontier.from(log.frontier, log.size, crypto);
  const { checkpoint, note } = target;
  if (frontier.size > checkpoint.size) {
    return failed(`${url}: more than ${checkpoint.size} entries are stored already`);
  }
  const remote = openRemoteLog(client, url + logPath(origin), crypto);
  const between = heads.filter(({ checkpoint: { size } }) => size < checkpoint.size);
  const sizes = new Set(between.map((head) => head.checkpoint.size));
  const span = await readSpan(remote, frontier, checkpoint, crypto, sizes);
  if (!span.ok && !('mismatch' in span)) return failed(span.detail);
  // Either those leaves are false, or what is stored is not what was signed later: the tree decides.
  const doubted = span.ok
    ? between.filter((head) => differs(span.roots.get(head.checkpoint.size), head))
    : await storedHead(context, origin);
  for (const head of doubted) {
    const trueRoot = await readTrueRoot(context, url, head, target);
    if (trueRoot === null) continue;
    const sources = [...new Set([...head.sources, ...target.sources])];
    return { kind: 'forked', fork: { heads: [head.note, note], trueRoot, sources } };
  }
  if (!span.ok || doubted.length > 0) {
    return failed(`${url} gives entries that do not have the root signed for ${checkpoint.size}`);
  }
  const batch = { origin, checkpoint: note, caller: null, own: true } as const;
  const pages = span.pages.length === 0 ? [null] : span.pages.keys();
  for (const page of pages) {
    // Everything is here but the head that covers it.
    const fetched =
      page === null
        ? { ok: true as const, start: frontier.size, entries: [] }
        : await fetchPage(remote, keys, span, page);
    if (!fetched.ok) return failed('missing' in fetched ? fetched.missing : fetched.detail);
    const { entries, start } = fetched;
    const applied = await applyBatch(context, { ...batch, start, entries });
    if (applied.kind !== 'applied') return failed(`${url}: ${applied.detail}`);
    progress(entries.length);
  }
  return { kind: 'copied' };
}

/** The signed head that is stored, as one of those to be compared. */
async function storedHead(context: RecoveryContext, origin: string): Promise<OwnHead[]> {
  const log = await findLog(context.db, origin);
  const note = log && (await storedNote(context, log));
  if (log === null || note === null || log.signedSize === 0) return [];
  // With unsigned entries behind it the root is not at hand, and the head that led to them is among those known.
  if (log.signedSize !== log.size) return [];
  const checkpoint = { origin, size: log.size, root: log.root };
  return [{ checkpoint, note, sources: [] }];
}

/** Without cosignatures. */
async function storedNote(context: RecoveryContext, log: LogHead): Promise<string | null> {
  if (log.checkpoint === null) return null;
  return ownSignatureOnly(log.checkpoint, await logVerifiers(context, log));
}

function differs(root: Uint8Array | undefined, { checkpoint }: OwnHead): boolean {
  return root !== undefined && !equalBytes(root, checkpoint.root);
}

function findTwins(heads: readonly OwnHead[]): Fork | null {
  for (const [i, head] of heads.entries()) {
    const other = heads[i + 1];
    if (other?.checkpoint.size !== head.checkpoint.size) continue;
    const notes = [head.note, other.note].sort() as unknown as [string, string];
    return { heads: notes, trueRoot: null, sources: [...head.sources, ...other.sources] };
  }
  return null;
}

/** Heads that are not larger than what is stored are held against that. */
async function findStoredFork(
  context: RecoveryContext,
  { heads, origin }: OwnLog,
): Promise<Fork | null> {
  const { crypto, db } = context;
  const log = await findLog(db, origin);
  const note = log && (await storedNote(context, log));
  if (log === null || note === null) return null;
  const { signedSize } = log;
  const reader = proofReader(db, log, signedSize, crypto);
  for (const head of heads) {
    if (head.checkpoint.size > signedSize) break;
    const trueRoot = await findTrueRoot(head.checkpoint, signedSize, reader, crypto);
    if (trueRoot !== 'same') return { heads: [head.note, note], trueRoot, sources: head.sources };
  }
  return null;
}

/** What the tree of `target` says of a smaller head; null if it goes on from it, or the tree cannot be had there. */
async function readTrueRoot(
  context: RecoveryContext,
  url: string,
  head: OwnHead,
  { checkpoint }: OwnHead,
): Promise<TrueRoot | null> {
  const read = await readRemoteTree(context, url, checkpoint, (reader) =>
    findTrueRoot(head.checkpoint, checkpoint.size, reader, context.crypto),
  );
  return read.ok && read.value !== 'same' ? read.value : null;
}

async function sizeOf({ db }: RecoveryContext, origin: string): Promise<number> {
  return (await findLog(db, origin))?.size ?? 0;
}

async function signedSizeOf({ db }: RecoveryContext, origin: string): Promise<number> {
  return (await findLog(db, origin))?.signedSize ?? 0;
}

function failed(detail: string): Copied {
  return { kind: 'failed', detail };
}
