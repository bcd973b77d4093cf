// JSON Schema (2020-12) in few words, for what the interface answers.
import type { JsonObject, JsonValue } from '../protocol/json.ts';

export type Schema = JsonObject;
type Members = Readonly<Record<string, Schema>>;

export const text: Schema = { type: 'string' };
export const count: Schema = { type: 'integer', minimum: 0 };
export const integer: Schema = { type: 'integer' };
export const flag: Schema = { type: 'boolean' };
/** ISO 8601 in UTC with milliseconds. */
export const time: Schema = { type: 'string', format: 'date-time' };
export const did: Schema = { type: 'string', pattern: '^did:' };
export const name: Schema = { type: 'string', pattern: '^ni:///sha-256;[A-Za-z0-9_-]{43}$' };
export const id: Schema = { type: 'string', pattern: '^[A-Za-z0-9_-]{43}$' };
/** A signed object or another document whose form another page of the specification has. */
export const document: Schema = { type: 'object' };

export function ref(component: string): Schema {
  return { $ref: `#/components/schemas/${component}` };
}

export function constant(value: JsonValue): Schema {
  return { const: value };
}

/** One of these words; the first is what is meant by saying nothing. */
export function word(...words: readonly string[]): Schema {
  return { type: 'string', enum: [...words] };
}

export function list(items: Schema): Schema {
  return { type: 'array', items };
}

export function nullable(schema: Schema): Schema {
  return typeof schema.type === 'string' && schema.enum === undefined
    ? { ...schema, type: [schema.type, 'null'] }
    : { anyOf: [schema, { type: 'null' }] };
}

/** All of `members`, and those of `more` that apply. Readers pass over what else there is. */
export function record(members: Members, more: Members = {}): Schema {
  return { type: 'object', properties: { ...members, ...more }, required: Object.keys(members) };
}

/** What reads and writes of the API answer with. */
export function success(members: Members, more: Members = {}): Schema {
  return record({ success: constant(true), ...members }, more);
}

/** One page of a list under its own name. */
export function page(rows: string, items: Schema): Schema {
  return success({ [rows]: list(items), has_more: flag, next_cursor: nullable(text) });
}
