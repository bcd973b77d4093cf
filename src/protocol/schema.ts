// A small checker of closed records: an unknown member is a refusal, and every refusal names its path.
import { isObject, type JsonValue } from './json.ts';

/**
 * Why a value is refused: it is of no known type, has a member that is not known or lacks one, has a DID or an
 * instant in another spelling than the one that counts, or (`malformed`) any other wrong value.
 */
export type ShapeRefusal =
  | 'unknown_type'
  | 'unknown_member'
  | 'member_missing'
  | 'did_malformed'
  | 'instant_malformed'
  | 'malformed';

/** What is wrong, where (`object.tag.3.name`, '' for the whole), and what to do about it. */
export interface Problem<Reason extends string = ShapeRefusal> {
  readonly reason: Reason;
  readonly path: string;
  readonly detail: string;
}

/** Finds the first problem of a value (undefined: a missing member), or none. `T` is what it lets through. */
export interface Check<T> {
  (value: JsonValue | undefined, path: string): Problem | null;
  readonly makes?: T;
}

/** A check for each member of `T`: types and schemas cannot drift apart. */
export type Shape<T> = {
  readonly [K in keyof T]-?: Partial<Pick<T, K>> extends Pick<T, K>
    ? Check<T[K] | undefined>
    : Check<T[K]>;
};

/** How members that are each right contradict one another: the one to change, and what it must be. */
export type Contradiction = readonly [member: string, expected: string];

/** A check for a member that may be absent; it may not be null. */
export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value, path) => (value === undefined ? null : check(value, path));
}

/** Lets everything through: for a member that is checked at another place. */
export const elsewhere: Check<never> = () => null;

/** The problem of a value that is not what it must be. */
export function malformed(path: string, expected: string): Problem {
  return refused('malformed', path, expected);
}

/** The same where the rule that is broken has a name of its own. */
export function refused<R extends string>(reason: R, path: string, expected: string): Problem<R> {
  return { reason, path, detail: `must be ${expected}` };
}

export function pathOf(parent: string, key: string | number): string {
  const member = String(key).slice(0, 64);
  return parent === '' ? member : `${parent}.${member}`;
}

/** Exactly the members of `shape`; `rule` sees a record whose members are each right. */
export function record<T>(
  shape: Shape<T>,
  rule?: (value: T) => Contradiction | undefined,
): Check<T> {
  const members = Object.entries<Check<unknown>>(shape);
  return (value, path) => {
    if (!isObject(value)) return malformed(path, 'one object');
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(shape, key))
        return refused('unknown_member', pathOf(path, key), 'left out: not known here');
    }
    for (const [key, check] of members) {
      const problem = check(value[key], pathOf(path, key));
      if (problem === null) continue;
      return value[key] === undefined ? { ...problem, reason: 'member_missing' } : problem;
    }
    const broken = rule?.(value as T);
    return broken === undefined ? null : malformed(pathOf(path, broken[0]), broken[1]);
  };
}

/** One of these strings. */
export function literal<const T extends string>(...values: readonly T[]): Check<T> {
  return string((text) => values.includes(text as T), values.join(' or '));
}

export const flag: Check<boolean> = (value, path) =>
  typeof value === 'boolean' ? null : malformed(path, 'true or false');

/** A safe integer from 0 up. */
export const count: Check<number> = (value, path) =>
  Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0)
    ? null
    : malformed(path, 'a whole number from 0 to 2^53 - 1');

/** A string that `accepts` is true of; whatever else stands there is refused for `reason`. */
export function string<T extends string>(
  accepts: (text: string) => boolean,
  expected: string,
  reason: ShapeRefusal = 'malformed',
): Check<T> {
  return (value, path) =>
    typeof value === 'string' && accepts(value) ? null : refused(reason, path, expected);
}

/** One line of `min` to `max` UTF-16 code units without control characters. */
export function line(min: number, max: number): Check<string> {
  return text(min, max, /\p{Cc}/u, '');
}

/** Like `line`, but line feeds and tabs may stand in it. */
export function prose(min: number, max: number): Check<string> {
  return text(min, max, /[^\P{Cc}\n\t]/u, ' except \\n and \\t');
}

function text(min: number, max: number, refused: RegExp, except: string): Check<string> {
  return string(
    (value) =>
      value.length >= min &&
      value.length <= max &&
      // A lone surrogate has no UTF-8 form, so nothing could be hashed or signed.
      value.isWellFormed() &&
      !refused.test(value),
    `${min} to ${max} characters without control characters${except}`,
  );
}

/** A list of at most `max` values that each pass `check`. */
export function list<T>(check: Check<T>, max: number): Check<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value) || value.length > max) {
      return malformed(path, `a list of at most ${max}`);
    }
    for (const [index, entry] of value.entries()) {
      const problem = check(entry, pathOf(path, index));
      if (problem !== null) return problem;
    }
    return null;
  };
}

/**
 * Leaves the choice to `type`, of the value itself or of its member `within`: one check for each type it
 * may have, or `unknown_type`.
 */
export function byType<T>(
  checks: { readonly [type: string]: Check<T> },
  within?: string,
): Check<T> {
  return (value, path) => {
    const subject = isObject(value) && within !== undefined ? value[within] : value;
    const at = within === undefined ? path : pathOf(path, within);
    if (!isObject(subject)) return malformed(at, 'one object');
    const { type } = subject;
    const known = typeof type === 'string' && Object.hasOwn(checks, type);
    const check = known ? checks[type] : undefined;
    if (check !== undefined) return check(value, path);
    const reason =
      type === undefined
        ? 'member_missing'
        : typeof type === 'string'
          ? 'unknown_type'
          : 'malformed';
    return refused(reason, pathOf(at, 'type'), Object.keys(checks).join(' or '));
  };
}
