// Erases once more what a restored backup has brought back, before anything of it is served.
import { agentErasedBy } from '../domain/erasure.ts';
import type { ActivityDraft, Delete } from '../protocol/activity.ts';
import { parseActivity } from '../protocol/activity-schema.ts';
import { parseDateTime } from '../protocol/date-time.ts';
import { operatorGround, reasonOf } from '../protocol/erasure-grounds.ts';
import type { CanonicalBytes } from '../protocol/jcs.ts';
import { parseIJson } from '../protocol/json.ts';
import { didKeyResolver, type KeyResolver, verifyObject } from '../protocol/object.ts';
import { nameOf } from '../protocol/object-name.ts';
import { actOf } from '../protocol/remains.ts';
import type { Database } from '../store/database.ts';
import { deleteEnrolledBefore, selectEnrolledBefore } from '../store/enrolments.ts';
import type { ListedErasure } from '../store/erasure-list.ts';
import { findLog } from '../store/queries/logs.ts';
import { finishRebuild } from '../store/rebuild.ts';
import {
  eraseAgain,
  findStanding,
  hasPeers,
  readRemainsOf,
  withdrawAgain,
} from '../store/repeated-erasures.ts';
import { listErasures } from '../store/unlisted-erasures.ts';
import type { CommandContext } from './context.ts';

import { CommandError } from './error.ts';
import { CheckpointSigners } from './origin.ts';
import type { Sequencer } from './sequencer.ts';
import { stateOwn } from './sign-own.ts';
import { submitGroup } from './submit-group.ts';

const AGAIN = 'Erased before; a restored backup had brought it back.';

/**
 * Completes the list, and does again what the database does not know of. Where nobody else can have the entries that the
 * restore has lost, the Delete is logged again; otherwise its place in the log is left to it, until it is back from there.
 */
export async function repeatErasures(context: CommandContext, sequencer: Sequencer): Promise<void> {
  const { crypto, db, erasures: list } = context;
  if (list === undefined) return;
  await listErasures(db, list);
  const alone = !(await hasPeers(db));
  let erased = false;
  for await (const erasure of list.read()) {
    const { tombstone } = erasure;
    const activity = readTombstone(erasure);
    if (await forgetAgain(db, activity)) erased = true;
    const origin = erasure.withdrawn ? null : erasure.log;
    const standing = () => findStanding(db, erasure.names, origin);
    if ((await standing()).size === 0) continue;
    if (alone && (await logAgain(context, sequencer, erasure, activity))) {
      if ((await standing()).size === 0) continue;
    }
    const remains = await readRemainsOf(db, erasure.names);
    const statements =
      origin === null && tombstone !== null
        ? withdrawAgain(erasure, tombstone, nameOf(tombstone as CanonicalBytes, crypto), remains)
        : eraseAgain(erasure, remains);
    await db.batch('write', statements);
    erased = true;
  }
  if (!erased) return;
  await finishRebuild(db);
  db.scrub?.();
}

/** Takes away again where an agent publishes its keys, but for what it has enrolled since it was erased. */
async function forgetAgain(db: Database, activity: Delete | null): Promise<boolean> {
  const agent = activity && agentErasedBy(activity);
  const published = activity?.published === undefined ? null : parseDateTime(activity.published);
  if (agent === null || published === null) return false;
  // An act says the second of its time and no less.
  const time = (published + 1) * 1000;
  const [found = []] = await db.batch('read', [selectEnrolledBefore(agent, time)]);
  if (found.length === 0) return false;
  await db.batch('write', [deleteEnrolledBefore(agent, time)]);
  return true;
}

/** Null where a damaged line has names and no Delete that can be read: what is named is erased all the same. */
function readTombstone({ remains, tombstone }: ListedErasure): Delete | null {
  const left = remains === null ? null : actOf(remains);
  const parsed = tombstone === null ? null : parseIJson(tombstone);
  const read = parsed?.ok === true ? parseActivity(parsed.value) : null;
  const activity = read?.ok === true ? read.activity : left;
  return activity?.type === 'Delete' ? activity : null;
}

/** The very act if its key is in it, else one of the node's own in its place; false if none of them is logged. */
async function logAgain(
  context: CommandContext,
  sequencer: Sequencer,
  { log, names, tombstone, withdrawn }: ListedErasure,
  activity: Delete | null,
): Promise<boolean> {
  const head = await findLog(context.db, log);
  if (head === null || !head.isHome) return false;
  if (activity !== null) {
    if (await submitAgain(context, sequencer, tombstone, activity)) return true;
    const { audience, object, origin, reason } = activity;
    const draft: ActivityDraft = {
      type: 'Delete',
      object,
      ...(audience !== undefined && { audience }),
      ...(origin !== undefined && { origin }),
      reason: reasonOf(operatorGround(reason) ?? 'gdpr'),
    };
    if (await stateAgain(context, sequencer, draft)) return true;
  }
  // A damaged line may still name what it is about; of an item and its edits the item is what can be deleted.
  if (withdrawn || head.submolt === null) return false;
  for (const object of names) {
    const draft = { type: 'Delete', object, audience: head.submolt } as const;
    await stateAgain(context, sequencer, { ...draft, reason: reasonOf('gdpr') });
  }
  return true;
}

async function submitAgain(
  context: CommandContext,
  sequencer: Sequencer,
  tombstone: Uint8Array | null,
  { published }: Delete,
): Promise<boolean> {
  const { crypto, node } = context;
  const resolveKey: KeyResolver = async (did, method) =>
    did === node.did
      ? { ok: true, publicKey: crypto.publicKeyOf(node.seed) }
      : didKeyResolver(did, method);
  const parsed = parseIJson(tombstone ?? new Uint8Array());
  const verdict = parsed.ok ? await verifyObject(parsed.value, { crypto, resolveKey }) : null;
  if (verdict?.ok !== true) return false;
  // As of the time at which it was logged first: it may be older than what is let in now.
  const at = (parseDateTime(published) ?? 0) * 1000;
  const then = { ...context, now: () => at };
  const signers = new CheckpointSigners(node, crypto);
  const submission = { objects: [verdict.object], caller: null };
  const { outcomes } = await sequencer.run(() => submitGroup(then, signers, [submission]));
  return outcomes[0]?.[0]?.kind === 'accepted';
}

async function stateAgain(
  context: CommandContext,
  sequencer: Sequencer,
  draft: ActivityDraft,
): Promise<boolean> {
  try {
    await stateOwn(context, sequencer, { ...draft, summary: AGAIN } as ActivityDraft);
    return true;
  } catch (error) {
    if (error instanceof CommandError && error.code === 'failed') return false;
    throw error;
  }
}
