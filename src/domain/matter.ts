// What the rules of one noun are given: an act on a submolt, the rows around it, and the time that counts.
import type { Activity, Add } from '../protocol/activity.ts';
import { isDelegation } from '../protocol/delegation-statement.ts';
import type { Did } from '../protocol/did.ts';
import { DID_LOGS } from '../protocol/labels.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { isPlacement } from '../protocol/placement.ts';
import type { Membership, Submolt, WorkingSet } from './working-set.ts';

/** Where in which log an entry stands. */
export interface EntryPlace {
  /** The system log of `node`, or the submolt whose log it is. */
  readonly log: 'system' | ObjectName;
  /** The home of the log. */
  readonly node: Did;
  /** Milliseconds, as the entry says. */
  readonly t: number;
}

/** An act that is in the log of `submolt`, for `apply*`. */
export interface Entry<A extends Activity> {
  readonly rows: WorkingSet;
  readonly name: ObjectName;
  readonly activity: A;
  /** As it was before the act. */
  readonly submolt: Submolt;
  /** Milliseconds: the clock of the home node, as the log entry says it. */
  readonly t: number;
}

/** An act that asks to be let into the log of `submolt`, for `decide*`. */
export interface Matter<A extends Activity> extends Entry<A> {
  /** What the actor is in the submolt. */
  readonly member: Membership | undefined;
}

/** An act of the system log of `node`. */
export interface SystemEntry<A extends Activity> {
  readonly rows: WorkingSet;
  readonly name: ObjectName;
  readonly activity: A;
  readonly node: Did;
  readonly t: number;
}

/** An agent states its DID log. */
export function statesDidLog(activity: Activity): activity is Add {
  return activity.type === 'Add' && activity.target === DID_LOGS && activity.audience === undefined;
}

/** An agent lets another act in its name. */
export function delegates(activity: Activity): activity is Add {
  return isDelegation(activity) && activity.audience === undefined;
}

/** An act that others depend on: it stands in every log that has one of these, before the first of them. */
export function isStatement(activity: Activity): activity is Add {
  return statesDidLog(activity) || delegates(activity);
}

/**
 * True if an act may stand in the log: it is addressed to it, or a statement that acts there depend on, or a system log says
 * that a submolt has come or gone.
 */
export function belongsIn(
  activity: Activity,
  name: ObjectName,
  log: 'system' | ObjectName,
): boolean {
  if (logOf(activity, name) === log || isStatement(activity)) return true;
  return log === 'system' && isPlacement(activity);
}

/** The log an act belongs in: that of one submolt, or the system log of the node that takes it. */
export function logOf(activity: Activity, name: ObjectName): 'system' | ObjectName {
  if (activity.type === 'Create' && activity.object.type === 'Group') return name;
  return ('audience' in activity ? activity.audience : undefined) ?? 'system';
}
