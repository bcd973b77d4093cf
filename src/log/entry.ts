// The log line: a salted commitment to a signed object, its kind and the home's clock, and nothing of the author's.
import type { ActivityType } from '../protocol/activity.ts';
import { toBase64url, utf8 } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { Scratch } from '../protocol/scratch.ts';
import { LogError } from './error.ts';

/** What an entry may be of: the type of the object it commits to. */
export type EntryKind = ActivityType;

const kinds: Record<EntryKind, true> = {
  Create: true,
  Like: true,
  Dislike: true,
  Undo: true,
  Follow: true,
  Update: true,
  Delete: true,
  Remove: true,
  Add: true,
  Block: true,
  Flag: true,
  Move: true,
};

/** One leaf of a log. */
export interface LogEntry {
  /** base64url of the 32-byte commitment. */
  readonly c: string;
  readonly k: EntryKind;
  /** Milliseconds of the home's clock, at most 253402300799999, never less than in the entry before. */
  readonly t: number;
  readonly v: 1;
}

/** 9999-12-31T23:59:59.999Z: what lies beyond has no RFC 3339 form. */
const MAX_TIME = 253_402_300_799_999;

/** Bytes of the random salt that the node, never the author, chooses for each entry. */
export const SALT_SIZE = 16;

const commitmentPrefix = utf8('exuvia-entry-v1\0');
const scratch = new Scratch(4096);

/**
 * SHA-256(`exuvia-entry-v1\0` ‖ salt ‖ bytes), 32 bytes. `bytes` is the object's JCS form, proof included.
 * Once salt and object are gone nobody can link the commitment to them, however few objects are possible.
 */
export function commitment(
  salt: Uint8Array,
  bytes: Uint8Array,
  crypto: Pick<Crypto, 'sha256'>,
): Uint8Array {
  if (salt.length !== SALT_SIZE) {
    throw new LogError('invalid_argument', `a salt has ${SALT_SIZE} bytes`);
  }
  return crypto.sha256(scratch.join(commitmentPrefix, salt, bytes));
}

/** Makes the entry for a 32-byte commitment. */
export function makeEntry(commitmentHash: Uint8Array, kind: EntryKind, t: number): LogEntry {
  return { c: toBase64url(commitmentHash), k: kind, t, v: 1 };
}

/** The leaf's exact bytes: RFC 8785, one line, no newline. Throws `LogError` for an entry that cannot be parsed back. */
export function encodeEntry(entry: LogEntry): Uint8Array {
  // No member holds a character that JSON escapes and the keys are in order, so this is the JCS form.
  const line = utf8(`{"c":"${entry.c}","k":"${entry.k}","t":${entry.t},"v":${entry.v}}`);
  if (parseEntry(line) === null) throw new LogError('invalid_argument', 'not a log entry');
  return line;
}

// The pattern admits ASCII alone, so bytes can be read as characters one by one. 32 bytes leave two bits of the last
// character of `c` over, which are zero.
const octets = new TextDecoder('latin1');
const linePattern =
  /^\{"c":"([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])","k":"([A-Za-z]{1,16})","t":(0|[1-9]\d{0,14}),"v":1\}$/;
const maxLineLength = 128;

/** Reads a leaf. Null unless the bytes are exactly what `encodeEntry` writes. */
export function parseEntry(bytes: Uint8Array): LogEntry | null {
  if (bytes.length > maxLineLength) return null;
  const match = linePattern.exec(octets.decode(bytes));
  if (match === null) return null;
  const [, c, k, digits] = match as unknown as [string, string, string, string];
  const t = Number(digits);
  if (!isEntryKind(k) || t > MAX_TIME) return null;
  return { c, k, t, v: 1 };
}

function isEntryKind(value: string): value is EntryKind {
  return Object.hasOwn(kinds, value);
}
