// Turns query parameters and path segments into typed values, or into a coded refusal that names the one at fault.
import { nameFromId, type ObjectName, parseObjectName } from '../protocol/object-name.ts';
import type { EdgeContext } from './edge.ts';
import type { Refusal } from './problem.ts';

/** Thrown by the parsers below and answered by `app.onError`; it never leaves this room. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError';
  readonly refusal: Refusal;
  constructor(path: string, detail: string) {
    super(detail);
    this.refusal = { code: 'bad_parameter', detail, path };
  }
}

/** A query parameter as it stands; none of them may occur twice. */
export function text(c: EdgeContext, name: string): string | undefined {
  const values = c.req.queries(name) ?? [];
  if (values.length > 1) throw new ParameterError(name, `${name} occurs more than once.`);
  return values[0];
}

/** A decimal integer from `min` to `max`. */
export function integer(
  c: EdgeContext,
  name: string,
  { min, max, fallback }: { min: number; max: number; fallback?: number },
): number {
  const given = text(c, name);
  if (given === undefined && fallback !== undefined) return fallback;
  const value = /^(?:0|[1-9]\d{0,15})$/.test(given ?? '') ? Number(given) : Number.NaN;
  if (!(value >= min && value <= max)) {
    throw new ParameterError(name, `${name} must be an integer from ${min} to ${max}.`);
  }
  return value;
}

/** 1 to 100 rows, 25 unless told. */
export function limitOf(c: EdgeContext): number {
  return integer(c, 'limit', { min: 1, max: 100, fallback: 25 });
}

/** One of a closed set; the first is what is meant by saying nothing. */
export function choice<T extends string>(
  c: EdgeContext,
  name: string,
  set: readonly [T, ...T[]],
): T {
  const given = text(c, name);
  if (given === undefined) return set[0];
  const found = set.find((candidate) => candidate === given);
  if (found === undefined)
    throw new ParameterError(name, `${name} must be one of ${set.join(', ')}.`);
  return found;
}

/** Text that `parse` turns into a value; null from `parse` is a refusal that says `expected`. */
export function parsed<T>(
  c: EdgeContext,
  name: string,
  parse: (text: string) => T | null,
  expected: string,
): T | undefined {
  const given = text(c, name);
  return given === undefined ? undefined : parsedText(name, given, parse, expected);
}

/** As `parsed`, for a segment of the path. */
export function segment<T>(
  c: EdgeContext,
  name: string,
  parse: (text: string) => T | null,
  expected: string,
): T {
  return parsedText(name, c.req.param(name) ?? '', parse, expected);
}

/** The object that a segment names by its 43 characters or by its whole name. */
export function nameSegment(c: EdgeContext, name: string): ObjectName {
  const parse = (id: string) => nameFromId(id) ?? parseObjectName(id);
  return segment(c, name, parse, 'the 43 characters of an object’s name');
}

function parsedText<T>(
  name: string,
  given: string,
  parse: (text: string) => T | null,
  expected: string,
): T {
  const value = parse(given);
  if (value === null) throw new ParameterError(name, `${name} must be ${expected}.`);
  return value;
}
