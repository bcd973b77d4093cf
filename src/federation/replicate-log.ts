// Brings a replica up to its home's checkpoint: first follow, catch-up after an outage, replay and restore are all this.
import { recordSource } from '../commands/record-source.ts';
import type { Checkpoint } from '../log/checkpoint.ts';
import { Frontier } from '../log/merkle.ts';
import type { LogHead } from '../store/logs.ts';
import type { Source } from '../store/peers.ts';
import { findLog } from '../store/queries/logs.ts';
import { findSource } from '../store/queries/peers.ts';
import { applyBatch } from './apply-batch.ts';
import type { FederationContext } from './context.ts';
import { fetchKeys } from './fetch-keys.ts';
import { haltReplica } from './halt-replica.ts';
import { judgeCheckpoint } from './judge-checkpoint.ts';
import type { PeerFailure } from './peer-client.ts';
import { readSpan, type Span } from './read-span.ts';
import { openRemoteLog, type RemoteLog } from './remote-log.ts';

export type Replication =
  /** Nothing new was there; `advanced`: entries were applied. */
  | { readonly kind: 'current' | 'advanced'; readonly size: number }
  /** The home gave something that does not verify, now or earlier. */
  | { readonly kind: 'halted'; readonly reason: string }
  /** The home could not be asked, or asks for patience. */
  | { readonly kind: 'unreachable'; readonly failure: PeerFailure }
  /** Trouble that is not the home's: a key that cannot be had, another pull under way. */
  | { readonly kind: 'later'; readonly detail: string }
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
  if (context.replicating.has(origin)) return { kind: 'later', detail: 'being replicated already' };
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
  const remote = openRemoteLog(client, source.peerUrl + path);
  const fetched = await remote.checkpoint();
  if (!fetched.ok) return { kind: 'unreachable', failure: fetched };
  const note = fetched.value;
  const judged = await judgeCheckpoint(context, log, note);
  // A note that the log's key has not signed proves nothing against the home: it may come from in between.
  if (judged.kind === 'invalid') return { kind: 'later', detail: judged.detail };
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
  const unproven = judged.kind === 'same' && log.signedSize < log.size;
  if (judged.kind !== 'newer' && !unproven) return { kind: 'current', size: log.size };
  return catchUp({ context, source, log, remote, note, checkpoint });
}

async function catchUp(pull: Pull): Promise<Replication> {
  const { checkpoint, context, log, remote } = pull;
  const { crypto } = context;
  const frontier = Frontier.from(log.frontier, log.size, crypto);
  const span = await readSpan(remote, frontier, checkpoint, crypto);
  if (!span.ok) {
    if (!('mismatch' in span)) return { kind: 'unreachable', failure: span };
    const detail = `the entries up to ${checkpoint.size} do not have the signed root`;
    return halt(pull, { code: 'root_mismatch', detail, index: null });
  }
  if (span.pages.length === 0) return apply(pull, log.size, []);
  let done: Replication = { kind: 'current', size: log.size };
  for (const page of span.pages.keys()) {
    done = await applyPage(pull, span, page);
    if (done.kind !== 'advanced') return done;
  }
  return done;
}

/** Applies a page in one batch, or in more where its bodies are too large to be fetched together. */
async function applyPage(pull: Pull, span: Span, page: number): Promise<Replication> {
  const lines = await span.lines(page);
  if (!lines.ok) return { kind: 'unreachable', failure: lines };
  const { start, count } = span.pages[page] as { start: number; count: number };
  let done: Replication = { kind: 'current', size: start };
  for (let at = 0, width = count; at < count; ) {
    const end = Math.min(at + width, count);
    const bodies = await pull.remote.bodies(start + at, start + end);
    if (!bodies.ok) {
      if (!bodies.tooLarge || width === 1) return { kind: 'unreachable', failure: bodies };
      width = Math.ceil(width / 2);
      continue;
    }
    const entries = bodies.value.map((body, i) => ({
      line: lines.value[at + i] as Uint8Array,
      body,
    }));
    done = await apply(pull, start + at, entries);
    if (done.kind !== 'advanced') return done;
    at = end;
  }
  return done;
}

async function apply(
  pull: Pull,
  start: number,
  entries: Parameters<typeof applyBatch>[1]['entries'],
): Promise<Replication> {
  const { context, log, note } = pull;
  const objects = entries.flatMap(({ body }) => (body.erased ? [] : [body.object]));
  const keys = await fetchKeys(context.keys, objects);
  if (!keys.ok) return { kind: 'later', detail: keys.detail };
  const batch = { origin: log.origin, start, entries, checkpoint: note, caller: null };
  const applied = await applyBatch(context, batch);
  switch (applied.kind) {
    case 'applied':
      return { kind: 'advanced', size: applied.size };
    case 'refused':
      return halt(pull, applied);
    case 'later':
    case 'replayed':
      return { kind: 'later', detail: applied.detail };
  }
}

async function halt(
  { checkpoint, context, log, note, source }: Pull,
  found: { readonly code: string; readonly detail: string; readonly index: number | null },
): Promise<Replication> {
  const { code, detail, index } = found;
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
