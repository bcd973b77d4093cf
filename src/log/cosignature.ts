// Ed25519 cosignatures over a checkpoint with the time they were made (c2sp.org/tlog-cosignature, v1).
import { concatBytes, utf8 } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { LogError } from './error.ts';
import type { NoteSigner } from './note-key.ts';

const TIMESTAMP_SIZE = 8;
const SIGNATURE_SIZE = 64;

/** The signed message: a header line, a time line, and the whole note body with its last newline. */
function cosignedMessage(text: string, timestamp: number): Uint8Array {
  return utf8(`cosignature/v1\ntime ${timestamp}\n${text}`);
}

/** u64 big-endian timestamp ‖ Ed25519 signature. `timestamp` in seconds. */
export function cosign(
  text: string,
  timestamp: number,
  signer: NoteSigner,
  crypto: Crypto,
): Uint8Array {
  if (!Number.isSafeInteger(timestamp) || timestamp < 0) {
    throw new LogError('out_of_range', 'a cosignature is made at a whole second since 1970');
  }
  const time = new Uint8Array(TIMESTAMP_SIZE);
  new DataView(time.buffer).setBigUint64(0, BigInt(timestamp));
  return concatBytes(time, crypto.sign(signer.seed, cosignedMessage(text, timestamp)));
}

/** The timestamp in seconds if the cosignature is `publicKey`'s over `text`, or null. Never throws. */
export async function verifyCosignature(
  text: string,
  signature: Uint8Array,
  publicKey: Uint8Array,
  crypto: Crypto,
): Promise<number | null> {
  if (signature.length !== TIMESTAMP_SIZE + SIGNATURE_SIZE) return null;
  const time = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
  // Later than 2^53 seconds is 285 million years ahead: "verifiers MAY reject timestamps in the future".
  if (time > BigInt(Number.MAX_SAFE_INTEGER)) return null;
  const timestamp = Number(time);
  const message = cosignedMessage(text, timestamp);
  const good = await crypto.verify(publicKey, message, signature.subarray(TIMESTAMP_SIZE));
  return good ? timestamp : null;
}
