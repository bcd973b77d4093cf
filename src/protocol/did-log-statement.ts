// Statements of DID logs: how an agent whose keys change tells the network which keys are its own.
import type { Activity, Add } from './activity.ts';
import { type Did, didMethod } from './did.ts';
import { type DocumentKey, type KeyPurpose, keysFor } from './did-document.ts';
import {
  type DidLog,
  type DidLogOptions,
  type DidLogVersion,
  extendsDidLog,
  readDidLog,
  verifyDidLog,
} from './did-log.ts';
import { DID_LOGS } from './labels.ts';
import type { KeyResolver } from './object.ts';

/** `Add` of the actor's own DID log; `content` is the whole of `did.jsonl`, `attachment` the whole of `did-witness.json`. */
export interface DidLogStatement extends Add {
  readonly object: Did;
  readonly content: string;
}

export function isDidLogStatement(activity: Activity): activity is DidLogStatement {
  return activity.type === 'Add' && activity.target === DID_LOGS;
}

/** True of what would be a statement if it were a valid object: which objects to verify before those that follow them. */
export function looksLikeDidLogStatement({
  type,
  target,
}: {
  readonly type?: unknown;
  readonly target?: unknown;
}): boolean {
  return type === 'Add' && target === DID_LOGS;
}

/** The statement of a log, to be signed with a key that its last version lists under `assertionMethod`. */
export function didLogStatement(log: string, witnesses: string | null = null) {
  return {
    type: 'Add',
    object: readDidLog(log).did,
    target: DID_LOGS,
    mediaType: 'text/jsonl',
    content: log,
    ...(witnesses === null
      ? {}
      : { attachment: { type: 'Document', mediaType: 'application/json', content: witnesses } }),
  } as const;
}

/** An agent as the last version of its DID log has it. */
export interface DidLogState {
  readonly did: Did;
  readonly version: number;
  readonly versionId: string;
  readonly deactivated: boolean;
  /** Those under `assertionMethod`. */
  readonly keys: readonly DocumentKey[];
}

/** What a verified log says of its subject now. */
export function stateOf(log: DidLog): DidLogState {
  const { number: version, versionId } = lastVersion(log);
  const { did, deactivated } = log;
  return { did, version, versionId, deactivated, keys: keysOfDidLog(log, 'assertionMethod') };
}

/** The keys of the last version under `purpose`. None of a document that cannot be read. */
export function keysOfDidLog(log: DidLog, purpose: KeyPurpose): readonly DocumentKey[] {
  const listed = keysFor(lastVersion(log).document, log.did, purpose);
  return listed.ok ? listed.keys : [];
}

export function lastVersion({ versions }: DidLog): DidLogVersion {
  return versions.at(-1) as DidLogVersion;
}

export type SuccessionFault = 'identity_stale' | 'identity_forked' | 'identity_deactivated';

/** Why a log does not follow the state that is known, or null: whichever of two histories was seen first is kept. */
export function findSuccessionFault(
  known: Pick<DidLogState, 'version' | 'versionId' | 'deactivated'>,
  log: DidLog,
): SuccessionFault | null {
  const { version: number, versionId } = known;
  const last = lastVersion(log);
  if (last.number < number || last.versionId === versionId) return 'identity_stale';
  if (!extendsDidLog(log, { number, versionId })) return 'identity_forked';
  return known.deactivated ? 'identity_deactivated' : null;
}

export type ResolvedKey = Awaited<ReturnType<KeyResolver>>;

/**
 * The key of a did:webvh's object, by what is stated of the agent where the object stands; null for nothing. Fetching
 * would not help: what counts is the statement that stands before the object.
 */
export function statedKey(
  identity: DidLogState | null,
  did: Did,
  verificationMethod: string,
): ResolvedKey {
  if (identity === null) {
    return refused('identity_unknown', `no DID log of ${did} is known here; submit its statement`);
  }
  if (identity.deactivated) {
    return refused('identity_deactivated', `${identity.did} ended with ${identity.versionId}`);
  }
  if (identity.did !== did) return refused('identity_moved', `${did} is ${identity.did} now`);
  return keyAmong(identity, verificationMethod);
}

function keyAmong({ did, versionId, keys }: DidLogState, verificationMethod: string): ResolvedKey {
  if (!verificationMethod.startsWith(`${did}#`)) {
    return refused('did_mismatch', `${verificationMethod} is not a key of ${did}`);
  }
  const key = keys.find(({ id }) => id === verificationMethod);
  if (key !== undefined) return { ok: true, publicKey: key.publicKey };
  const detail = `${verificationMethod} is not under assertionMethod in version ${versionId}`;
  return refused('key_not_found', detail);
}

/** The key of a statement: in its own content, once that is verified. */
async function statementKey(
  { actor, attachment, content }: DidLogStatement,
  verificationMethod: string,
  crypto: DidLogOptions['crypto'],
): Promise<ResolvedKey> {
  const verdict = await verifyDidLog(content, { crypto, witnesses: attachment?.content ?? null });
  if (!verdict.ok) return refused('did_log_invalid', `${verdict.reason}: ${verdict.detail}`);
  const identity = stateOf(verdict.log);
  if (identity.did === actor) return keyAmong(identity, verificationMethod);
  return refused('did_mismatch', `the DID log in the statement of ${actor} is of ${identity.did}`);
}

/**
 * Keys of did:webvh authors: of a statement in itself, of anything else in what `known` gives; every other method is
 * left to `others`.
 */
export function createStatedKeys(
  known: (did: Did) => DidLogState | null | Promise<DidLogState | null>,
  crypto: DidLogOptions['crypto'],
  others: KeyResolver,
): KeyResolver {
  return async (did, verificationMethod, activity) => {
    if (didMethod(did) !== 'webvh') return others(did, verificationMethod, activity);
    return activity !== undefined && isDidLogStatement(activity)
      ? statementKey(activity, verificationMethod, crypto)
      : statedKey(await known(did), did, verificationMethod);
  };
}

function refused(
  reason: Extract<ResolvedKey, { ok: false }>['reason'],
  detail: string,
): ResolvedKey {
  return { ok: false, reason, detail, retryable: false };
}
