// Keys of signed notes (c2sp.org/signed-note): name, key ID, and their text form, the vkey.
import { concatBytes, fromBase64, toBase64, toHex, utf8 } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { LogError } from './error.ts';

/** Signature types this room knows: an Ed25519 note signature, and a timestamped Ed25519 cosignature. */
export const NOTE_ED25519 = 0x01;
export const COSIGNATURE_V1 = 0x04;
export type NoteKeyType = typeof NOTE_ED25519 | typeof COSIGNATURE_V1;

/** A public key that a reader of notes knows. Name and key ID together identify it. */
export interface NoteVerifier {
  readonly name: string;
  /** Eight hex digits, lower case. */
  readonly keyId: string;
  readonly type: NoteKeyType;
  readonly publicKey: Uint8Array;
}

/** A `NoteVerifier` with its 32-byte Ed25519 seed. */
export interface NoteSigner extends NoteVerifier {
  readonly seed: Uint8Array;
}

/** c2sp.org/signed-note, Format: non-empty, no Unicode space, no plus; no ASCII control character as in any note. */
export function isKeyName(name: string): boolean {
  return (
    name.length > 0 &&
    name.isWellFormed() &&
    !name.includes('+') &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what the format forbids.
    !/[\p{White_Space}\u0000-\u001f]/u.test(name)
  );
}

/** SHA-256(name ‖ 0x0A ‖ type ‖ public key)[:4] as eight hex digits. */
function noteKeyId(name: string, type: NoteKeyType, publicKey: Uint8Array, crypto: Crypto): string {
  const input = concatBytes(utf8(`${name}\n`), Uint8Array.of(type), publicKey);
  return toHex(crypto.sha256(input).subarray(0, 4));
}

/** Throws `LogError` for a name no note can carry or a key that is not 32 bytes. */
export function noteVerifier(
  name: string,
  type: NoteKeyType,
  publicKey: Uint8Array,
  crypto: Crypto,
): NoteVerifier {
  if (!isKeyName(name)) throw new LogError('invalid_argument', 'not a note key name');
  if (publicKey.length !== 32) throw new LogError('invalid_argument', 'a public key has 32 bytes');
  return { name, keyId: noteKeyId(name, type, publicKey, crypto), type, publicKey };
}

/** A signer from a 32-byte seed: type `NOTE_ED25519` for logs, `COSIGNATURE_V1` for witnesses. */
export function noteSigner(
  name: string,
  type: NoteKeyType,
  seed: Uint8Array,
  crypto: Crypto,
): NoteSigner {
  return { ...noteVerifier(name, type, crypto.publicKeyOf(seed), crypto), seed };
}

/** `<name>+<key ID in hex>+<base64(type ‖ public key)>`. */
export function formatVerifierKey(key: NoteVerifier): string {
  return `${key.name}+${key.keyId}+${toBase64(concatBytes(Uint8Array.of(key.type), key.publicKey))}`;
}

export type VerifierKeyResult =
  | { readonly ok: true; readonly verifier: NoteVerifier }
  | {
      readonly ok: false;
      readonly reason: 'malformed_key' | 'unsupported_key_type' | 'key_id_mismatch';
      readonly detail: string;
    };

/** Reads a vkey. The key ID is recomputed: a vkey whose ID is not its own is refused. */
export function parseVerifierKey(vkey: string, crypto: Crypto): VerifierKeyResult {
  // Base64 may contain '+', so only the first two separate.
  const first = vkey.indexOf('+');
  const second = vkey.indexOf('+', first + 1);
  const name = vkey.slice(0, Math.max(first, 0));
  const keyId = vkey.slice(first + 1, Math.max(second, 0));
  const material = second < 0 ? null : fromBase64(vkey.slice(second + 1));
  if (material === null || !isKeyName(name) || !/^[0-9a-f]{8}$/.test(keyId)) {
    return { ok: false, reason: 'malformed_key', detail: 'a vkey is <name>+<8 hex>+<base64>' };
  }
  const type = material[0];
  if (type !== NOTE_ED25519 && type !== COSIGNATURE_V1) {
    return { ok: false, reason: 'unsupported_key_type', detail: `signature type ${type}` };
  }
  if (material.length !== 33) {
    return { ok: false, reason: 'malformed_key', detail: 'an Ed25519 key has 32 bytes' };
  }
  const verifier = noteVerifier(name, type, material.slice(1), crypto);
  if (verifier.keyId !== keyId) {
    return { ok: false, reason: 'key_id_mismatch', detail: `the key's ID is ${verifier.keyId}` };
  }
  return { ok: true, verifier };
}
