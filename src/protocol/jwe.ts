// JSON Web Encryption for several keys at once: did-jwt's framing, one algorithm, and how strictly it is read here.
import { aeskw, gcm } from '@noble/ciphers/aes.js';
import {
  computeX25519EcdhEsKek,
  createJWE,
  createX25519ECDH,
  createX25519EcdhEsKek,
  type Decrypter,
  decryptJWE,
  type Encrypter,
  type EphemeralKeyPair,
  type JWE,
} from 'did-jwt';
import type { AgreementKey, AgreementSecret } from './agreement-key.ts';
import { decodeUtf8, equalBytes, fromBase64url, toBase64url, utf8 } from './bytes.ts';
import type { Crypto } from './crypto.ts';
import { ProtocolError } from './error.ts';
import { canonicalize } from './jcs.ts';
import { isObject, type JsonObject, type JsonValue, parseIJson } from './json.ts';

/** RFC 7518 §4.6 and §5.3: the one algorithm; a header never gets to choose. */
const ALG = 'ECDH-ES+A256KW';
const ENC = 'A256GCM';
const TYP = 'exuvia-letter+jwe';

/** The two sides' keys: a few each. */
export const MAX_RECIPIENTS = 16;
const MAX_TEXT = 131_072;
const MAX_KID = 1_024;

/** X25519's base point. */
const BASE = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 9 : 0));

export interface SealedText {
  /** What stands in it, decoded as far as anybody can. */
  readonly jwe: Readonly<JWE>;
  /** Who can open it. */
  readonly kids: readonly string[];
  /** Bytes of the ciphertext. */
  readonly size: number;
}

export type ReadJwe =
  | { readonly ok: true; readonly sealed: SealedText }
  | { readonly ok: false; readonly detail: string };

type Random = (length: number) => Uint8Array;

/**
 * The bytes encrypted for each of these keys, as the JCS text of a JWE in general JSON serialization (RFC 7516 §7.2.1). What is
 * random in it is drawn in this order: the ephemeral key, the content key, the nonce. Throws `invalid_argument` for a key that
 * cannot be agreed with.
 */
export async function sealJwe(
  plaintext: Uint8Array,
  recipients: readonly AgreementKey[],
  { crypto, random }: { readonly crypto: Pick<Crypto, 'sha256'>; readonly random: Random },
): Promise<string> {
  const kids = recipients.map(({ id }) => id);
  if (kids.length === 0 || kids.length > MAX_RECIPIENTS || new Set(kids).size !== kids.length) {
    throw new ProtocolError('invalid_argument', `1 to ${MAX_RECIPIENTS} keys, each once`);
  }
  const apv = partyInfo(kids, crypto);
  const ephemeral = await ephemeralOf(random(32));
  const contentKey = random(32);
  const nonce = random(12);
  const encrypters = recipients.map((recipient): Encrypter => {
    const encryptCek = async (cek: Uint8Array, epk?: EphemeralKeyPair) => {
      const { kek } = await createX25519EcdhEsKek(
        recipient.publicKey,
        undefined,
        ALG,
        undefined,
        apv,
        epk,
      );
      const wrapped = toBase64url(aeskw(kek).encrypt(cek));
      return { encrypted_key: wrapped, header: { kid: recipient.id } };
    };
    return {
      alg: ALG,
      enc: ENC,
      genEpk: () => ephemeral,
      encryptCek,
      async encrypt(cleartext, header, _aad, epk) {
        const protectedHeader = toBase64url(canonicalize({ ...header, enc: ENC }));
        const sealed = gcm(contentKey, nonce, utf8(protectedHeader)).encrypt(cleartext);
        return {
          ciphertext: sealed.subarray(0, -16),
          tag: sealed.subarray(-16),
          iv: nonce,
          protectedHeader,
          recipient: await encryptCek(contentKey, epk),
          cek: contentKey,
        };
      },
    };
  });
  try {
    const jwe = await createJWE(plaintext, encrypters, { typ: TYP, apv }, undefined, true);
    return decodeUtf8(canonicalize(jwe));
  } catch (cause) {
    // X25519 gives nothing for a point of small order: everybody would know the key.
    const detail = 'one of the keys cannot be agreed with';
    throw new ProtocolError('invalid_argument', detail, { cause });
  }
}

/** Reads the public parts of a JWE, nothing decrypted: closed members, fixed algorithms, one spelling. */
export function readJwe(text: string, crypto: Pick<Crypto, 'sha256'>): ReadJwe {
  if (text.length > MAX_TEXT) return unreadable(`more than ${MAX_TEXT} characters`);
  const parsed = parseIJson(utf8(text));
  if (!parsed.ok) return unreadable(parsed.detail);
  const { value } = parsed;
  if (!isObject(value) || decodeUtf8(canonicalize(value)) !== text) {
    return unreadable('the JWE must be an object in JCS form (RFC 8785)');
  }
  if (!hasExactly(value, ['ciphertext', 'iv', 'protected', 'recipients', 'tag'])) {
    return unreadable('members must be protected, recipients, iv, ciphertext and tag');
  }
  const ciphertext = bytesOf(value.ciphertext);
  if (
    ciphertext === null ||
    bytesOf(value.iv)?.length !== 12 ||
    bytesOf(value.tag)?.length !== 16
  ) {
    return unreadable('iv, ciphertext and tag must be base64url of 12, any number of and 16 bytes');
  }
  const kids = kidsOf(value.recipients);
  if (kids === null) return unreadable(`recipients must be 1 to ${MAX_RECIPIENTS}, each once`);
  const fault = headerFault(value.protected, kids, crypto);
  if (fault !== null) return unreadable(fault);
  return { ok: true, sealed: { jwe: value as unknown as JWE, kids, size: ciphertext.length } };
}

/** The bytes, if this secret opens them under its own `kid`; null for anything else. No other recipient's entry is tried. */
export async function openJwe(
  { jwe }: SealedText,
  { id, secret }: AgreementSecret,
): Promise<Uint8Array | null> {
  const mine = jwe.recipients?.find(({ header }) => header.kid === id);
  if (mine === undefined) return null;
  const decrypter: Decrypter = {
    alg: ALG,
    enc: ENC,
    async decrypt(sealed, iv, aad, recipient) {
      if (recipient === undefined) return null;
      const kek = await computeX25519EcdhEsKek(recipient, secret, ALG);
      if (kek === null) return null;
      const wrapped = fromBase64url(recipient.encrypted_key) ?? new Uint8Array();
      return gcm(aeskw(kek).decrypt(wrapped), iv, aad).decrypt(sealed);
    },
  };
  try {
    // did-jwt writes into the headers that it reads.
    const recipient = { ...mine, header: { ...mine.header } };
    return await decryptJWE({ ...jwe, recipients: [recipient] }, decrypter);
  } catch {
    return null;
  }
}

async function ephemeralOf(secretKey: Uint8Array): Promise<EphemeralKeyPair> {
  const publicKey = await createX25519ECDH(secretKey)(BASE);
  return { secretKey, publicKeyJWK: { crv: 'X25519', kty: 'OKP', x: toBase64url(publicKey) } };
}

/** Binds every wrapped key to the list of all who can open it: nobody is put on it or taken off it unseen. */
function partyInfo(kids: readonly string[], crypto: Pick<Crypto, 'sha256'>): string {
  return toBase64url(crypto.sha256(utf8(kids.toSorted().join('.'))));
}

function headerFault(
  encoded: JsonValue | undefined,
  kids: readonly string[],
  crypto: Pick<Crypto, 'sha256'>,
): string | null {
  const bytes = bytesOf(encoded);
  const parsed = bytes && parseIJson(bytes);
  if (!bytes || !parsed?.ok || !isObject(parsed.value)) return 'protected is no header';
  const header = parsed.value;
  // No crit, zip, jku, jwk: what is not known here changes what the rest means.
  if (!hasExactly(header, ['alg', 'apv', 'enc', 'epk', 'typ'])) {
    return 'the header must have alg, apv, enc, epk and typ alone';
  }
  if (!equalBytes(canonicalize(header), bytes)) return 'the header must be in JCS form';
  const { alg, apv, enc, epk, typ } = header;
  if (alg !== ALG || enc !== ENC) return `alg must be ${ALG} and enc ${ENC}`;
  if (typ !== TYP) return `typ must be ${TYP}`;
  if (apv !== partyInfo(kids, crypto)) return 'apv must be that of the recipients';
  const agreed = isObject(epk) && hasExactly(epk, ['crv', 'kty', 'x']) ? epk : null;
  return agreed?.crv === 'X25519' && agreed.kty === 'OKP' && bytesOf(agreed.x)?.length === 32
    ? null
    : 'epk must be an X25519 key';
}

function kidsOf(recipients: JsonValue | undefined): readonly string[] | null {
  if (!Array.isArray(recipients) || recipients.length === 0) return null;
  if (recipients.length > MAX_RECIPIENTS) return null;
  const kids = new Set<string>();
  for (const one of recipients) {
    if (!isObject(one) || !hasExactly(one, ['encrypted_key', 'header'])) return null;
    const { encrypted_key: key, header } = one;
    // RFC 3394: 32 bytes of key and 8 of integrity.
    if (bytesOf(key)?.length !== 40 || !isObject(header) || !hasExactly(header, ['kid']))
      return null;
    const { kid } = header;
    if (typeof kid !== 'string' || kid.length > MAX_KID || kids.has(kid)) return null;
    kids.add(kid);
  }
  return [...kids];
}

function bytesOf(value: JsonValue | undefined): Uint8Array | null {
  return typeof value === 'string' ? fromBase64url(value) : null;
}

function hasExactly(value: JsonObject, names: readonly string[]): boolean {
  return Object.keys(value).toSorted().join() === names.join();
}

function unreadable(detail: string): ReadJwe {
  return { ok: false, detail };
}
