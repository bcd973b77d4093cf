// Verifies ordinary posts, comments and votes by the short way, for nodes: a bundle for browsers does without it.
import type { Activity } from './activity.ts';
import type { KeyResolver, VerifiedObject, VerifyContext } from './object.ts';
import { nameOf } from './object-name.ts';
import { type PlainObject, PlainReader } from './plain-object.ts';

/** What `verifyObjectBytes` would make of the bytes; null if it has to be asked: they may be anything, or wrong. */
export type PlainVerifier = (
  bytes: Uint8Array,
  resolveKey: KeyResolver,
) => Promise<VerifiedObject | null>;

export function createPlainVerifier(crypto: VerifyContext['crypto']): PlainVerifier {
  const reader = new PlainReader(crypto);
  return async (bytes, resolveKey) => {
    const plain = reader.read(bytes);
    return plain && verifyPlain(plain, { crypto, resolveKey });
  };
}

/**
 * What `verifyObject` would make of an object that `PlainReader` has read; null if it has to be asked what is wrong. A did:key
 * is its own key, and the resolver is not asked for it.
 */
export async function verifyPlain(
  { actor, bytes, data, keyId, publicKey, signature, text }: PlainObject,
  { crypto, resolveKey }: VerifyContext,
): Promise<VerifiedObject | null> {
  // What is canonical has no member twice, so nothing is lost in it.
  const activity = JSON.parse(text) as Activity;
  const key = publicKey ?? (await keyOf(resolveKey(actor, keyId, activity)));
  if (key === null || !(await crypto.verify(key, data, signature))) return null;
  const object = { name: nameOf(bytes, crypto), bytes, activity, keyId, publicKey: key };
  return object as VerifiedObject;
}

async function keyOf(found: ReturnType<KeyResolver>): Promise<Uint8Array | null> {
  const key = await found;
  return key.ok ? key.publicKey : null;
}
