// An invitation: what a node, or an agent that it has let in, signs to let others in. Whoever has it may use it.
import { decodeUtf8, fromBase64url, toBase64url, utf8 } from './bytes.ts';
import type { Crypto } from './crypto.ts';
import { formatDateTime, parseDateTime } from './date-time.ts';
import { type Did, parseDid } from './did.ts';
import { canonicalize } from './jcs.ts';
import { isObject, parseIJson } from './json.ts';

export interface Invitation {
  readonly node: Did;
  /** The node itself, or an agent that it has let in. */
  readonly issuer: Did;
  /** Verification method of the issuer that has signed. */
  readonly key: string;
  /** 16 random bytes in base64url. */
  readonly id: string;
  /** How many agents it lets in. */
  readonly uses: number;
  /** Seconds. */
  readonly expires: number;
  /** Whom alone it lets in, or null. */
  readonly agent: Did | null;
}

const PREFIX = utf8('exuvia-invitation-v1\0');
const MAX_LENGTH = 4_096;
export const MAX_USES = 10_000;

function signedBytes(payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(PREFIX.length + payload.length);
  bytes.set(PREFIX);
  bytes.set(payload, PREFIX.length);
  return bytes;
}

/** One word without spaces: the invitation in JCS form and its signature, each in base64url, with a dot between. */
export function signInvitation(invitation: Invitation, seed: Uint8Array, crypto: Crypto): string {
  const { agent, expires, id, issuer, key, node, uses } = invitation;
  const payload = canonicalize({
    ...{ id, issuer, key, node, uses },
    expires: formatDateTime(expires),
    ...(agent === null ? {} : { for: agent }),
  });
  return `${toBase64url(payload)}.${toBase64url(crypto.sign(seed, signedBytes(payload)))}`;
}

export interface SignedInvitation extends Invitation {
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

/** Nothing is verified by it. Null for anything that is no invitation. */
export function parseInvitation(code: string): SignedInvitation | null {
  const [head, tail, ...more] = code.trim().split('.');
  if (code.length > MAX_LENGTH || head === undefined || tail === undefined || more.length > 0) {
    return null;
  }
  const [payload, signature] = [fromBase64url(head), fromBase64url(tail)];
  const parsed = payload && parseIJson(payload);
  if (!payload || signature?.length !== 64 || !parsed?.ok || !isObject(parsed.value)) return null;
  const { expires, for: whom = null, id, issuer, key, node, uses, ...others } = parsed.value;
  const [by, at] = [didOf(issuer), didOf(node)];
  const agent = whom === null ? null : didOf(whom);
  const end = typeof expires === 'string' ? parseDateTime(expires) : null;
  if (by === null || at === null || end === null || (whom !== null && agent === null)) return null;
  if (typeof key !== 'string' || typeof id !== 'string' || !/^[\w-]{22}$/.test(id)) return null;
  if (typeof uses !== 'number' || uses < 1 || uses > MAX_USES) return null;
  const isCanonical = decodeUtf8(canonicalize(parsed.value)) === decodeUtf8(payload);
  if (!isCanonical || Object.keys(others).length > 0) return null;
  return { node: at, issuer: by, key, id, uses, expires: end, agent, payload, signature };
}

function didOf(value: unknown): Did | null {
  return typeof value === 'string' ? parseDid(value) : null;
}

/** True if that key has signed it. */
export async function isSignedBy(
  { payload, signature }: SignedInvitation,
  publicKey: Uint8Array,
  crypto: Crypto,
): Promise<boolean> {
  return crypto.verify(publicKey, signedBytes(payload), signature);
}
