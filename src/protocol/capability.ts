// Capabilities: what one agent lets another do in its name; read strictly, narrowed link by link.
import type { Activity, DateTime } from './activity.ts';
import { dateTime, did, objectName } from './activity-fields.ts';
import { equalBytes, utf8 } from './bytes.ts';
import { parseDateTime } from './date-time.ts';
import { type Did, subjectOf } from './did.ts';
import { canonicalize } from './jcs.ts';
import { type JsonValue, parseIJson } from './json.ts';
import { MODERATORS } from './labels.ts';
import type { ObjectName } from './object-name.ts';
import { type Check, list, literal, malformed, record } from './schema.ts';

/** What can be delegated; everything else an agent does itself. */
export const CAPABILITY_ACTIONS = ['message', 'moderate', 'post', 'vote'] as const;

export type CapabilityAction = (typeof CAPABILITY_ACTIONS)[number];

/** Links of a chain from the agent in whose name an act is done to the one who signs it. */
export const MAX_DELEGATION_DEPTH = 3;

/** The `content` of a delegation, with the member names of Authorization Capabilities (ZCAP). */
export interface Capability {
  /** At least one, in ascending order. */
  readonly allowedAction: readonly CapabilityAction[];
  /** Who may act. */
  readonly controller: Did;
  readonly expires: DateTime;
  /** Names of at most 100 submolts in ascending order, or all. */
  readonly invocationTarget: readonly ObjectName[] | '*';
  /** The delegation that this one passes on; null if its author delegates what is its own. */
  readonly parentCapability: ObjectName | null;
}

const MAX_TARGETS = 100;

const targets: Check<readonly ObjectName[] | '*'> = (value, path) =>
  value === '*' ? null : ascending(list(objectName, MAX_TARGETS))(value, path);

const capability = record<Capability>({
  allowedAction: ascending(list(literal(...CAPABILITY_ACTIONS), CAPABILITY_ACTIONS.length)),
  controller: did,
  expires: dateTime,
  invocationTarget: targets,
  parentCapability: (value, path) => (value === null ? null : objectName(value, path)),
});

/** Each value once and in order, so that one capability has one spelling. */
function ascending<T extends string>(check: Check<readonly T[]>): Check<readonly T[]> {
  return (value, path) => {
    const problem = check(value, path);
    if (problem !== null) return problem;
    const values = value as unknown as readonly T[];
    const ordered = values.every((one, i) => i === 0 || (values[i - 1] as T) < one);
    return ordered && values.length > 0
      ? null
      : malformed(path, 'at least one, each once, in ascending order');
  };
}

/** The `content` of the statement that delegates: the capability's JCS form. */
export function writeCapability(value: Capability): string {
  return new TextDecoder().decode(canonicalize(value as unknown as JsonValue));
}

/** Reads `content`. `detail` says which member is wrong and what it must be. */
export function readCapability(
  content: string,
):
  | { readonly ok: true; readonly capability: Capability }
  | { readonly ok: false; readonly detail: string } {
  const bytes = utf8(content);
  const parsed = parseIJson(bytes);
  if (!parsed.ok) return parsed;
  const problem = capability(parsed.value, '');
  if (problem !== null) return { ok: false, detail: `${problem.path} ${problem.detail}`.trim() };
  if (!equalBytes(canonicalize(parsed.value), bytes)) {
    return { ok: false, detail: 'must be in JCS form (RFC 8785)' };
  }
  return { ok: true, capability: parsed.value as unknown as Capability };
}

/** A delegation in its chain. `delegator` and `delegate` are subjects. */
export interface DelegationLink {
  readonly delegator: Did;
  readonly delegate: Did;
  /** 1 for one without parent. */
  readonly depth: number;
  readonly capability: Capability;
}

export type AttenuationFault =
  | 'depth'
  | 'delegator'
  | 'allowedAction'
  | 'invocationTarget'
  | 'expires';

/** What `child` takes that `parent` does not give, or null: every link may only narrow the one before. */
export function findAttenuationFault(
  child: Pick<DelegationLink, 'delegator' | 'capability'>,
  parent: DelegationLink,
): AttenuationFault | null {
  const [mine, given] = [child.capability, parent.capability];
  if (parent.depth >= MAX_DELEGATION_DEPTH) return 'depth';
  if (child.delegator !== parent.delegate) return 'delegator';
  if (!mine.allowedAction.every((action) => given.allowedAction.includes(action))) {
    return 'allowedAction';
  }
  if (given.invocationTarget !== '*') {
    const within = given.invocationTarget;
    const narrower =
      mine.invocationTarget !== '*' &&
      mine.invocationTarget.every((submolt) => within.includes(submolt));
    if (!narrower) return 'invocationTarget';
  }
  return expiryOf(mine) > expiryOf(given) ? 'expires' : null;
}

/** Milliseconds. */
export function expiryOf({ expires }: Pick<Capability, 'expires'>): number {
  return (parseDateTime(expires) as number) * 1000;
}

export type InvocationFault = 'delegate' | 'action' | 'submolt' | 'expired';

/**
 * Why `activity`, logged in `submolt` at `t` milliseconds, cannot be done under this link, or null. The links above
 * it give no less, so they need not be asked. `action` is that of `actionOf`.
 */
export function findInvocationFault(
  { capability, delegate }: DelegationLink,
  act: {
    readonly actor: Did;
    readonly action: CapabilityAction | null;
    readonly submolt: ObjectName;
    readonly t: number;
  },
): InvocationFault | null {
  if (subjectOf(act.actor) !== delegate) return 'delegate';
  if (act.action === null || !capability.allowedAction.includes(act.action)) return 'action';
  const { invocationTarget } = capability;
  if (invocationTarget !== '*' && !invocationTarget.includes(act.submolt)) return 'submolt';
  return act.t >= expiryOf(capability) ? 'expired' : null;
}

/**
 * The action an act in a submolt is, or null for what cannot be delegated: founding, describing and moving submolts,
 * following, and naming moderators. `undone` is the type of the act that an Undo takes back.
 */
export function actionOf(activity: Activity, undone?: Activity['type']): CapabilityAction | null {
  switch (activity.type) {
    case 'Create':
      return activity.object.type === 'Group' ? null : 'post';
    case 'Update':
      return activity.object.type === 'Article' || activity.object.type === 'Note' ? 'post' : null;
    case 'Delete':
    case 'Flag':
      return 'post';
    case 'Like':
    case 'Dislike':
      return 'vote';
    case 'Undo':
      if (undone === 'Like' || undone === 'Dislike') return 'vote';
      return undone === 'Block' ? 'moderate' : null;
    case 'Add':
    case 'Remove':
      return activity.target === MODERATORS ? null : 'moderate';
    case 'Block':
      return 'moderate';
    case 'Follow':
    case 'Move':
      return null;
  }
}
