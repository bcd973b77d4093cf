// Brings a replica up to its home's checkpoint: first follow, catch-up after an outage, replay and restore are all this.
import type { ReplicatedEntry } from '../commands/apply-entries.ts';
import { recordSource } from '../commands/record-source.ts';
import type { Checkpoint } from '../log/checkpoint.ts';
import { ownSignatureOnly } from '../log/evidence-file.ts';
import { Frontier } from '../log/merkle.ts';
import { NOTE_ED25519, noteVerifier } from '../log/note-key.ts';
import { equalBytes } from '../protocol/bytes.ts';
import type { LogHead } from '../store/logs.ts';
import type { Source } from '../store/peers.ts';
import { findLog } from '../store/queries/logs.ts';
import { findSource } from '../store/queries/peers.ts';
import { applyBatch } from './apply-batch.ts';
import { isKeptFork } from './compare-kept.ts';
import type { FederationContext } from './context.ts';
import { fetchPage } from './fetch-page.ts';
import { haltReplica } from './halt-replica.ts';
import { judgeCheckpoint } from './judge-checkpoint.ts';
import type { PeerFailure } from './peer-client.ts';
import { readSpan } from './read-span.ts';
import { refreshPeer } from './refresh-peer.ts';
import { openRemoteLog, type RemoteLog } from './remote-log.ts';
import { takeCosignatures } from './take-cosignatures.ts';

export type Replication =
  /** Nothing new was there; `advanced`: entries were applied. */
  | { readonly kind: 'current' | 'advanced'; readonly size: number }
  /** The home gave something that does not verify, now or earlier. */
  | { readonly kind: 'halted'; readonly reason: string }
  /** The home could not be asked, or asks for patience. */
  | { readonly kind: 'unreachable'; readonly failure: PeerFailure }
  /** Trouble that is not the home's, such as a key that cannot be had. */
  | { readonly kind: 'later'; readonly detail: string }
  /** Entries are being applied to the replica already. */
  | { readonly kind: 'busy' }
  /** This node has no such replica. */
  | { readonly kind: 'gone' };

const CHECKED_EVERY_MS = 300_000;

/** One pull under way. */
interface Pull {
  readonly context: FederationContext;
  readonly source: Source;
  readonly log: LogHead;
  readonly remote: RemoteLog;
  readonly note: string;
  readonly checkpoint: Checkpoint;
}

/**
 * Checkpoint, leaves from the replica's size, their root, then bodies, proofs and `apply` a page at a time. The whole
 * span is proven to lead to the signed root before its first entry is applied, and each page is one batch:
 * interrupted anywhere, the next pull goes on from what is stored.
 */
export async function replicateLog(
  context: FederationContext,
  origin: string,
): Promise<Replication> {
  if (context.replicating.has(origin)) return { kind: 'busy' };
  context.replicating.add(origin);
  try {
    return await pull(context, origin);
  } finally {
    context.replicating.delete(origin);
  }
}

async function pull(context: FederationContext, origin: string): Promise<Replication> {
  const { client, db, sequencer } = context;
  const [source, log] = await Promise.all([findSource(db, origin), findLog(db, origin)]);
  if (source === null || log === null) return { kind: 'gone' };
  if (source.halted !== null) return { kind: 'halted', reason: source.halted };
  const path = origin.slice(origin.indexOf('/log/'));
  const remote = openRemoteLog(client, source.peerUrl + path, context.crypto);
  const fetched = await remote.checkpoint();
  if (!fetched.ok) return unreachable(fetched);
  const note = fetched.value;
  const judged = await judgeCheckpoint(context, log, note);
  if (judged.kind === 'invalid' && judged.unknown) {
    await refreshPeer(context, new URL(source.peerUrl).host);
    const now = await findLog(db, origin);
    if (now !== null && !equalBytes(now.logKey, log.logKey)) return pull(context, origin);
  }
  // A note that the log's key has not signed proves nothing against the home: it may come from in between.
  if (judged.kind === 'invalid') return later(judged.detail);
  const { checkpoint } = judged;
  const knownSize = Math.max(checkpoint.size, source.knownSize);
  if (judged.kind === 'fork') {
    const finding = { code: 'fork', detail: judged.detail, index: null };
    return halt({ context, source, log, remote, note, checkpoint }, finding);
  }
  // A log that nothing happens to is not written about at every look.
  const seenLately = context.now() - (source.checkedAt ?? 0) < CHECKED_EVERY_MS;
  if (!seenLately || knownSize !== source.knownSize) {
    await recordSource(context, sequencer, origin, { knownSize, halted: null });
  }
  const unproven =
    judged.kind === 'same' && (log.signedSize < log.size || isOfOldKey(context, log));
  const done: Replication =
    judged.kind === 'newer' || unproven
      ? await catchUp({ context, source, log, remote, note, checkpoint })
      : { kind: 'current', size: log.size };
  const followed = done.kind === 'current' || done.kind === 'advanced';
  if (followed) await takeCosignatures(context, source, remote, note);
  return done;
}

/** The newest note here is signed with a key that the home has replaced, and the home shows one under the other. */
function isOfOldKey(
  { crypto }: FederationContext,
  { checkpoint, logKey, origin }: LogHead,
): boolean {
  const verifier = noteVerifier(origin, NOTE_ED25519, logKey, crypto);
  return ownSignatureOnly(checkpoint ?? '', [verifier]) === null;
}

async function catchUp(pull: Pull): Promise<Replication> {
  const { checkpoint, context, log, remote } = pull;
  const { crypto } = context;
  const frontier = Frontier.from(log.frontier, log.size, crypto);
  const span = await readSpan(remote, frontier, checkpoint, crypto);
  if (!span.ok) {
    if (!('mismatch' in span)) return unreachable(span);
    const detail = `the entries up to ${checkpoint.size} do not have the signed root`;
    return halt(pull, { code: 'root_mismatch', detail, index: null });
  }
  if (span.pages.length === 0) return apply(pull, log.size, []);
  const prepare = (page: number) => {
    const fetching = fetchPage(remote, context.keys, span, page);
    // Nobody may be left to hear of a fault when the page before this one ends the pull.
    fetching.catch(() => undefined);
    return fetching;
  };
  let done: Replication = { kind: 'current', size: log.size };
  let ahead = prepare(0);
  for (const page of span.pages.keys()) {
    const fetched = await ahead;
    if (!fetched.ok) return 'missing' in fetched ? later(fetched.missing) : unreachable(fetched);
    // The home prepares the next page while this one is checked.
    if (page + 1 < span.pages.length) ahead = prepare(page + 1);
    done = await apply(pull, fetched.start, fetched.entries);
    if (done.kind !== 'advanced') return done;
  }
  return done;
}

async function apply(
  pull: Pull,
  start: number,
  entries: readonly ReplicatedEntry[],
): Promise<Replication> {
  const { context, log, note } = pull;
  const batch = { origin: log.origin, start, entries, checkpoint: note, caller: null };
  const applied = await applyBatch(context, batch);
  switch (applied.kind) {
    case 'applied':
      return { kind: 'advanced', size: applied.size };
    case 'refused':
      return halt(pull, applied);
    case 'later':
    case 'early':
    case 'replayed':
      return later(applied.detail);
  }
}

function later(detail: string): Replication {
  return { kind: 'later', detail };
}

function unreachable(failure: PeerFailure): Replication {
  return { kind: 'unreachable', failure };
}

async function halt(
  { checkpoint, context, log, note, source }: Pull,
  found: { readonly code: string; readonly detail: string; readonly index: number | null },
): Promise<Replication> {
  const { code, detail, index } = found;
  if (await isKeptFork(context, log, { checkpoint, note, source: source.peerUrl })) {
    return later('the home shows the other history, not the one that was kept');
  }
  await haltReplica(context, log, {
    peer: source.peerDid,
    code,
    detail,
    index,
    theirs: note,
    knownSize: checkpoint.size,
  });
  return { kind: 'halted', reason: `${code}: ${detail}` };
}
