// One log entry with its body as nodes send it to each other: in bodies that are pulled and in batches that are pushed.

import { SALT_SIZE } from '../log/entry.ts';
import { fromBase64url, toBase64url, utf8 } from '../protocol/bytes.ts';
import type { JsonObject, JsonValue } from '../protocol/json.ts';
import { type ObjectName, parseObjectName } from '../protocol/object-name.ts';
import { isIndex, isObject } from './json-shape.ts';

/** What an entry commits to: a signed object and the salt, or the name of what the Delete at `by` erased. */
export type EntryBody =
  | { readonly erased: false; readonly object: JsonObject; readonly salt: Uint8Array }
  | { readonly erased: true; readonly name: ObjectName; readonly by: number };

export interface EntryRecord {
  /** The leaf's bytes, not checked yet. */
  readonly line: Uint8Array;
  readonly body: EntryBody;
}

/** Reads the members `o` and `s`, or `n` and `by`; null for anything else. */
export function parseEntryBody(record: JsonObject): EntryBody | null {
  const { o: object, s: salt, n: name, by } = record;
  if (object !== undefined) {
    const bytes = typeof salt === 'string' ? fromBase64url(salt) : null;
    if (name !== undefined || by !== undefined || bytes?.length !== SALT_SIZE) return null;
    return isObject(object) ? { erased: false, object, salt: bytes } : null;
  }
  const parsed = typeof name === 'string' ? parseObjectName(name) : null;
  if (salt !== undefined || parsed === null || !isIndex(by)) return null;
  return { erased: true, name: parsed, by };
}

/** The members that `parseEntryBody` reads. */
export function formatEntryBody(body: EntryBody): JsonObject {
  return body.erased
    ? { by: body.by, n: body.name }
    : { o: body.object, s: toBase64url(body.salt) };
}

/** Reads one element of a pushed batch: `line` beside the body's members. */
export function parseEntryRecord(value: JsonValue): EntryRecord | null {
  if (!isObject(value) || typeof value.line !== 'string') return null;
  const body = parseEntryBody(value);
  return body === null ? null : { line: utf8(value.line), body };
}
