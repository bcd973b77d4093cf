// What stays of an act once its words are erased: enough for every node to apply it, and nothing its author could word freely.
import type { Activity } from './activity.ts';
import { dateTime, did, label, objectName } from './activity-fields.ts';
import { decodeUtf8, utf8 } from './bytes.ts';
import { type Did, parseSubject, subjectOf } from './did.ts';
import { OPERATOR_GROUNDS, operatorGround, reasonOf } from './erasure-grounds.ts';
import { canonicalize } from './jcs.ts';
import { type JsonValue, parseIJson } from './json.ts';
import { DELEGATES, DID_LOGS, NODE_LABELS, OWNERS } from './labels.ts';
import { type ObjectName, parseObjectName } from './object-name.ts';
import { byType, type Check, elsewhere, literal, optional, record, string } from './schema.ts';

/**
 * An act without context, proof, instants, counts and words: a report, a moderator's act, a tombstone, the description of a
 * submolt or its founding, the acceptance of an owner or its end. Agents are subjects. What it says is the word of whoever
 * hands it out: the signature went with the words.
 */
export interface Remains {
  readonly type: 'Add' | 'Block' | 'Create' | 'Delete' | 'Flag' | 'Remove' | 'Update';
  readonly actor: Did;
  readonly audience?: ObjectName;
  readonly instrument?: ObjectName;
  readonly object: ObjectName | Did | { readonly type: 'Group' };
  readonly origin?: ObjectName;
  readonly target?: string;
  readonly endTime?: string;
  readonly mediaType?: string;
  /** One of the three grounds on which operators erase. */
  readonly reason?: string;
}

type Kept<K extends keyof Remains = never> = Pick<Remains, 'type' | 'actor' | K>;
type Addressed = 'audience' | 'instrument';

const subject = string<Did>((text) => parseSubject(text) !== null, 'the subject of an agent');
const nameOrSubject = string<ObjectName | Did>(
  (text) => parseObjectName(text) !== null || parseSubject(text) !== null,
  'the name of an object or the subject of an agent',
);
const optionalName = optional(objectName);
const group = record<{ readonly type: 'Group' }>({ type: literal('Group') });

const signed = { type: elsewhere, actor: subject };
const anywhere = { ...signed, audience: optionalName, instrument: optionalName };
const gesture = {
  ...anywhere,
  object: nameOrSubject,
  mediaType: optional(literal('application/vc', 'application/vc+jwt')),
};
const target: Check<string> = (value, path) => objectName(value, path) && label(value, path);

const remains = byType<Remains>({
  Add: record<Kept<Addressed | 'mediaType' | 'object' | 'target'>>({
    ...gesture,
    target: optional(target),
  }),
  Block: record<Kept<Addressed | 'endTime' | 'object' | 'target'>>({
    ...anywhere,
    object: subject,
    target: optionalName,
    endTime: optional(dateTime),
  }),
  Create: record<Kept<'object' | 'target'>>({ ...signed, object: group, target: did }),
  Delete: record<Kept<Addressed | 'object' | 'origin' | 'reason'>>({
    ...anywhere,
    object: nameOrSubject,
    origin: optionalName,
    reason: optional(literal(...OPERATOR_GROUNDS.map(reasonOf))),
  }),
  Flag: record<Kept<Addressed | 'object'>>({ ...anywhere, object: nameOrSubject }),
  Remove: record<Kept<Addressed | 'object' | 'origin' | 'target'>>({
    ...anywhere,
    object: nameOrSubject,
    origin: optionalName,
    target: optional(target),
  }),
  Update: record<Kept<Addressed | 'object' | 'target'>>({
    ...anywhere,
    object: group,
    target: objectName,
  }),
});

/** Statements that others rest on have no such form, nor have words that leave nothing behind. */
function leavesNone({ target, type }: Pick<Remains, 'target' | 'type'>): boolean {
  if (type !== 'Add' && type !== 'Remove') return false;
  return target === DID_LOGS || target === DELEGATES || NODE_LABELS.has(target ?? '');
}

/**
 * Null for an act that has no words, for posts, comments and profiles, of whose words nothing has to be applied, and for
 * statements: keys and delegations are what signatures are checked by.
 */
export function remainsOf(activity: Activity): Remains | null {
  const { actor, object } = activity;
  const from = { type: activity.type, actor: subjectOf(actor) } as Remains;
  switch (activity.type) {
    case 'Create':
    case 'Update':
      if (typeof object === 'string' || object.type !== 'Group' || !('target' in activity)) {
        return null;
      }
      return { ...from, ...pick(activity, UPDATE), object: { type: 'Group' } };
    case 'Add':
    case 'Block':
    case 'Delete':
    case 'Flag':
    case 'Remove': {
      const kept = { ...from, ...pick(activity, KEPT[activity.type]) };
      const about = activity.object.startsWith('did:')
        ? subjectOf(activity.object as Did)
        : activity.object;
      return leavesNone(kept) ? null : { ...kept, object: about };
    }
    case 'Follow':
    case 'Like':
    case 'Dislike':
    case 'Move':
    case 'Undo':
      return null;
  }
}

const ADDRESSED = ['audience', 'instrument'] as const;
const UPDATE = [...ADDRESSED, 'target'] as const;
const KEPT = {
  Add: [...ADDRESSED, 'mediaType', 'target'],
  Block: [...ADDRESSED, 'endTime', 'target'],
  Delete: [...ADDRESSED, 'origin', 'reason'],
  Flag: ADDRESSED,
  Remove: [...ADDRESSED, 'origin', 'target'],
} as const satisfies { readonly [type: string]: readonly (keyof Remains)[] };

function pick(activity: Activity, members: readonly (keyof Remains)[]): Partial<Remains> {
  const all = activity as Partial<Remains>;
  return Object.fromEntries(
    members.flatMap((member) => {
      const value = all[member];
      if (value === undefined) return [];
      return member === 'reason' && operatorGround(all.reason) === null ? [] : [[member, value]];
    }),
  );
}

/** What `remainsOf` makes, read back; null for anything else. */
export function parseRemains(value: JsonValue | undefined): Remains | null {
  if (remains(value, '') !== null) return null;
  const read = value as unknown as Remains;
  return leavesNone(read) ? null : read;
}

/** Reports, descriptions and ownerships are their author's to erase; why moderators and tombstones acted is for all to read. */
export function isOwnWord({ target, type }: { readonly type: string; readonly target?: string }) {
  return type === 'Flag' || type === 'Update' || target === OWNERS;
}

/** What is left, as JCS. */
export function encodeRemains(left: Remains): string {
  return decodeUtf8(canonicalize({ ...left }));
}

/** Reads `encodeRemains`; null for any other spelling. */
export function decodeRemains(text: string): Remains | null {
  const parsed = parseIJson(utf8(text));
  const left = parsed.ok ? parseRemains(parsed.value) : null;
  return left !== null && encodeRemains(left) === text ? left : null;
}

/** The rules apply what is left of an act as the act itself: they look at no more. */
export function actOf(left: Remains): Activity {
  return left as unknown as Activity;
}
