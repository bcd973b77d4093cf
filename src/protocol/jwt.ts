// JSON Web Tokens in compact form: the one file that knows did-jwt, and how strictly a token is read here.
import { createJWS, verifyJWS } from 'did-jwt';
import { fromBase64url, toBase64url, utf8 } from './bytes.ts';
import type { Crypto } from './crypto.ts';
import { isObject, type JsonObject, parseIJson } from './json.ts';
import { ed25519ToMultibase } from './multikey.ts';

export type ReadJwt =
  | {
      readonly ok: true;
      readonly header: JsonObject;
      readonly payload: JsonObject;
      /** 64 bytes. */
      readonly signature: Uint8Array;
    }
  | { readonly ok: false; readonly detail: string };

const MAX_LENGTH = 4096;

/** Signs with a 32-byte Ed25519 seed. Header and payload stand in it as JCS, so equal input gives equal tokens. */
export function signJwt(
  header: JsonObject,
  payload: JsonObject,
  seed: Uint8Array,
  crypto: Pick<Crypto, 'sign'>,
): Promise<string> {
  // Signing here keeps the seed out of the library.
  const signer = async (data: string | Uint8Array): Promise<string> =>
    toBase64url(crypto.sign(seed, typeof data === 'string' ? utf8(data) : data));
  return createJWS(payload, signer, header, { canonicalize: true });
}

/** The parts of a token, nothing verified. Each part has one spelling and is I-JSON, so all readers see the same. */
export function readJwt(token: string): ReadJwt {
  if (token.length > MAX_LENGTH) return unreadable(`more than ${MAX_LENGTH} characters`);
  const parts = token.split('.');
  if (parts.length !== 3) return unreadable('a compact token has three parts');
  const [headerBytes, payloadBytes, signature] = parts.map(fromBase64url);
  if (!headerBytes || !payloadBytes || !signature) {
    return unreadable('a part is not unpadded base64url in its canonical spelling');
  }
  if (signature.length !== 64) return unreadable('an Ed25519 signature has 64 bytes');
  const header = parseIJson(headerBytes);
  if (!header.ok) return unreadable(`the header is not I-JSON: ${header.detail}`);
  const payload = parseIJson(payloadBytes);
  if (!payload.ok) return unreadable(`the payload is not I-JSON: ${payload.detail}`);
  if (!isObject(header.value) || !isObject(payload.value)) {
    return unreadable('header and payload must be objects');
  }
  return { ok: true, header: header.value, payload: payload.value, signature };
}

function unreadable(detail: string): ReadJwt {
  return { ok: false, detail };
}

/** Whether `readJwt`'s signature of `token` is this key's, for did-jwt and under the one Ed25519 rule. */
export async function verifyJwtSignature(
  token: string,
  signature: Uint8Array,
  publicKey: Uint8Array,
  crypto: Pick<Crypto, 'verify'>,
): Promise<boolean> {
  const method = { id: '', controller: '', type: 'Multikey' };
  try {
    verifyJWS(token, { ...method, publicKeyMultibase: ed25519ToMultibase(publicKey) });
  } catch {
    return false;
  }
  // did-jwt verifies by ZIP-215: a key of small order signs anything without a secret. Its yes is not enough.
  return crypto.verify(publicKey, utf8(token.slice(0, token.lastIndexOf('.'))), signature);
}
