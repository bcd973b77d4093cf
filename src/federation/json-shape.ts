// Shapes of parsed JSON that all wire formats of this room are read with.
import type { JsonObject, JsonValue } from '../protocol/json.ts';

/** A whole number from 0, as sizes and indexes are. */
export function isIndex(value: JsonValue | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** True if the object has these members and no others. */
export function hasExactly(value: JsonObject, ...names: readonly string[]): boolean {
  const members = Object.keys(value);
  return members.length === names.length && names.every((name) => Object.hasOwn(value, name));
}
