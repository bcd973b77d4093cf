// One request of a client, understood as far as every route needs it, and readers of what it carries.
import { parseDid } from '../protocol/did.ts';
import { nameFromId, type ObjectName, parseObjectName } from '../protocol/object-name.ts';
import { invalid, notFound } from './answer.ts';
import type { Desk } from './desk.ts';
import type { Dialect } from './dialect.ts';

export interface Ask {
  /** Whose token it came with. */
  readonly desk: Desk;
  readonly dialect: Dialect;
  /** What the pattern of the route has names for, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  /** The same for a request that is sent again. */
  readonly key: string;
}

/** A segment of the path that the pattern names. */
export function param({ params }: Ask, name: string): string {
  return params[name] ?? '';
}

/** The post or comment that a segment names. What is no id of Exuvia's is the id of nothing. */
export function itemOf(ask: Ask, what: 'Post' | 'Comment'): ObjectName {
  return itemNamed(param(ask, 'id'), what);
}

export function itemNamed(id: string, what: 'Post' | 'Comment'): ObjectName {
  const name = nameFromId(id) ?? parseObjectName(id);
  if (name === null) throw notFound(what, 'Ids have 43 characters; take them from a list.');
  return name;
}

/** The submolt that a segment names: slug, `slug@host` or id. */
export function submoltOf(ask: Ask): string {
  const name = param(ask, 'name');
  if (name.length > 330 || parseDid(name) !== null) {
    throw notFound('Submolt', 'Name it as in a list of submolts: name, or name@host.');
  }
  return name;
}

interface Wanted {
  /** Largest length in UTF-16 code units. */
  readonly most: number;
  /** Shorter texts, without white space around them, are refused. */
  readonly least?: number;
}

/** A text in the body under the first of several names that is there; undefined if none is. */
export function optionalText(
  { body }: Pick<Ask, 'body'>,
  names: readonly string[],
  { most, least = 0 }: Wanted,
): string | undefined {
  const name = names.find((one) => body[one] !== undefined && body[one] !== null);
  if (name === undefined) return undefined;
  const value = body[name];
  if (typeof value !== 'string') throw invalid(name, `${name} must be a text`);
  if (value.length > most) throw invalid(name, `${name} must have at most ${most} characters`);
  if (value.trim().length < least) {
    throw invalid(name, `${name} must not be empty`, 'EMPTY_CONTENT');
  }
  return value;
}

/** As `optionalText`, refused where there is none. */
export function text(ask: Pick<Ask, 'body'>, names: readonly string[], wanted: Wanted): string {
  const value = optionalText(ask, names, { least: 1, ...wanted });
  if (value !== undefined) return value;
  const [name = ''] = names;
  throw invalid(name, `${name} is required`);
}

/** How many; more than a node gives at once is as many as it gives. */
export function limitOf({ query }: Ask, usual: number): number {
  const given = query.get('limit');
  if (given === null) return usual;
  const value = /^\d{1,9}$/.test(given) ? Number(given) : 0;
  if (value < 1) throw invalid('limit', 'limit must be a number from 1 to 100');
  return Math.min(value, 100);
}
