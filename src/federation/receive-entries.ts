// Takes a batch of entries that a log's home pushes to this follower.
import type { ReplicatedEntry } from '../commands/apply-entries.ts';
import type { Caller } from '../commands/context.ts';
import { isObject, type JsonValue } from '../protocol/json.ts';
import type { LogHead } from '../store/logs.ts';
import type { Source } from '../store/peers.ts';
import { findLog } from '../store/queries/logs.ts';
import { findSource } from '../store/queries/peers.ts';
import { type PeerAnswer, type RefusedPeer, refusePeer } from './answer.ts';
import { applyBatch } from './apply-batch.ts';
import type { FederationContext } from './context.ts';
import { type EntryBody, parseEntryRecord } from './entry-record.ts';
import { hasKeys } from './fetch-keys.ts';
import { haltReplica } from './halt-replica.ts';
import { hasExactly, isIndex } from './json-shape.ts';
import { judgeCheckpoint } from './judge-checkpoint.ts';
import { findKeptForks } from './kept-forks.ts';
import { noteContact } from './note-contact.ts';
import { PAGE_ENTRIES } from './read-span.ts';
import { settleSeen } from './settle-heads.ts';

/** `POST /federation/entries`. */
interface EntriesPush {
  readonly log: string;
  /** Index of the first entry. */
  readonly start: number;
  /** Signed note over exactly the entries up to the end of the batch; over more when the batch is empty. */
  readonly checkpoint: string;
  readonly entries: readonly ReplicatedEntry[];
}

type SizeAnswer = PeerAnswer<{ readonly size: number }>;

const PATIENCE_SECONDS = 5;

/**
 * 202 with the size of the replica once everything is on disk; what is here already is passed over, so a batch may be
 * sent any number of times. A batch that leaves a gap, or whose checkpoint covers more than it brings, cannot be
 * proven: `log_gap` with the replica's size, and the log is pulled. No connection is opened here: a batch with
 * authors whose keys are not known is left to the pull too.
 */
export async function receiveEntries(
  context: FederationContext,
  caller: Caller,
  value: JsonValue,
): Promise<SizeAnswer> {
  const push = parsePush(value);
  if (push === null) return refusePeer('malformed_request', 'not a batch of entries');
  const source = await findSource(context.db, push.log);
  if (source === null) return refusePeer('log_unknown', `this node does not follow ${push.log}`);
  if (source.peerDid !== caller.did) {
    return refusePeer('not_log_home', `only ${source.peerDid} may push ${push.log}`);
  }
  await noteContact(context, caller.did);
  if (source.halted !== null) {
    return refusePeer('replication_stopped', source.halted, { size: source.size });
  }
  if (context.replicating.has(push.log)) return pullFirst(context, push.log, source.size);
  context.replicating.add(push.log);
  try {
    return await take(context, caller, source, push);
  } finally {
    context.replicating.delete(push.log);
  }
}

async function take(
  context: FederationContext,
  caller: Caller,
  source: Source,
  push: EntriesPush,
): Promise<SizeAnswer> {
  const log = await findLog(context.db, push.log);
  if (log === null) return refusePeer('log_unknown', `this node does not follow ${push.log}`);
  const judged = await judgeCheckpoint(context, log, push.checkpoint);
  // It is the home that has sent it, and may have another key by now: the pull asks for that.
  if (judged.kind === 'invalid' && judged.unknown) return pullFirst(context, push.log, log.size);
  if (judged.kind === 'invalid') return refusePeer('checkpoint_invalid', judged.detail);
  const { checkpoint } = judged;
  const stop = async (code: string, detail: string, index: number | null): Promise<RefusedPeer> => {
    // Whether it is the one that the operator has decided about, the tree at the home tells: the pull looks at it.
    const isFork = code === 'fork' || code === 'root_mismatch';
    if (isFork && (await findKeptForks(context, log)).length > 0) {
      return pullFirst(context, push.log, log.size);
    }
    const [peer, theirs, knownSize] = [source.peerDid, push.checkpoint, checkpoint.size];
    await haltReplica(context, log, { peer, code, detail, index, theirs, knownSize });
    return refusePeer('entry_refused', detail, { size: log.size });
  };
  if (judged.kind === 'fork') return stop('fork', judged.detail, null);
  const unproven = judged.kind === 'same' && log.signedSize < log.size;
  if (judged.kind !== 'newer' && !unproven) {
    return { ok: true, status: 202, body: { size: log.size } };
  }
  const end = push.start + push.entries.length;
  if (push.start > log.size || end !== checkpoint.size) {
    return pullFirst(context, push.log, log.size);
  }
  if (!(await hasKeys(context.keys, newBodies(push, log)))) {
    context.wantPull(push.log);
    const detail = 'the key of an author is being fetched';
    return refusePeer('keys_pending', detail, { size: log.size, retryAfter: PATIENCE_SECONDS });
  }
  const { checkpoint: note, entries, log: origin, start } = push;
  const applied = await applyBatch(context, { origin, start, entries, checkpoint: note, caller });
  switch (applied.kind) {
    case 'applied':
      await settleSeen(context, push.log);
      return { ok: true, status: 202, body: { size: applied.size } };
    case 'refused':
      return stop(applied.code, applied.detail, applied.index);
    case 'replayed':
      return refusePeer('replayed', applied.detail);
    case 'later':
      return pullFirst(context, push.log, log.size);
    case 'early':
      // One of the two clocks is wrong, and asking often does not set it.
      return refusePeer('too_early', applied.detail, { size: log.size, retryAfter: 60 });
  }
}

function pullFirst(context: FederationContext, origin: string, size: number): RefusedPeer {
  context.wantPull(origin);
  const detail = `the replica has ${size} entries and pulls what is missing`;
  return refusePeer('log_gap', detail, { size, retryAfter: PATIENCE_SECONDS });
}

function newBodies({ entries, start }: EntriesPush, log: LogHead): EntryBody[] {
  return entries.slice(Math.max(log.size - start, 0)).map(({ body }) => body);
}

function parsePush(value: JsonValue): EntriesPush | null {
  if (!isObject(value) || !hasExactly(value, 'log', 'start', 'checkpoint', 'entries')) return null;
  const { log, start, checkpoint, entries } = value;
  if (typeof log !== 'string' || typeof checkpoint !== 'string' || !isIndex(start)) return null;
  if (!Array.isArray(entries) || entries.length > PAGE_ENTRIES) return null;
  const records = entries.map(parseEntryRecord).filter((record) => record !== null);
  if (records.length !== entries.length) return null;
  return { log, start, checkpoint, entries: records };
}
