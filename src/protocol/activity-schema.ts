// Turns a JSON value into a typed `Activity`, or says which member is wrong and what it must be.
import type { Activity } from './activity.ts';
import { activity } from './activity-acts.ts';
import { isSignedContext, SIGNED_CONTEXT } from './contexts.ts';
import { isObject, type JsonObject, type JsonValue } from './json.ts';
import { checkProofProfile, type ProofProfileRefusal } from './proof-profile.ts';
import { malformed, type Problem, pathOf, refused, type ShapeRefusal } from './schema.ts';

export type ActivityRefusal =
  | ShapeRefusal
  | ProofProfileRefusal
  | 'unknown_context'
  | 'nested_context';

export type ActivityVerdict =
  | { readonly ok: true; readonly activity: Activity }
  | ({ readonly ok: false } & Problem<ActivityRefusal>);

/**
 * Everything about a signed object that needs neither key nor state: contexts, closed records, limits,
 * the shape of the proof and whose key it names. Lengths count UTF-16 code units. Never throws.
 */
export function parseActivity(value: JsonValue): ActivityVerdict {
  const problem = findProblem(value);
  if (problem !== null) return { ok: false, ...problem };
  return { ok: true, activity: value as unknown as Activity };
}

function findProblem(value: JsonValue): Problem<ActivityRefusal> | null {
  if (!isObject(value)) return malformed('', 'one object');
  if (!isSignedContext(value['@context'])) {
    return refused('unknown_context', '@context', JSON.stringify(SIGNED_CONTEXT));
  }
  const problem = activity(value, '') ?? checkProofProfile(value.proof, value.actor);
  // The closed records refuse a nested context as they refuse any unknown member; this only names it.
  return problem && (findNestedContext(value) ?? problem);
}

function findNestedContext(root: JsonObject): Problem<ActivityRefusal> | null {
  const open: (readonly [JsonValue, string])[] = [[root, '']];
  // Not recursive: a caller may hand in a value nested deeper than the stack.
  for (const [value, path] of open) {
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, member] of Object.entries(value)) {
      if (path === '' && (key === '@context' || key === 'proof')) continue;
      const at = pathOf(path, key);
      if (key === '@context') {
        return refused('nested_context', at, 'left out: only object and proof have one');
      }
      open.push([member, at]);
    }
  }
  return null;
}
