// Verifies ordinary posts, comments and votes by the short way, for nodes: a bundle for browsers does without it.
import type { Activity } from './activity.ts';
import type { KeyResolver, VerifiedObject, VerifyContext } from './object.ts';
import { nameOf } from './object-name.ts';
import { PlainReader } from './plain-object.ts';

/** What `verifyObjectBytes` would make of the bytes; null if it has to be asked: they may be anything, or wrong. */
export type PlainVerifier = (
  bytes: Uint8Array,
  resolveKey: KeyResolver,
) => Promise<VerifiedObject | null>;

export function createPlainVerifier(crypto: VerifyContext['crypto']): PlainVerifier {
  const reader = new PlainReader(crypto);
  return async (bytes, resolveKey) => {
    const plain = reader.read(bytes);
    if (plain === null) return null;
    const { actor, data, keyId, signature, text } = plain;
    // What is canonical has no member twice, so nothing is lost in it.
    const activity = JSON.parse(text) as Activity;
    const key = await resolveKey(actor, keyId, activity);
    if (!key.ok || !(await crypto.verify(key.publicKey, data, signature))) return null;
    const name = nameOf(plain.bytes, crypto);
    const object = { name, bytes: plain.bytes, activity, keyId, publicKey: key.publicKey };
    return object as VerifiedObject;
  };
}
