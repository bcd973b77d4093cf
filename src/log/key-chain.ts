// The keys that have signed a home's logs, one after the other: signed statements, each naming the one whose key it replaces.
import { concatBytes, toHex, utf8 } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { type Did, parseDid, publicKeyOfDidKey } from '../protocol/did.ts';
import { canonicalize } from '../protocol/jcs.ts';
import { isObject, type JsonValue, parseIJson } from '../protocol/json.ts';
import { LOG_KEYS } from '../protocol/labels.ts';
import { type VerifiedObject, type VerifyContext, verifyObject } from '../protocol/object.ts';
import { nameOf, type ObjectName } from '../protocol/object-name.ts';
import { parseNote } from './note.ts';
import { NOTE_ED25519, noteVerifier } from './note-key.ts';

/** Keys that one home may have had: what a reader has to look at before it believes the newest. */
export const MAX_KEY_STATEMENTS = 64;
/** Bytes of them all, as a list. */
export const MAX_CHAIN_BYTES = 1_048_576;

/** Never empty. Oldest first; the last key signs what comes, those before it have signed what was. */
export interface KeyChain {
  readonly home: Did;
  readonly keys: readonly Uint8Array[];
  readonly statements: readonly VerifiedObject[];
}

export type KeyChainVerdict =
  | { readonly ok: true; readonly chain: KeyChain }
  | { readonly ok: false; readonly detail: string; readonly retryable: boolean };

/**
 * Verifies a statement, or the list of all, oldest first. Each is an `Add` of `#log-keys` by one and the same node; the first
 * replaces nothing, and every other one names the statement before it as `previous` and counts on with `seq`: who has stolen a
 * retired key cannot state another after it, and who has left some out cannot pass on the rest.
 */
export async function verifyKeyChain(
  value: JsonValue,
  { crypto, resolveKey }: VerifyContext,
): Promise<KeyChainVerdict> {
  const values = Array.isArray(value) ? value : [value];
  if (values.length === 0 || values.length > MAX_KEY_STATEMENTS) {
    return refuse(`1 to ${MAX_KEY_STATEMENTS} statements make a chain, not ${values.length}`);
  }
  const statements: VerifiedObject[] = [];
  const keys: Uint8Array[] = [];
  for (const statement of values) {
    const verdict = await verifyObject(statement, { crypto, resolveKey });
    if (!verdict.ok) {
      const detail = `${verdict.reason}: ${verdict.detail}`;
      return { ok: false, detail, retryable: verdict.retryable ?? false };
    }
    const key = keyAfter(statements.at(-1) ?? null, verdict.object, statements.length, crypto);
    if (typeof key === 'string') return refuse(key);
    if (keys.some((earlier) => toHex(earlier) === toHex(key))) {
      return refuse('a key that was replaced does not come back');
    }
    statements.push(verdict.object);
    keys.push(key);
  }
  return {
    ok: true,
    chain: { home: (statements[0] as VerifiedObject).activity.actor, keys, statements },
  };
}

/** The key that is stated after `before`, or why it is none. */
function keyAfter(
  before: VerifiedObject | null,
  { activity }: VerifiedObject,
  place: number,
  crypto: Pick<Crypto, 'acceptsKey'>,
): Uint8Array | string {
  if (activity.type !== 'Add' || activity.target !== LOG_KEYS) {
    return 'it is not the statement of a log key';
  }
  const did = parseDid(activity.object);
  const key = did && publicKeyOfDidKey(did);
  if (key === null || !crypto.acceptsKey(key)) return 'it states no key that can sign';
  if (before === null) {
    return activity.previous === undefined ? key : 'the statement that it continues is missing';
  }
  if (activity.actor !== before.activity.actor) return `statement ${place} is by somebody else`;
  return continues(activity, before.name, place) ? key : `statement ${place} is out of order`;
}

function continues(
  { previous, seq }: { readonly previous?: ObjectName; readonly seq?: number },
  before: ObjectName,
  place: number,
): boolean {
  return previous === before && seq === place;
}

/** One statement as it is; several as a JSON list. Their canonical bytes are kept, so this is in JCS form too. */
export function encodeKeyChain(statements: readonly Uint8Array[]): Uint8Array {
  const [only, ...more] = statements;
  if (only !== undefined && more.length === 0) return only;
  const parts = statements.flatMap((bytes, i) => [utf8(i === 0 ? '[' : ','), bytes]);
  return concatBytes(...parts, utf8(']'));
}

/** Whether `newer` has the keys of `older` at its beginning: what is known of a home can be added to, not changed. */
export function continuesKeys(newer: readonly Uint8Array[], older: readonly Uint8Array[]): boolean {
  return older.every((key, i) => {
    const same = newer[i];
    return same !== undefined && toHex(same) === toHex(key);
  });
}

/**
 * The chain up to the last key that has signed `note`: what stood when it was the newest. All of it where none of the keys
 * has, or the chain cannot be read.
 */
export function cutKeyChain(bytes: Uint8Array, note: string, crypto: Crypto): Uint8Array {
  const statements = readStatements(bytes);
  const parsed = parseNote(note);
  if (statements.length < 2 || !parsed.ok) return bytes;
  const origin = note.slice(0, note.indexOf('\n'));
  const signed = peekKeys(bytes).findLastIndex((key) => {
    const { keyId } = noteVerifier(origin, NOTE_ED25519, key, crypto);
    return parsed.note.signatures.some((line) => line.name === origin && line.keyId === keyId);
  });
  const kept = signed < 0 ? statements : statements.slice(0, signed + 1);
  return encodeKeyChain(kept.map((statement) => canonicalize(statement)));
}

/** The keys in a chain that was verified when it was stored; none where it is no chain. */
export function peekKeys(bytes: Uint8Array): Uint8Array[] {
  return readStatements(bytes).flatMap((statement) => {
    const object = isObject(statement) ? statement.object : null;
    const did = typeof object === 'string' ? parseDid(object) : null;
    const key = did && publicKeyOfDidKey(did);
    return key === null ? [] : [key];
  });
}

/** Name of the newest statement of such a chain: what the next one continues. Null where it is no chain. */
export function nameOfLast(bytes: Uint8Array, crypto: Crypto): ObjectName | null {
  const last = readStatements(bytes).at(-1);
  return last === undefined ? null : nameOf(canonicalize(last), crypto);
}

function readStatements(bytes: Uint8Array): JsonValue[] {
  const parsed = parseIJson(bytes, { maxBytes: MAX_CHAIN_BYTES });
  if (!parsed.ok) return [];
  return Array.isArray(parsed.value) ? parsed.value : [parsed.value];
}

function refuse(detail: string): KeyChainVerdict {
  return { ok: false, detail, retryable: false };
}
