// Applies a batch of log entries that another node has given, to a replica or to a log of this node that has lost them: one batch.
import { apply, applyErased, keysOfErased } from '../domain/apply.ts';
import { groundAt } from '../domain/erasure.ts';
import type { ErasedCreate } from '../domain/item.ts';
import { emptyKeys, keysOf, mergeKeys } from '../domain/keys.ts';
import { type EntryPlace, statesDidLog } from '../domain/matter.ts';
import type { Checkpoint } from '../log/checkpoint.ts';
import { openCheckpoint } from '../log/checkpoint.ts';
import { ownSignatureOnly } from '../log/evidence-file.ts';
import { NOTE_ED25519, noteVerifier } from '../log/note-key.ts';
import { StatedIdentities } from '../log/stated-identities.ts';
import type { Activity } from '../protocol/activity.ts';
import { equalBytes } from '../protocol/bytes.ts';
import { type Did, didMethod, subjectOf } from '../protocol/did.ts';
import type { VerifiedObject } from '../protocol/object.ts';
import { nameFromHash, type ObjectName } from '../protocol/object-name.ts';
import { isPlacement } from '../protocol/placement.ts';
import { actOf, remainsOf } from '../protocol/remains.ts';
import type { Statement } from '../store/database.ts';
import { isHeld } from '../store/holds.ts';
import type { LogHead } from '../store/logs.ts';
import { nonceText } from '../store/nonces.ts';
import { deletePending } from '../store/pending.ts';
import { listStated } from '../store/queries/identities.ts';
import { findLog } from '../store/queries/logs.ts';
import { skeletonOf } from '../store/skeletons.ts';
import { dropCopy, selectWithdrawn, withdrawEdit, withdrawObject } from '../store/withdrawals.ts';
import { writeGroup } from '../store/write-group.ts';
import { type CheckedEntry, checkEntries, type KeysAt } from './check-entries.ts';
import { findFalseErasure } from './check-erasures.ts';
import type { Caller, CommandContext } from './context.ts';
import { keepDocuments } from './keep-documents.ts';
import { learnIdentities } from './learn-identities.ts';
import { noteErasures, settleErasures } from './list-erasures.ts';
import { type LoadedGroup, loadGroup } from './load-group.ts';
import { logVerifiers } from './log-keys.ts';
import { LogTail } from './log-tail.ts';
import { checkHead, NO_LOG, newOwnHead } from './logs.ts';
import { type EntriesRefusal, namedAuthor, type ReplicatedEntry } from './replicated-entry.ts';
import type { Sequencer } from './sequencer.ts';
import { nonceOf } from './submit-group.ts';
import { withRetries } from './with-retries.ts';

export type { EntriesRefusal, ReplicatedEntry } from './replicated-entry.ts';

export interface EntriesBatch {
  readonly origin: string;
  /** Index of the first entry. Entries this replica has already are passed over. */
  readonly start: number;
  /** At most 256. */
  readonly entries: readonly ReplicatedEntry[];
  /** A signed note of the home that covers all entries, or more. */
  readonly checkpoint: string;
  readonly caller: Caller | null;
  /**
   * The log is this node's own, and the checkpoint one that it has signed before and lost. The log has to be held. A log that is not
   * there is begun.
   */
  readonly own?: true;
}

export type EntriesOutcome =
  /** `size` is the replica's now; `signedSize` how far a checkpoint proves it. */
  { readonly ok: true; readonly size: number; readonly signedSize: number } | EntriesRefusal;

/**
 * Verifies and applies entries. The home's decisions are taken as they are; what is checked is that they are what
 * the home signed: canonical lines without a gap, commitments that open, authors' proofs, times that neither run
 * backwards nor ahead of this node, and the root when the batch reaches the checkpoint. A batch that ends before it is applied on the
 * word of the caller, who proves the whole span first, or refuses at its end.
 */
export async function applyEntries(
  context: CommandContext,
  sequencer: Sequencer,
  batch: EntriesBatch,
  keysAt: KeysAt,
): Promise<EntriesOutcome> {
  const { crypto } = context;
  const head = await findHead(context, batch);
  if (head === null) return refuse('log_unknown', `this node has no replica of ${batch.origin}`);
  if (batch.start > head.size) return gap(batch.start, head.size);
  // Of another node only the key that it has now counts for what comes.
  const verifiers = head.isHome
    ? await logVerifiers(context, head)
    : [noteVerifier(head.origin, NOTE_ED25519, head.logKey, crypto)];
  const opened = await openCheckpoint(batch.checkpoint, verifiers, crypto, head.origin);
  if (!opened.ok) return refuse('checkpoint_invalid', opened.detail);
  const { checkpoint } = opened;
  const end = batch.start + batch.entries.length;
  if (end > checkpoint.size) {
    return refuse('beyond_checkpoint', `entry ${checkpoint.size} is not under the checkpoint`);
  }
  // What remains of an act is done on the home's word, so the home has to have signed the log with the Delete in it. It may
  // have been erased since: then the next checkpoint has that.
  const ahead = batch.entries.find(({ body }) => isUnproven(body, checkpoint.size));
  if (ahead !== undefined) {
    const detail = 'what erased the words of an act is not under this checkpoint yet';
    return { ...refuse('gap', detail), size: head.size };
  }
  // Signatures are checked outside of the queue: other writes go on meanwhile.
  const fresh = batch.entries.slice(head.size - batch.start);
  const start = Math.max(head.size, batch.start);
  const now = context.now();
  const stated = new StatedIdentities(await listStated(context.db, head, authorsOf(fresh)));
  const checked = await checkEntries(head, start, fresh, { crypto, now, keysAt, stated });
  if (!checked.ok) return checked;
  const outcome = await sequencer.run(() =>
    withRetries(() => append(context, batch, checkpoint, start, checked.entries)),
  );
  if (outcome.ok && outcome.size > head.size) {
    sequencer.announce([{ origin: head.origin, size: outcome.size }]);
    // Whoever acts in a submolt concerns this node; those whom another node knows, for whatever reason, do not.
    if (head.submolt !== null && !head.isHome) {
      const objects = checked.entries.flatMap(({ body }) => (body.erased ? [] : [body.object]));
      await learnIdentities(sequencer, objects);
    }
  }
  return outcome;
}

function isUnproven(body: ReplicatedEntry['body'], size: number): boolean {
  return body.erased && (body.remains ?? null) !== null && body.by >= size;
}

/** The log as it is stored; null if it is not there, or not of the kind that the batch is for. */
async function findHead(
  { crypto, db, node }: CommandContext,
  { origin, own }: EntriesBatch,
): Promise<LogHead | null> {
  const head = await findLog(db, origin);
  if (head !== null) return head.isHome === (own ?? false) ? head : null;
  return own ? newOwnHead(node, origin, crypto) : null;
}

/** Authors whose keys the log itself has to have stated. */
function authorsOf(entries: readonly ReplicatedEntry[]): Set<Did> {
  const authors = new Set<Did>();
  for (const { body } of entries) {
    const did = namedAuthor(body)?.did;
    if (did !== undefined && didMethod(did) === 'webvh') authors.add(subjectOf(did));
  }
  return authors;
}

/** Inside the queue: nothing but this writes, so what is read here stands until the batch is written. */
async function append(
  context: CommandContext,
  batch: EntriesBatch,
  checkpoint: Checkpoint,
  start: number,
  checked: readonly CheckedEntry[],
): Promise<EntriesOutcome> {
  const { crypto, db } = context;
  const found = await findHead(context, batch);
  if (found === null) return refuse('log_unknown', `this node has no log ${batch.origin}`);
  if (start > found.size) return gap(start, found.size);
  const entries = checked.slice(found.size - start);
  const nonce = nonceOf(batch.caller, context);
  const group = await load(context, found, entries, nonce === null ? [] : [nonce]);
  const isNew = found.id === NO_LOG;
  const head = isNew ? { ...found, id: group.rows.numbering.newLog() } : found;
  if (head.isHome && !isHeld(group.holds, head.origin)) {
    return refuse('log_unknown', `${head.origin} goes on by itself`);
  }
  if (nonce !== null && group.nonces.has(nonceText(nonce))) {
    return refuse('replayed', 'a request with this nonce was admitted already');
  }
  checkHead(head, crypto);
  const tail = new LogTail(head, crypto);
  const tombstones = new Map<number, ObjectName | Did>();
  const problem =
    applyAll(group, head, tail, entries, tombstones) ??
    (await findFalseErasure(db, tail, entries, tombstones));
  if (problem !== null) return problem;
  const complete = tail.size === checkpoint.size;
  const root = tail.root();
  if (complete && !equalBytes(root, checkpoint.root)) {
    return refuse('root_mismatch', `the entries do not have the root signed for ${tail.size}`);
  }
  const grown = complete
    ? tail.grown(root, checkpoint.size, batch.checkpoint)
    : tail.grown(root, head.signedSize, head.checkpoint);
  // The home has another key since: what it has signed with that takes the place of what it had signed before.
  const verifier = noteVerifier(head.origin, NOTE_ED25519, head.logKey, crypto);
  const resigned = complete && ownSignatureOnly(head.checkpoint ?? '', [verifier]) === null;
  if (tail.size === head.size && grown.signedSize === head.signedSize && !resigned) {
    return { ok: true, size: head.size, signedSize: head.signedSize };
  }
  const { erasures, numbering } = group.rows;
  const dropped = await dropAgain(context, group, entries);
  // What another node has withdrawn from its copies is no matter of this one.
  const withdrawals = head.isHome ? group.rows.withdrawals : [];
  const noted = { rows: group.rows, entries: tail.entries, heads: [head], erasures, withdrawals };
  await writeGroup(db, {
    version: group.version,
    rows: group.rows,
    newLogs: isNew ? [grown] : [],
    grownLogs: isNew ? [] : [grown],
    entries: tail.entries,
    tiles: await tail.fullTiles(db),
    tileHashes: tail.tileHashes,
    nonces: nonce === null ? [] : [nonce],
    pending: [],
    also: [
      deletePending(settledBy(entries, head)),
      ...keepDocuments(context, group.rows.signers.dids),
      ...withdrawals.flatMap((one) => withdrawObject(one, numbering)),
      ...noteErasures(context, noted),
      ...dropped,
    ],
  });
  if (dropped.length > 0) db.scrub?.();
  await settleErasures(context, [...erasures, ...withdrawals]);
  return { ok: true, size: grown.size, signedSize: grown.signedSize };
}

/** What waits for a home is settled in the log of its submolt, whatever a system log says of it. */
function settledBy(entries: readonly CheckedEntry[], { submolt }: LogHead): ObjectName[] {
  return entries
    .filter(({ body }) => submolt !== null || body.erased || !isPlacement(body.object.activity))
    .map(({ name }) => name);
}

function load(
  context: CommandContext,
  head: LogHead,
  entries: readonly CheckedEntry[],
  nonces: Parameters<typeof loadGroup>[1]['nonces'],
): Promise<LoadedGroup> {
  const keys = emptyKeys();
  if (head.submolt !== null) keys.submolts.add(head.submolt);
  for (const { body, name } of entries) {
    if (!body.erased) {
      mergeKeys(keys, keysOf(body.object.activity, name, head.submolt ?? 'system'));
    } else if (body.remains !== null) {
      mergeKeys(keys, keysOf(actOf(body.remains), name, head.submolt ?? 'system'));
    } else if (body.create !== null && head.submolt !== null) {
      mergeKeys(keys, keysOfErased(body.create, head.submolt));
    }
  }
  const names = entries.map((entry) => entry.name);
  return loadGroup(context, { node: head.home, keys, names, nonces });
}

function applyAll(
  group: LoadedGroup,
  head: LogHead,
  tail: LogTail,
  entries: readonly CheckedEntry[],
  tombstones: Map<number, ObjectName | Did>,
): EntriesRefusal | null {
  const { rows } = group;
  const log = head.submolt ?? 'system';
  const seen = new Set<string>();
  for (const { body, commitment, kind, line, name, t } of entries) {
    const stored = group.entriesOf.get(name)?.some((entry) => entry.log === head.id);
    if (stored || seen.has(name)) {
      return refuse('duplicate_object', `${name} is in this log already`, tail.size);
    }
    seen.add(name);
    if (t < tail.lastT) return refuse('time_backwards', `${t} is before ${tail.lastT}`, tail.size);
    const founded = head.submolt === null || rows.submolt(head.submolt) !== undefined;
    if (body.erased && !founded) {
      return refuse('erasure_unfounded', 'nothing is erased before the founding', tail.size);
    }
    if (!body.erased && isMisplaced(body.object, founded, head.submolt)) {
      const detail = 'a submolt log begins with its founding, and the statements that depends on';
      return refuse('wrong_log', detail, tail.size);
    }
    const object = body.erased
      ? rows.numbering.object(name)
      : rows.numbering.addObject(name, body.object.bytes);
    const salt = body.erased ? null : body.salt;
    const erasedBy = body.erased ? body.by : null;
    const entry = tail.append({ object, kind, t, commitment, salt, erasedBy }, line);
    rows.at(entry.log, entry.index, body.erased ? null : body.object.activity.actor);
    const place: EntryPlace = { log, node: head.home, t };
    const activity = actIn(body);
    if (activity !== null) {
      // The tombstone of a tombstone is by the home, on a ground that would do for both.
      if (activity.type === 'Delete' && groundAt(rows, activity, place) !== null) {
        tombstones.set(entry.index, activity.object);
      }
      apply(rows, { activity, name }, place);
      if (body.erased && body.remains !== null) {
        rows.skeletons.set(name, skeletonOf(name, body.remains));
      }
    } else if (body.erased && body.create !== null && log !== 'system') {
      const erased: ErasedCreate = { ...body.create, author: subjectOf(body.create.author) };
      rows.skeletons.set(name, { ...erased, remains: null });
      applyErased(rows, erased, log, t);
    }
  }
  return null;
}

/** What its operator has dropped does not come back by the home's log: what waited for it then, and edits of it. */
async function dropAgain(
  { db }: CommandContext,
  { rows, withdrawn }: LoadedGroup,
  entries: readonly CheckedEntry[],
): Promise<Statement[]> {
  const items = await findWithdrawn(
    db,
    entries.flatMap((entry) => editedBy(entry) ?? []),
  );
  return entries.flatMap((entry) => {
    const { body, name } = entry;
    if (body.erased) return [];
    if (withdrawn.has(name)) {
      return dropCopy({ name, remains: remainsOf(body.object.activity) }, rows.numbering);
    }
    const item = editedBy(entry);
    if (item === null || !items.has(item)) return [];
    return withdrawEdit(name, item, rows.numbering);
  });
}

async function findWithdrawn(
  db: CommandContext['db'],
  names: readonly ObjectName[],
): Promise<ReadonlySet<ObjectName>> {
  if (names.length === 0) return new Set();
  const [found = []] = await db.batch('read', [selectWithdrawn(names)]);
  return new Set(found.map((row) => nameFromHash(row[0] as Uint8Array)));
}

/** The post or comment whose words an entry changes. */
function editedBy({ body }: CheckedEntry): ObjectName | null {
  const activity = body.erased ? null : body.object.activity;
  if (activity?.type !== 'Update' || !('target' in activity)) return null;
  return activity.object.type === 'Group' ? null : activity.target;
}

/** The act to apply, as far as there is one. */
function actIn(body: CheckedEntry['body']): Activity | null {
  if (!body.erased) return body.object.activity;
  return body.remains === null ? null : actOf(body.remains);
}

/** Before the founding there are statements of DID logs and nothing else; after it nothing is the founding. */
function isMisplaced(
  { activity, name }: VerifiedObject,
  founded: boolean,
  submolt: ObjectName | null,
): boolean {
  return founded ? name === submolt : name !== submolt && !statesDidLog(activity);
}

function gap(start: number, size: number): EntriesRefusal {
  return { ...refuse('gap', `the batch starts at ${start}, the replica has ${size}`), size };
}

function refuse(reason: EntriesRefusal['reason'], detail: string, index?: number): EntriesRefusal {
  return { ok: false, reason, detail, ...(index === undefined ? {} : { index }) };
}
