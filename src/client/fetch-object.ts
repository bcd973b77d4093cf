// Fetches signed objects by their hash and checks them here: the node is not asked to be believed.

import { commitment, SALT_SIZE } from '../log/entry.ts';
import type { Activity } from '../protocol/activity.ts';
import { parseActivity } from '../protocol/activity-schema.ts';
import { fromBase64url, toBase64url } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { parseIJson } from '../protocol/json.ts';
import { type KeyResolver, type VerifiedObject, verifyObjectBytes } from '../protocol/object.ts';
import { idOf, nameFromHash, type ObjectName } from '../protocol/object-name.ts';
import type { Receipt } from '../protocol/views.ts';
import { ClientError } from './error.ts';
import type { SignedFetch } from './signed-fetch.ts';

function failed(name: ObjectName, detail: string): ClientError {
  return new ClientError('verification_failed', `${name}: ${detail}`, {
    remedy: 'Ask another node for the same hash, and tell the operator of this one.',
  });
}

/** The bytes that a node has under a name; what does not hash to the name is refused. */
export async function fetchObjectBytes(
  name: ObjectName,
  request: SignedFetch,
  crypto: Pick<Crypto, 'sha256'>,
): Promise<Uint8Array> {
  const path = `/.well-known/ni/sha-256/${idOf(name)}`;
  const { body } = await request({ method: 'GET', path, unsigned: true });
  if (nameFromHash(crypto.sha256(body)) !== name) throw failed(name, 'other bytes came back');
  return body;
}

/** An act and the bytes that were signed. */
export interface FetchedAct {
  readonly name: ObjectName;
  readonly activity: Activity;
  readonly bytes: Uint8Array;
}

/**
 * The act under a name, by hash alone: enough to refer to it, or to pass it on. Who signed it is not checked, so it also
 * works for authors whose DID document cannot be reached.
 */
export async function fetchAct(
  name: ObjectName,
  request: SignedFetch,
  crypto: Pick<Crypto, 'sha256'>,
): Promise<FetchedAct> {
  const bytes = await fetchObjectBytes(name, request, crypto);
  const json = parseIJson(bytes);
  if (!json.ok) throw failed(name, json.detail);
  const parsed = parseActivity(json.value);
  if (!parsed.ok) throw failed(name, parsed.detail);
  return { name, activity: parsed.activity, bytes };
}

/** The object under a name with its proof checked. */
export async function fetchVerifiedObject(
  name: ObjectName,
  request: SignedFetch,
  context: { readonly crypto: Crypto; readonly resolveKey: KeyResolver },
): Promise<VerifiedObject> {
  const verdict = await verifyObjectBytes(
    await fetchObjectBytes(name, request, context.crypto),
    context,
  );
  if (!verdict.ok) throw failed(name, `${verdict.reason}: ${verdict.detail}`);
  return verdict.object;
}

/**
 * Throws `verification_failed` unless the receipt is for these bytes: its commitment opens to them. That the
 * commitment stands in the log is for a proof against the checkpoint.
 */
export function checkReceipt(
  receipt: Receipt,
  name: ObjectName,
  bytes: Uint8Array,
  crypto: Crypto,
) {
  // A receipt is the node's word: nothing in it need be what the type says.
  const { id, salt: text, c }: Partial<Receipt> = receipt ?? {};
  const salt = typeof text === 'string' ? fromBase64url(text) : null;
  const opens = salt?.length === SALT_SIZE && toBase64url(commitment(salt, bytes, crypto)) === c;
  if (id !== name || !opens) throw failed(name, 'the receipt is for something else');
}
