// Makes a node whole again whose database was restored from an older copy: its logs come back from those who have them.

import { record } from '../commands/admit.ts';
import { adoptKey, listOwnLogs } from '../commands/found-node.ts';
import { holdStatements } from '../commands/hold-logs.ts';
import { keepFormer } from '../commands/keep-documents.ts';
import { submoltOrigin, systemOrigin } from '../commands/origin.ts';
import { judgeOwnHead } from '../commands/own-heads.ts';
import { didMethod } from '../protocol/did.ts';
import { type Hold, isHeld, listHolds, replaceHolds } from '../store/holds.ts';
import type { LogHead } from '../store/logs.ts';
import { listLostFoundings } from '../store/queries/node-statements.ts';
import { fetchFormer } from './former-keys.ts';
import {
  type Gathered,
  gatherOwnHeads,
  type Kept,
  type OwnHead,
  type OwnLog,
} from './gather-own-heads.ts';
import { type LogRecovery, type RecoveryContext, recoverLog } from './recover-log.ts';
import { logPath } from './remote-log.ts';
import { convict } from './settle-heads.ts';
import { holdsStatedHeads } from './stated-heads.ts';

/** Nobody could tell whether this node has signed more of the log than it has. */
interface Unproven {
  readonly origin: string;
  readonly from: number;
  readonly size: number;
  readonly state: 'unproven';
}

export interface Recovery {
  /** Nodes that were asked and did not answer. */
  readonly silent: readonly string[];
  readonly answered: readonly string[];
  /** Nothing was lost: all logs go on as they are. */
  readonly untouched: boolean;
  readonly logs: readonly Judged[];
}

export interface RecoveryRequest {
  /** URL origins of the nodes to ask. */
  readonly urls: readonly string[];
  /** What this node has kept outside of its database. */
  readonly kept: Kept;
  /** Told how many entries have come, of how many that are missed. */
  readonly progress: (done: number, total: number) => void;
}

/**
 * Of each log the longest signed history that anybody has is taken, checked as a replica checks it, and goes on after that. A log of
 * which more was signed than anybody could give, of which two histories were signed, or of which nobody knows anything,
 * stays held. Nothing is signed here. If nobody answers and nothing is known from elsewhere, nothing is changed.
 */
export async function recoverLogs(
  context: RecoveryContext,
  { kept, progress, urls }: RecoveryRequest,
): Promise<Recovery> {
  const { client, db, sequencer } = context;
  const { answered, logs: known } = await gatherOwnHeads(context, client, urls, kept);
  const silent = urls.filter((url) => !answered.has(url));
  const reached = { silent, answered: [...answered] };
  const missed = await findMissed(context, [...known.values()]);
  const holds = await listHolds(db);
  if (missed.length === 0 && holds.length === 0) return { ...reached, untouched: true, logs: [] };
  const news = missed.flatMap(({ heads }) =>
    heads.map(({ checkpoint, note, sources }) => ({ checkpoint, note, source: sources[0] ?? '' })),
  );
  // Before the first entry comes: whatever happens from here on, the node does not go on beside it.
  await record(context, sequencer, holdStatements(context, news));
  const held = await listHolds(db);
  await adoptKey(context);
  const own = (await listOwnLogs(context)).filter(({ origin }) => isHeld(held, origin));
  if (answered.size === 0) return { ...reached, untouched: false, logs: own.map(unproven) };
  await keepOwnDocuments(context, answered);
  const wanted = [...known.values()].filter(({ origin }) => isHeld(held, origin));
  const recovered = await recoverAll(context, wanted, progress);
  const others = [...own, ...(await findLost(context))].filter(({ origin }) => !known.has(origin));
  const proven = await createProof(context, { answered, kept, known });
  const logs = [...recovered, ...others.map(unproven)].map((log) => proven(log));
  for (const log of recovered) {
    if (log.state !== 'forked') continue;
    // Stated in the system log at the next start, unless that is held itself.
    const accuser = { ...context, onEvidence: () => undefined };
    const { heads, trueRoot } = log;
    await convict(accuser, log.origin, { heads, trueRoot, shown: heads });
  }
  const stay = logs.flatMap((log) => holdOf(log, context.now()));
  await record(context, sequencer, replaceHolds(stay));
  return { ...reached, untouched: false, logs };
}

/**
 * What this node has signed under before, as others have kept it. They may show what they like: it opens nothing but entries that
 * stand under a root this node has signed.
 */
async function keepOwnDocuments(context: RecoveryContext, urls: Iterable<string>): Promise<void> {
  const { client, node, sequencer } = context;
  if (didMethod(node.did) !== 'web') return;
  for (const url of urls) {
    const former = await fetchFormer(client, node.did, url + logPath(systemOrigin(node)));
    const kept = keepFormer(context, node.did, former);
    if (kept.length > 0) await record(context, sequencer, kept);
  }
}

/** Logs of which somebody has a head that is not in the database. */
async function findMissed(context: RecoveryContext, logs: readonly OwnLog[]): Promise<OwnLog[]> {
  const missed: OwnLog[] = [];
  for (const log of logs) {
    const judged = await Promise.all(log.heads.map(({ note }) => judgeOwnHead(context, note)));
    if (judged.some(({ kind }) => kind === 'behind' || kind === 'forked')) missed.push(log);
  }
  return missed;
}

/** The system log first: it says most of the others. */
async function recoverAll(
  context: RecoveryContext,
  known: readonly OwnLog[],
  progress: RecoveryRequest['progress'],
): Promise<LogRecovery[]> {
  const sizes = new Map((await listOwnLogs(context)).map(({ origin, size }) => [origin, size]));
  const total = known.reduce((sum, { heads, origin }) => {
    const largest = heads.at(-1)?.checkpoint.size ?? 0;
    return sum + Math.max(0, largest - (sizes.get(origin) ?? 0));
  }, 0);
  const system = systemOrigin(context.node);
  const ordered = known.toSorted(
    (a, b) => Number(b.origin === system) - Number(a.origin === system),
  );
  let done = 0;
  progress(0, total);
  const recovered: LogRecovery[] = [];
  for (const log of ordered) {
    const result = await recoverLog(context, log, (entries) => {
      done += entries;
      progress(done, total);
    });
    recovered.push(result);
  }
  return recovered;
}

/** Submolts that were founded here, as the system log says, and whose logs are not: not a second time. */
async function findLost({
  db,
  node,
}: RecoveryContext): Promise<{ origin: string; size: number }[]> {
  const founded = await listLostFoundings(db);
  return founded.map((submolt) => ({ origin: submoltOrigin(node, submolt), size: 0 }));
}

type Judged = LogRecovery | Unproven;

/**
 * That nobody shows a larger head of a log says something only if somebody would: who replicates it or has seen it as it is, the file
 * beside the database if that was not restored too, or the heads that this node has stated last.
 */
async function createProof(
  context: RecoveryContext,
  { answered, kept, known }: Pick<Gathered, 'answered'> & { kept: Kept; known: Gathered['logs'] },
): Promise<(log: Judged) => Judged> {
  const stated = await holdsStatedHeads(context);
  const isNode = ({ sources }: OwnHead) => sources.some((source) => answered.has(source));
  const isKept = ({ sources }: OwnHead) => sources.includes(kept.source);
  const keptIsNew = [...known.values()].every(({ heads }) => {
    const size = (is: (head: OwnHead) => boolean) => heads.findLast(is)?.checkpoint.size ?? 0;
    return size(isNode) <= size(isKept);
  });
  return (log) => {
    const { from, origin, size, state } = log;
    const { heads = [], replicas = [] } = known.get(origin) ?? {};
    if (state === 'short' || state === 'forked' || size > from || replicas.length > 0) return log;
    const seen = heads.some((head) => head.checkpoint.size === size && isNode(head));
    const told = keptIsNew && heads.some(isKept);
    const isStated = stated && origin !== systemOrigin(context.node);
    return { origin, from, size, state: seen || told || isStated ? 'whole' : 'unproven' };
  };
}

function unproven({ origin, size }: Pick<LogHead, 'origin' | 'size'>): Unproven {
  return { origin, from: size, size, state: 'unproven' };
}

function holdOf(log: Judged, heldAt: number): Hold[] {
  const { origin, size } = log;
  switch (log.state) {
    case 'whole':
      return [];
    case 'unproven':
      return [{ origin, size, note: null, source: '', heldAt }];
    case 'short': {
      const { checkpoint, note, sources } = log.head;
      return [{ origin, size: checkpoint.size, note, source: sources[0] ?? '', heldAt }];
    }
    case 'forked': {
      const [, note] = log.heads;
      return [{ origin, size: log.size, note, source: log.sources[0] ?? '', heldAt }];
    }
  }
}
