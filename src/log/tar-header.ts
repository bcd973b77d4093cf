// One 512-byte ustar header (POSIX.1-2017 pax, "ustar Interchange Format"): a regular file, or nothing.
import { decodeUtf8, utf8 } from '../protocol/bytes.ts';
import { LogError } from './error.ts';

export const TAR_BLOCK = 512;
/** Bytes that eleven octal digits can say. */
const maxSize = 8 ** 11 - 1;
const maxNameLength = 100;

export interface TarHeader {
  readonly name: string;
  readonly type: 'file' | 'folder';
  /** Bytes of content. */
  readonly size: number;
}

/** A header for a regular file. `mtime` in seconds. Throws `LogError` for what the fields cannot hold. */
export function encodeTarHeader(name: string, size: number, mtime: number): Uint8Array {
  const header = new Uint8Array(TAR_BLOCK);
  const put = (at: number, text: string) => header.set(utf8(text), at);
  const octal = (at: number, digits: number, value: number) => {
    if (!Number.isSafeInteger(value) || value < 0 || value >= 8 ** digits) {
      throw new LogError('out_of_range', `${value} does not fit a tar header`);
    }
    put(at, `${value.toString(8).padStart(digits, '0')}\0`);
  };
  if (!/^[\x21-\x7e]+$/.test(name) || name.length > maxNameLength) {
    throw new LogError('invalid_argument', 'not a member name');
  }
  put(0, name);
  octal(100, 7, 0o644);
  octal(108, 7, 0);
  octal(116, 7, 0);
  octal(124, 11, size);
  octal(136, 11, mtime);
  put(148, ' '.repeat(8));
  put(156, '0');
  put(257, 'ustar\x0000');
  octal(329, 7, 0);
  octal(337, 7, 0);
  put(148, `${sumOf(header).toString(8).padStart(6, '0')}\0 `);
  return header;
}

/**
 * Reads a header. Null unless it is a regular file's or a folder's under a plain name: links, devices, long names and
 * extension headers are how archives write outside the folder they are unpacked in.
 */
export function parseTarHeader(header: Uint8Array): TarHeader | null {
  // A copy also when `header` is a Buffer, whose slice() is a view.
  const summed = new Uint8Array(header);
  summed.fill(0x20, 148, 156);
  const checksum = /^([0-7]{6})\0 $/.exec(String.fromCharCode(...header.subarray(148, 156)));
  if (checksum === null || Number.parseInt(checksum[1] as string, 8) !== sumOf(summed)) return null;
  // POSIX "ustar\0" "00", or the "ustar  \0" that GNU tar writes.
  const magic = String.fromCharCode(...header.subarray(257, 265));
  if (magic !== 'ustar\x0000' && magic !== 'ustar  \0') return null;
  const name = textField(header, 0, 100);
  const size = octalField(header, 124, 12);
  if (name === null || size === null || size > maxSize) return null;
  // A link target or a name prefix has no place in a regular file with a short name.
  if (textField(header, 157, 100) !== '' || textField(header, 345, 155) !== '') return null;
  const flag = header[156];
  if (flag === 0x35) return size === 0 ? { name, type: 'folder', size } : null;
  return flag === 0x30 || flag === 0 ? { name, type: 'file', size } : null;
}

export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function sumOf(header: Uint8Array): number {
  return header.reduce((sum, byte) => sum + byte, 0);
}

/** Text up to the first NUL; null if anything but NULs follows it, or if it is not UTF-8. */
function textField(header: Uint8Array, at: number, length: number): string | null {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  if (end >= 0 && !isZero(field.subarray(end))) return null;
  try {
    return decodeUtf8(end < 0 ? field : field.subarray(0, end));
  } catch {
    return null;
  }
}

/** Octal digits, then at least one NUL or space. */
function octalField(header: Uint8Array, at: number, length: number): number | null {
  const text = String.fromCharCode(...header.subarray(at, at + length));
  return /^[0-7]+[\0 ]+$/.test(text) ? Number.parseInt(text, 8) : null;
}
