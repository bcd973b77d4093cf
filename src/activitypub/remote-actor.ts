// An actor elsewhere, from the document at its address: where it is told, and which keys speak for it.
import { createPublicKey, type KeyObject } from 'node:crypto';
import { isObject, type JsonObject } from '../protocol/json.ts';
import { ed25519FromMultibase } from '../protocol/multikey.ts';

export interface RemoteActor {
  readonly id: string;
  /** Its host, with the port if there is one. */
  readonly host: string;
  /** Its own, and that of its host if it names one. */
  readonly inbox: string;
  readonly sharedInbox: string | null;
  readonly rsaKeys: ReadonlyMap<string, KeyObject>;
  /** Ed25519 keys for proofs, by id. */
  readonly proofKeys: ReadonlyMap<string, Uint8Array>;
}

const TYPES = ['Person', 'Service', 'Application', 'Organization', 'Group'];
const MAX_KEYS = 8;
const MAX_URL = 2_048;

/** The URL if it is absolute, in its normal form (a host may lack its slash), without credentials or fragment, and not too long. */
export function plainUrl(text: unknown): URL | null {
  if (typeof text !== 'string' || text.length > MAX_URL || text.includes('#')) return null;
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return null;
  const normal = url.href === text || url.href === `${text}/`;
  return normal && (url.protocol === 'https:' || url.protocol === 'http:') ? url : null;
}

/** Null unless the document is that of the actor at `id`, and everything in it that counts is of the same host. */
export function readActor(id: string, document: unknown): RemoteActor | null {
  const url = plainUrl(id);
  if (url === null || !isObject(document) || document.id !== id) return null;
  if (!list(document.type).some((type) => TYPES.includes(String(type)))) return null;
  // A host must not have others written to by saying that its inbox is there.
  const own = (value: unknown) => {
    const found = plainUrl(value);
    return found !== null && found.origin === url.origin ? found.href : null;
  };
  const inbox = own(document.inbox);
  if (inbox === null) return null;
  const { endpoints } = document;
  return {
    id,
    host: url.host,
    inbox,
    sharedInbox: isObject(endpoints) ? own(endpoints.sharedInbox) : null,
    rsaKeys: new Map(objects(document.publicKey).flatMap((key) => rsaKey(key, id))),
    proofKeys: new Map(objects(document.assertionMethod).flatMap((key) => proofKey(key, id))),
  };
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function objects(value: unknown): JsonObject[] {
  return list(value).slice(0, MAX_KEYS).filter(isObject);
}

function rsaKey({ id, owner, publicKeyPem }: JsonObject, actor: string): [string, KeyObject][] {
  if (typeof id !== 'string' || owner !== actor) return [];
  const key = typeof publicKeyPem === 'string' ? parsePem(publicKeyPem) : null;
  return key === null ? [] : [[id, key]];
}

const PEM = /^-----BEGIN (RSA )?PUBLIC KEY-----/;

function parsePem(text: string): KeyObject | null {
  const trimmed = text.trim();
  if (trimmed.length > 4_096 || !PEM.test(trimmed)) return null;
  try {
    const key = createPublicKey(trimmed);
    const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
    // Short keys are no keys, long ones and large exponents cost whoever verifies.
    const usable = modulusLength >= 2_048 && modulusLength <= 8_192 && publicExponent <= 65_537n;
    return key.asymmetricKeyType === 'rsa' && usable ? key : null;
  } catch {
    return null;
  }
}

function proofKey(key: JsonObject, actor: string): [string, Uint8Array][] {
  const { controller, id, publicKeyMultibase, type } = key;
  if (typeof id !== 'string' || type !== 'Multikey' || controller !== actor) return [];
  const bytes =
    typeof publicKeyMultibase === 'string' ? ed25519FromMultibase(publicKeyMultibase) : null;
  return bytes === null ? [] : [[id, bytes]];
}
