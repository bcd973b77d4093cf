// JSON Web Tokens in compact form: the one file that knows did-jwt, and how strictly a token is read here.
import { createJWS, ES256KSigner, ES256Signer, type Signer, verifyJWS } from 'did-jwt';
import { fromBase64url, toBase64url, toHex, utf8 } from './bytes.ts';
import type { Crypto } from './crypto.ts';
import { ProtocolError } from './error.ts';
import { isObject, type JsonObject, parseIJson } from './json.ts';
import { ALGORITHMS, type KeyKind, type PrivateKey, type PublicKey } from './public-key.ts';

export type ReadJwt =
  | {
      readonly ok: true;
      readonly header: JsonObject;
      readonly payload: JsonObject;
      /** 64 bytes. */
      readonly signature: Uint8Array;
    }
  | { readonly ok: false; readonly detail: string };

/** Characters, unless a caller knows that its tokens are longer. */
const MAX_LENGTH = 4096;

/** How did-jwt is told what kind of key it is given. */
const VERIFICATION_TYPES: Readonly<Record<KeyKind, string>> = {
  Ed25519: 'Ed25519VerificationKey2020',
  'P-256': 'EcdsaSecp256r1VerificationKey2019',
  secp256k1: 'EcdsaSecp256k1VerificationKey2019',
};

/**
 * Signs with the algorithm of the key, which the header must name. Header and payload stand in it as JCS and
 * signatures are deterministic, so equal input gives equal tokens. Throws `invalid_argument` for another algorithm.
 */
export function signJwt(
  header: JsonObject,
  payload: JsonObject,
  key: PrivateKey,
  crypto: Pick<Crypto, 'sign'>,
): Promise<string> {
  if (header.alg !== ALGORITHMS[key.kind]) {
    throw new ProtocolError('invalid_argument', `a ${key.kind} key signs ${ALGORITHMS[key.kind]}`);
  }
  return createJWS(payload, signerOf(key, crypto), header, { canonicalize: true });
}

function signerOf({ kind, secret }: PrivateKey, crypto: Pick<Crypto, 'sign'>): Signer {
  if (kind === 'P-256') return ES256Signer(secret);
  if (kind === 'secp256k1') return ES256KSigner(secret);
  // Signing here keeps the seed out of the library.
  return async (data) =>
    toBase64url(crypto.sign(secret, typeof data === 'string' ? utf8(data) : data));
}

/** The parts of a token, nothing verified. Each part has one spelling and is I-JSON, so all readers see the same. */
export function readJwt(token: string, maxLength = MAX_LENGTH): ReadJwt {
  if (token.length > maxLength) return unreadable(`more than ${maxLength} characters`);
  const parts = token.split('.');
  if (parts.length !== 3) return unreadable('a compact token has three parts');
  const [headerBytes, payloadBytes, signature] = parts.map(fromBase64url);
  if (!headerBytes || !payloadBytes || !signature) {
    return unreadable('a part is not unpadded base64url in its canonical spelling');
  }
  if (signature.length !== 64) return unreadable('a signature has 64 bytes');
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

/** Whether `readJwt`'s signature of `token`, whose `alg` is that of the key, is this key's. */
export async function verifyJwtSignature(
  token: string,
  signature: Uint8Array,
  { kind, bytes }: PublicKey,
  crypto: Pick<Crypto, 'verify'>,
): Promise<boolean> {
  const method = { id: '', controller: '', type: VERIFICATION_TYPES[kind] };
  try {
    verifyJWS(token, { ...method, publicKeyHex: toHex(bytes) });
  } catch {
    return false;
  }
  if (kind !== 'Ed25519') return true;
  // did-jwt verifies by ZIP-215: a key of small order signs anything without a secret. Its yes is not enough.
  return crypto.verify(bytes, utf8(token.slice(0, token.lastIndexOf('.'))), signature);
}
