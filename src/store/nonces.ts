// Nonces of admitted requests: unique for each DID, remembered until the request's signature has expired.
import { concatBytes, utf8 } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import type { Did } from '../protocol/did.ts';
import { blob, number } from './cell.ts';
import { integer, type Row, type Statement } from './database.ts';
import { valuesList } from './values-list.ts';

const BUCKET_SECONDS = 300;
/** A request may still be admitted this long after its signature expired: the clock skew, and a wait in the queue. */
const GRACE_SECONDS = 120;

export interface NonceKey {
  readonly bucket: number;
  /** 16 bytes of SHA-256(did ‖ 0 ‖ nonce). */
  readonly hash: Uint8Array;
}

/** The row for a nonce. `expires` in seconds: when the request's signature is too old. */
export function nonceKey(
  did: Did,
  nonce: string,
  expires: number,
  crypto: Pick<Crypto, 'sha256'>,
): NonceKey {
  const hash = crypto.sha256(concatBytes(utf8(`${did}\0`), utf8(nonce))).slice(0, 16);
  return { bucket: Math.floor(expires / BUCKET_SECONDS), hash };
}

/** A string that is equal for one DID's one nonce, whenever its signatures expire. */
export function nonceText({ hash }: NonceKey): string {
  return hexOfBytes(hash);
}

/**
 * Those that were admitted before. A request may carry two signatures with one nonce, and come again under the one
 * that expires at another time: as far as two that are valid at once can lie apart, buckets are searched.
 */
export function selectNonces(keys: readonly NonceKey[]): Statement {
  return {
    sql: `SELECT n.bucket, n.nonce FROM json_each(?1) AS k
CROSS JOIN (VALUES (-2), (-1), (0), (1), (2)) AS near
CROSS JOIN nonces AS n ON n.bucket = (k.value ->> 0) + near.column1 AND n.nonce = unhex(k.value ->> 1)`,
    args: [JSON.stringify(keys.map(({ bucket, hash }) => [bucket, hexOfBytes(hash)]))],
  };
}

export function readNonce(row: Row): NonceKey {
  return { bucket: number(row, 0), hash: blob(row, 1) };
}

const rows = valuesList('INSERT INTO nonces (bucket, nonce) VALUES', 2);

export function insertNonces(keys: readonly NonceKey[]): Statement[] {
  return rows(keys.map(({ bucket, hash }) => [integer(bucket), hash]));
}

/** Forgets the nonces of requests that no node would admit any more. `now` in milliseconds. */
export function deleteExpiredNonces(now: number): Statement {
  const bucket = Math.floor((now / 1000 - GRACE_SECONDS) / BUCKET_SECONDS);
  return { sql: 'DELETE FROM nonces WHERE bucket < ?', args: [integer(bucket)] };
}

function hexOfBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
