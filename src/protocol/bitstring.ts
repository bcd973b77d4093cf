// The bits of a Bitstring Status List, and their text: gzip, base64url, a `u` before it.
import { concatBytes, fromBase64url, toBase64url } from './bytes.ts';
import { ProtocolError } from './error.ts';

// Bitstring Status List §3.2: fewer entries than this would show whose credential a list is about.
export const MIN_STATUS_ENTRIES = 131_072;
/** What is expanded at most: a short text can say a thousand times its own length. */
export const MAX_STATUS_ENTRIES = 8_388_608;

export type DecodedBitstring =
  | { readonly ok: true; readonly bits: Uint8Array }
  | { readonly ok: false; readonly detail: string };

/** `entries` bits, none of them set. Throws `invalid_argument` unless there are 131,072 to 8,388,608, in whole bytes. */
export function createBitstring(entries = MIN_STATUS_ENTRIES): Uint8Array {
  if (entries % 8 !== 0 || entries < MIN_STATUS_ENTRIES || entries > MAX_STATUS_ENTRIES) {
    throw new ProtocolError('invalid_argument', `${entries} is no length of a status list`);
  }
  return new Uint8Array(entries / 8);
}

/** The bit at `index`, or null beyond the end. §2.2: index 0 is the left-most bit. */
export function bitAt(bits: Uint8Array, index: number): boolean | null {
  const byte = bits[index >> 3];
  return byte === undefined || index < 0 ? null : (byte & (0x80 >> (index & 7))) !== 0;
}

/** The same bits with the one at `index` set. Throws `invalid_argument` beyond the end. */
export function withBit(bits: Uint8Array, index: number): Uint8Array {
  if (!Number.isInteger(index) || bitAt(bits, index) === null) {
    throw new ProtocolError('invalid_argument', `the list has no entry ${index}`);
  }
  const changed = bits.slice();
  changed[index >> 3] = (bits[index >> 3] as number) | (0x80 >> (index & 7));
  return changed;
}

/** `encodedList` of the bits. How gzip packs them may differ from one platform to the next. */
export async function encodeBitstring(bits: Uint8Array): Promise<string> {
  const { chunks } = await pipe(bits, new CompressionStream('gzip'), Number.POSITIVE_INFINITY);
  return `u${toBase64url(concatBytes(...chunks))}`;
}

/** The bits behind an `encodedList`, 131,072 to 8,388,608 of them. */
export async function decodeBitstring(text: string): Promise<DecodedBitstring> {
  const packed = text.startsWith('u') ? fromBase64url(text.slice(1)) : null;
  if (packed === null) return { ok: false, detail: 'encodedList is not u and base64url' };
  let expanded: Piped;
  try {
    expanded = await pipe(packed, new DecompressionStream('gzip'), MAX_STATUS_ENTRIES / 8);
  } catch {
    return { ok: false, detail: 'encodedList is not gzip' };
  }
  const { chunks, whole } = expanded;
  const entries = chunks.reduce((sum, chunk) => sum + chunk.length * 8, 0);
  if (!whole) return { ok: false, detail: `the list has more than ${MAX_STATUS_ENTRIES} entries` };
  if (entries < MIN_STATUS_ENTRIES) {
    return { ok: false, detail: `the list has ${entries} entries, at least ${MIN_STATUS_ENTRIES}` };
  }
  return { ok: true, bits: concatBytes(...chunks) };
}

interface Piped {
  readonly chunks: Uint8Array[];
  readonly whole: boolean;
}

async function pipe(
  input: Uint8Array,
  through: CompressionStream | DecompressionStream,
  maxBytes: number,
): Promise<Piped> {
  const writer = through.writable.getWriter();
  const written = writer.write(new Uint8Array(input)).then(() => writer.close());
  // What goes wrong on the way in is told on the way out.
  written.catch(() => undefined);
  const reader = through.readable.getReader();
  const chunks: Uint8Array[] = [];
  for (let length = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return { chunks, whole: true };
    length += value.length;
    if (length > maxBytes) {
      await reader.cancel();
      return { chunks: [], whole: false };
    }
    chunks.push(value);
  }
}
