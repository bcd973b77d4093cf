// Heads of a log whose operator has kept the history that is here: what goes on from the other one is counted, a third one convicts anew.
import { record } from '../commands/admit.ts';
import { logVerifiers } from '../commands/log-keys.ts';
import type { Checkpoint } from '../log/checkpoint.ts';
import { consistencyProof, verifyConsistency } from '../log/consistency.ts';
import { ownSignatureOnly } from '../log/evidence-file.ts';
import { type HashReader, treeRoot } from '../log/subtree.ts';
import type { Crypto } from '../protocol/crypto.ts';
import type { LogHead } from '../store/logs.ts';
import { proofReader } from '../store/queries/logs.ts';
import { listPeers } from '../store/queries/peers.ts';
import { deleteSeenHeads, type SeenHead } from '../store/seen-heads.ts';
import type { FederationContext } from './context.ts';
import { findKeptForks, isAmong, type KeptFork } from './kept-forks.ts';
import { readRemoteTree } from './remote-tree.ts';
import {
  type Contradiction,
  contradict,
  convict,
  findTrueRoot,
  type SignedHead,
} from './settle-heads.ts';

/** Milliseconds in which somebody may show that a head goes on from what was decided on; after that it is news. */
const PATIENCE_MS = 3_600_000;

/** Nodes asked for the tree under one head. */
const MAX_ASKED = 6;

interface Kept {
  readonly log: LogHead;
  readonly forks: readonly KeptFork[];
}

type Place =
  /** Of the history here, or it may be. */
  | { readonly kind: 'here' }
  /** Of one that the operator has decided about: counted by now. */
  | { readonly kind: 'further' }
  /** Of a third one; `unproven` if nobody who was asked has the tree that tells. */
  | { readonly kind: 'other' | 'unproven'; readonly found: Contradiction | null };

/** Looks at each head that was seen. The node that has shown it is asked for its tree, then the home, then who has shown others, then peers. */
export async function compareKept(
  context: FederationContext,
  kept: Kept,
  seen: readonly SeenHead[],
  home: string,
): Promise<void> {
  const { origin } = kept.log;
  const others = [...seen.map((head) => head.source), ...(await listLikely(context))];
  for (const { note, root, seenAt, size, source } of seen) {
    const checkpoint = { origin, root, size };
    const urls = [...new Set([source, home, ...others])].filter((url) => url !== '');
    const asked = urls.slice(0, MAX_ASKED);
    const place = await placeHead(context, kept, { checkpoint, note, source }, asked);
    if (place.kind === 'here') continue;
    if (place.kind === 'unproven') {
      // What is larger than the replica waits until that has got as far.
      if (place.found === null || context.now() - seenAt < PATIENCE_MS) continue;
    }
    if (place.kind !== 'further' && place.found !== null) {
      await convict(context, origin, place.found);
    }
    await record(context, context.sequencer, deleteSeenHeads([{ origin, root, size }]));
  }
}

/** Messages do not always say whose they are. Those in contact last are there, most likely. */
async function listLikely({ db }: FederationContext): Promise<string[]> {
  return (await listPeers(db))
    .filter(({ droppedAt }) => droppedAt === null)
    .toSorted((a, b) => (b.contactedAt ?? 0) - (a.contactedAt ?? 0))
    .slice(0, MAX_ASKED)
    .map(({ url }) => url);
}

/**
 * Whether a head that its home has shown is of a history that the operator has decided about. Then nothing of it is taken, and the
 * replica waits for the one that was kept.
 */
export async function isKeptFork(
  context: FederationContext,
  log: LogHead,
  head: SignedHead,
): Promise<boolean> {
  const forks = await findKeptForks(context, log);
  if (forks.length === 0) return false;
  return (await placeHead(context, { log, forks }, head, [head.source])).kind === 'further';
}

/** Which history the head is of, as the trees of the nodes at `urls` (URL origins) show. */
async function placeHead(
  context: FederationContext,
  { forks, log }: Kept,
  head: SignedHead,
  urls: readonly string[],
): Promise<Place> {
  const { checkpoint } = head;
  const isReached = checkpoint.size <= log.signedSize;
  let found = isReached ? await contradict(context, log, head) : null;
  if (isReached && found === null) return { kind: 'here' };
  if (isAmong(forks, checkpoint)) return { kind: 'further' };
  let isOther = false;
  for (const url of urls) {
    const read = await readRemoteTree(context, url, checkpoint, async (reader) => {
      if (!isReached) found = await contradictOurs(context, log, head, reader);
      const fork = await findFork(forks, checkpoint, reader, context.crypto);
      return { fork, isHere: found === null };
    });
    if (!read.ok) continue;
    if (read.value.isHere) return { kind: 'here' };
    const { fork } = read.value;
    if (fork !== null && found !== null) {
      await convict(context, log.origin, { ...(found as Contradiction), further: fork.id });
      return { kind: 'further' };
    }
    const isBefore = await isBeforeFork(context, forks, checkpoint, url);
    if (isBefore === true) return { kind: 'further' };
    isOther ||= isBefore === false;
  }
  return { kind: isOther ? 'other' : 'unproven', found };
}

/** The head is larger than what is here: its tree says whether it goes on from that. Null if so. */
async function contradictOurs(
  context: FederationContext,
  log: LogHead,
  { checkpoint, note }: SignedHead,
  reader: HashReader,
): Promise<Contradiction | null> {
  const { crypto, db } = context;
  const ours = ownSignatureOnly(log.checkpoint ?? '', await logVerifiers(context, log));
  if (ours === null) return null;
  const size = log.signedSize;
  const root = await treeRoot(size, proofReader(db, log, size, crypto), crypto);
  const trueRoot = await findTrueRoot({ size, root }, checkpoint.size, reader, crypto);
  return trueRoot === 'same' ? null : { heads: [ours, note], trueRoot, shown: [note] };
}

/** The history decided about that this tree goes on from, as a proof shows: who serves the tiles may lie. */
async function findFork(
  forks: readonly KeptFork[],
  { root, size }: Checkpoint,
  reader: HashReader,
  crypto: Crypto,
): Promise<KeptFork | null> {
  for (const fork of forks) {
    const before = fork.head;
    if (before.size > size) continue;
    const proof = await consistencyProof(before.size, size, reader, crypto);
    if (verifyConsistency(before.size, size, before.root, root, proof, crypto)) return fork;
  }
  return null;
}

/** Whether a head decided about, or counted, goes on from this one; null if a tree that tells is missing. Nothing new, if so. */
async function isBeforeFork(
  context: FederationContext,
  forks: readonly KeptFork[],
  { root, size }: Checkpoint,
  url: string,
): Promise<boolean | null> {
  let isMissing = false;
  for (const { head } of forks.filter((fork) => fork.head.size > size)) {
    const read = await readRemoteTree(context, url, head, async (reader) => {
      const proof = await consistencyProof(size, head.size, reader, context.crypto);
      return verifyConsistency(size, head.size, root, head.root, proof, context.crypto);
    });
    if (read.ok && read.value) return true;
    isMissing ||= !read.ok;
  }
  return isMissing ? null : false;
}
