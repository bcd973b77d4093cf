// Agents whose keys change: what a DID log stated in a log of this network makes of its author, and who may act by it.
import type { Add } from '../protocol/activity.ts';
import { type Did, subjectOf } from '../protocol/did.ts';
import { type DidLog, readDidLog } from '../protocol/did-log.ts';
import { findSuccessionFault, keysOfDidLog, lastVersion } from '../protocol/did-log-statement.ts';
import { ProtocolError } from '../protocol/error.ts';
import { ed25519ToMultibase } from '../protocol/multikey.ts';
import type { VerifiedObject } from '../protocol/object.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { type Refused, refuse } from './refusal.ts';
import { hasDidLog } from './subject.ts';
import type { StatedIdentity, WorkingSet } from './working-set.ts';

interface Statement {
  readonly activity: Add;
  readonly name: ObjectName;
}

/** The DID log in a statement whose proof holds; null if its last version is not the actor's. */
function logIn({ actor, content = '' }: Add): DidLog | null {
  try {
    const log = readDidLog(content);
    return log.did === actor ? log : null;
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

function stated(log: DidLog, statement: ObjectName): StatedIdentity {
  const { number: version, versionId } = lastVersion(log);
  const { deactivated, did, subject: agent } = log;
  const keys = keysOfDidLog(log, 'assertionMethod').map(({ id, publicKey }) => ({
    id,
    multibase: ed25519ToMultibase(publicKey),
  }));
  return { agent, did, version, versionId, keys, statement, deactivated };
}

/** Why a log does not follow the one that is known: whichever of two was seen first is kept. */
function refuseSuccessor(known: StatedIdentity | undefined, log: DidLog): Refused | null {
  if (known === undefined) return null;
  const fault = findSuccessionFault(known, log);
  if (fault === null) return null;
  return refuse(fault, fault === 'identity_deactivated' ? known.did : known.versionId);
}

/** A DID log that comes to this node's system log. */
export function decideDidLog(rows: WorkingSet, { activity }: Statement): Refused | null {
  const log = logIn(activity);
  if (log === null) {
    return refuse('object_unsuitable', 'the DID that the last version of its DID log has');
  }
  return refuseSuccessor(rows.identity(log.subject), log);
}

/** A DID log that stands in the system log of `node`, or in the log of a submolt. One that does not follow changes nothing. */
export function applyDidLog(
  rows: WorkingSet,
  { activity, name }: Statement,
  { log: place, node }: { readonly log: 'system' | ObjectName; readonly node: Did },
): void {
  const log = logIn(activity);
  if (log === null) return;
  const { subject } = log;
  const known = place === 'system' ? rows.identity(subject) : rows.identityPlace(subject, place);
  if (refuseSuccessor(known, log) !== null) return;
  if (place === 'system') rows.putIdentity({ ...stated(log, name), node });
  else rows.putIdentityPlace({ ...stated(log, name), submolt: place });
}

/**
 * Refuses an act of a did:webvh unless it is signed under the agent's present DID and by a key of the last version known
 * here. The proof was verified before, maybe by keys that have changed since.
 */
export function refuseStranger(
  rows: WorkingSet,
  { activity: { actor }, keyId, publicKey }: VerifiedObject,
): Refused | null {
  if (!hasDidLog(actor)) return null;
  const identity = rows.identity(subjectOf(actor));
  if (identity === undefined) return refuse('identity_unknown', actor);
  if (identity.deactivated) return refuse('identity_deactivated', identity.did);
  if (identity.did !== actor) return refuse('identity_moved', identity.did);
  const multibase = ed25519ToMultibase(publicKey);
  const signs = identity.keys.some((key) => key.id === keyId && key.multibase === multibase);
  return signs ? null : refuse('key_retired', keyId, identity.versionId);
}

/** The statement of this subject's DID log, if there is one and the submolt's log has it not. */
export function statementOf(rows: WorkingSet, agent: Did, submolt: ObjectName): ObjectName | null {
  const known = rows.identity(agent)?.statement;
  return known === undefined || known === rows.identityPlace(agent, submolt)?.statement
    ? null
    : known;
}
