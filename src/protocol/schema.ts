// A small checker of closed records: an unknown member is a refusal, and every refusal names its path.
import type { JsonObject, JsonValue } from './json.ts';

export type ShapeRefusal = 'unknown_type' | 'malformed';

/** What is wrong, where (`object.tag[3].name`, '' for the whole), and what to do about it. */
export interface Problem<Reason extends string = ShapeRefusal> {
  readonly reason: Reason;
  readonly path: string;
  readonly detail: string;
}

/**
 * Finds the first problem of a value, or none. `T` is the type a value without problem has. Null has a
 * problem for every check, which says what a missing member should have been.
 */
export interface Check<T> {
  (value: JsonValue, path: string): Problem | null;
  readonly makes?: T;
}

/** A check for a member that may be absent; it may not be null. */
export interface OptionalCheck<T> {
  readonly optional: Check<T>;
}

/** One check for each member of `T`, optional where `T` says so: types and schemas cannot drift apart. */
export type Shape<T> = {
  readonly [K in keyof T]-?: Partial<Pick<T, K>> extends Pick<T, K>
    ? OptionalCheck<NonNullable<T[K]>>
    : Check<T[K]>;
};

export function optional<T>(check: Check<T>): OptionalCheck<T> {
  return { optional: check };
}

export function malformed(path: string, detail: string): Problem {
  return { reason: 'malformed', path, detail };
}

export function isMap(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The path of a member: dots between names, brackets for what is not a plain name. */
export function pathOf(parent: string, key: string): string {
  if (!/^[@\w-]{1,64}$/.test(key)) return `${parent}[${JSON.stringify(key.slice(0, 64))}]`;
  return parent === '' ? key : `${parent}.${key}`;
}

/**
 * Exactly the members of `shape`. `rule` sees a record whose members are each right and says how they
 * contradict one another: `[member, detail]`, or null.
 */
export function record<T>(
  shape: Shape<T>,
  rule?: (value: T) => readonly [string, string] | null,
): Check<T> {
  const members = Object.entries<Check<unknown> | OptionalCheck<unknown>>(shape).map(
    ([key, member]) =>
      typeof member === 'function'
        ? { key, check: member, required: true }
        : { key, check: member.optional, required: false },
  );
  const known = new Set(members.map(({ key }) => key));
  return (value, path) => {
    if (!isMap(value)) return malformed(path, 'must be one object');
    for (const key of Object.keys(value)) {
      if (!known.has(key))
        return malformed(pathOf(path, key), 'is not a member here; leave it out');
    }
    for (const { key, check, required } of members) {
      const member = Object.hasOwn(value, key) ? value[key] : undefined;
      if (member === undefined && !required) continue;
      const problem = check(member ?? null, pathOf(path, key));
      if (problem === null) continue;
      return member === undefined
        ? { ...problem, detail: `is missing; ${problem.detail}` }
        : problem;
    }
    const broken = rule?.(value as T);
    return broken ? malformed(pathOf(path, broken[0]), broken[1]) : null;
  };
}

/** One of these strings, numbers or booleans. */
export function literal<const T extends string>(...values: readonly T[]): Check<T> {
  const detail = `must be ${values.map((each) => `"${each}"`).join(' or ')}`;
  return (value, path) => (values.includes(value as T) ? null : malformed(path, detail));
}

export const flag: Check<boolean> = (value, path) =>
  typeof value === 'boolean' ? null : malformed(path, 'must be true or false');

/** A safe integer from 0 up. */
export const count: Check<number> = (value, path) =>
  Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0)
    ? null
    : malformed(path, 'must be a whole number from 0 to 9007199254740991');

/** A string that `accepts` is true of; `detail` says what it must be. */
export function string<T extends string>(
  accepts: (text: string) => boolean,
  detail: string,
): Check<T> {
  return (value, path) =>
    typeof value === 'string' && accepts(value) ? null : malformed(path, detail);
}

// Controls, lone surrogates and noncharacters: the last two have no interoperable JSON form (RFC 7493 §2.1).
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;
const UNPRINTABLE_BUT_BREAKS = /[^\P{Cc}\n\t]|[\p{Cs}\p{Noncharacter_Code_Point}]/u;

/** One line of `min` to `max` UTF-16 code units without control characters. */
export function line(min: number, max: number): Check<string> {
  return text(min, max, UNPRINTABLE, 'without control characters');
}

/** Like `line`, but line feeds and tabs may stand in it. */
export function prose(min: number, max: number): Check<string> {
  return text(min, max, UNPRINTABLE_BUT_BREAKS, 'without control characters but \\n and \\t');
}

function text(min: number, max: number, refused: RegExp, without: string): Check<string> {
  return string(
    (value) => value.length >= min && value.length <= max && !refused.test(value),
    `must be a string of ${min} to ${max} characters ${without}`,
  );
}

/** A list of `min` to `max` values that each pass `check`. */
export function list<T>(check: Check<T>, min: number, max: number): Check<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value) || value.length < min || value.length > max) {
      return malformed(path, `must be a list of ${min === max ? min : `${min} to ${max}`} entries`);
    }
    for (const [index, entry] of value.entries()) {
      const problem = check(entry, `${path}[${index}]`);
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
  const detail = `must be ${Object.keys(checks).join(' or ')}`;
  return (value, path) => {
    if (!isMap(value)) return malformed(path, 'must be one object');
    const subject = within === undefined ? value : value[within];
    const at = within === undefined ? path : pathOf(path, within);
    if (!isMap(subject)) return malformed(at, 'must be one object');
    const { type } = subject;
    if (typeof type !== 'string') return malformed(pathOf(at, 'type'), detail);
    const check = Object.hasOwn(checks, type) ? checks[type] : undefined;
    if (check !== undefined) return check(value, path);
    return { reason: 'unknown_type', path: pathOf(at, 'type'), detail };
  };
}
