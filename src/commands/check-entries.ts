// Checks replicated entries one by one: the line, the body that opens it, the author's proof, the log it is meant for.
import type { ErasedCreate } from '../domain/item.ts';
import { belongsIn } from '../domain/matter.ts';
import {
  commitment as commitmentOf,
  type EntryKind,
  type LogEntry,
  parseEntry,
} from '../log/entry.ts';
import { keysBefore, type StatedIdentities } from '../log/stated-identities.ts';
import { equalBytes, fromBase64url } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { readDidLog } from '../protocol/did-log.ts';
import { isDidLogStatement, looksLikeDidLogStatement } from '../protocol/did-log-statement.ts';
import { DELEGATES } from '../protocol/labels.ts';
import {
  type KeyResolver,
  type ObjectVerdict,
  type VerifiedObject,
  type VerifyContext,
  verifyObject,
} from '../protocol/object.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { isPlacement, placedAt } from '../protocol/placement.ts';
import { actOf, type Remains } from '../protocol/remains.ts';
import { verifyPlain } from '../protocol/verify-plain.ts';
import type { LogHead } from '../store/logs.ts';
import type { EntriesRefusal, ReplicatedEntry } from './replicated-entry.ts';

export interface CheckedEntry {
  readonly line: Uint8Array;
  readonly kind: EntryKind;
  readonly t: number;
  readonly commitment: Uint8Array;
  readonly name: ObjectName;
  readonly body:
    | { readonly erased: false; readonly object: VerifiedObject; readonly salt: Uint8Array }
    /** Both are null for an erased edit or profile, which leaves nothing. */
    | {
        readonly erased: true;
        readonly by: number;
        readonly create: ErasedCreate | null;
        readonly remains: Remains | null;
      };
}

/** Keys of authors without a DID log, for an entry of this time (milliseconds). Opens no connection. */
export type KeysAt = (t: number) => KeyResolver;

export interface CheckDeps {
  readonly crypto: Crypto;
  /** Milliseconds. */
  readonly now: number;
  readonly keysAt: KeysAt;
  /** What the log has stated before the first of the entries; afterwards, before the last of them too. */
  readonly stated: StatedIdentities;
}

/** Of the entry's time before the replica's own clock. */
const MAX_AHEAD_MS = 600_000;
/** Signatures checked at the same time. */
const AT_ONCE = 32;

/** Checks entries that follow each other from `start` on. The first one at fault decides. */
export async function checkEntries(
  log: LogHead,
  start: number,
  entries: readonly ReplicatedEntry[],
  deps: CheckDeps,
): Promise<{ readonly ok: true; readonly entries: CheckedEntry[] } | EntriesRefusal> {
  const checked: CheckedEntry[] = [];
  for (let at = 0; at < entries.length; at += AT_ONCE) {
    const some = entries.slice(at, at + AT_ONCE);
    for (const result of await Promise.all(await begin(log, start + at, some, deps))) {
      if ('ok' in result) return result;
      checked.push(result);
    }
  }
  return { ok: true, entries: checked };
}

type Result = CheckedEntry | EntriesRefusal;

/**
 * Begins checks that go on at the same time, each with the keys of its own place in the log: a statement is settled before
 * anything after it begins.
 */
async function begin(
  log: LogHead,
  start: number,
  entries: readonly ReplicatedEntry[],
  deps: CheckDeps,
): Promise<(Result | Promise<Result>)[]> {
  const { crypto, keysAt, stated } = deps;
  const results: (Result | Promise<Result>)[] = [];
  for (const [i, { body, line }] of entries.entries()) {
    const entry = parseEntry(line);
    const given = { line, entry, body };
    const others = keysAt(keyTime(log, given));
    const author = body.erased ? null : (body.plain ?? body.object);
    const keys = author === null ? others : keysBefore(stated, author, crypto, others);
    const result = checkEntry(log, start + i, given, deps, keys);
    const states = author !== null && looksLikeDidLogStatement(author);
    results.push(states ? takeStatement(stated, start + i, await result) : result);
  }
  return results;
}

interface Given extends ReplicatedEntry {
  /** Null for a line that is none. */
  readonly entry: LogEntry | null;
}

/** What is logged once more may be so long after its key was looked up: a delegation that an act needs, a submolt's place. */
function keyTime({ submolt }: LogHead, { body, entry }: Given): number {
  const placed = entry?.k === 'Create' || entry?.k === 'Move';
  const again = submolt === null ? placed : !body.erased && body.object?.target === DELEGATES;
  return again ? 0 : (entry?.t ?? 0);
}

function takeStatement(stated: StatedIdentities, index: number, result: Result): Result {
  if ('ok' in result || result.body.erased) return result;
  const { activity } = result.body.object;
  if (!isDidLogStatement(activity)) return result;
  const verdict = stated.state(readDidLog(activity.content));
  if (verdict.ok) return result;
  const { detail, reason } = verdict;
  return { ok: false, reason: 'statement_refused', detail: `${reason}: ${detail}`, index };
}

async function checkEntry(
  log: LogHead,
  index: number,
  { body, entry, line }: Given,
  { crypto, now }: CheckDeps,
  resolveKey: KeyResolver,
): Promise<CheckedEntry | EntriesRefusal> {
  const refuse = (
    reason: EntriesRefusal['reason'],
    detail: string,
    more: Partial<EntriesRefusal> = {},
  ): EntriesRefusal => ({ ok: false, reason, detail, index, ...more });

  if (entry === null) return refuse('entry_malformed', 'the line is not a canonical entry');
  const { k: kind, t } = entry;
  // Ranks and bans hang on this time: a home could hold the top of every feed with one from the future.
  if (t > now + MAX_AHEAD_MS) {
    return refuse('too_early', `the entry is of ${new Date(t).toISOString()}, which is to come`);
  }
  const commitment = fromBase64url(entry.c) as Uint8Array;
  if (body.erased) {
    const { name, by, author, parent, remains = null } = body;
    const isCreate = kind === 'Create' && log.submolt !== null && index > 0 && remains === null;
    const place = log.submolt ?? 'system';
    const founds = kind === 'Create' && log.submolt !== null;
    const isAct = remains !== null && !founds && remains.type === kind && author === null;
    if (isAct && !belongsIn(actOf(remains), name, place)) {
      return refuse('wrong_log', `what remains of ${name} is addressed to another log`);
    }
    if (by <= index || !(isCreate || isAct || (kind === 'Update' && remains === null))) {
      return refuse('erasure_unfounded', `no later Delete can erase this ${kind}`);
    }
    if (isCreate && author === null) {
      return refuse('entry_malformed', 'an erased Create comes with its author');
    }
    const create = isCreate && author !== null ? { name, author, parent } : null;
    return { line, kind, t, commitment, name, body: { erased: true, by, create, remains } };
  }
  const verdict = await verifyBody(body, { crypto, resolveKey });
  if (!verdict.ok) {
    const { detail, reason, retryable = false } = verdict;
    return refuse('object_refused', detail, { objectReason: reason, retryable });
  }
  const { object } = verdict;
  const { activity, name } = object;
  if (!equalBytes(commitmentOf(body.salt, object.bytes, crypto), commitment)) {
    return refuse('commitment_mismatch', 'the body does not open the commitment');
  }
  if (activity.type !== kind) return refuse('kind_mismatch', `${activity.type} under ${kind}`);
  // An object signed for one submolt must not be passed off as said in another; a statement is for all of them.
  if (!belongsIn(activity, name, log.submolt ?? 'system')) {
    return refuse('wrong_log', `${name} is addressed to another log`);
  }
  if (activity.type === 'Create' && 'target' in activity && activity.target !== log.home) {
    return refuse('wrong_log', `the submolt's founder chose ${activity.target} as its home`);
  }
  if (log.submolt === null && isPlacement(activity) && placedAt(activity) !== log.home) {
    return refuse('wrong_log', `the submolt moves away from ${placedAt(activity)}`);
  }
  return { line, kind, t, commitment, name, body: { erased: false, object, salt: body.salt } };
}

/** An ordinary object takes the short way; of one that fails there the long way says what is wrong. */
async function verifyBody(
  { object, plain }: Extract<ReplicatedEntry['body'], { erased: false }>,
  context: VerifyContext,
): Promise<ObjectVerdict> {
  if (plain === undefined) return verifyObject(object, context);
  const verified = await verifyPlain(plain, context);
  return verified === null
    ? verifyObject(JSON.parse(plain.text), context)
    : { ok: true, object: verified };
}
