// `manifest.json`: what an archive has in it, for people and tools; unsigned, so a verifier only holds it to the rest.
import { equalBytes } from '../protocol/bytes.ts';
import { parseDateTime } from '../protocol/date-time.ts';
import { type CanonicalBytes, canonicalize } from '../protocol/jcs.ts';
import type { ObjectName } from '../protocol/object-name.ts';

const octets = new TextDecoder('latin1');
const archiveFormat = 'exuvia-archive-v1';

export interface Manifest {
  /** `YYYY-MM-DDTHH:MM:SSZ`. */
  readonly createdAt: string;
  /** Hex SHA-256 of every other member, by name. */
  readonly files: Readonly<Record<string, string>>;
  readonly origin: string;
  readonly size: number;
  /** Null for a system log. */
  readonly submolt: ObjectName | null;
}

export function encodeManifest(manifest: Manifest): CanonicalBytes {
  return canonicalize({ ...manifest, format: archiveFormat });
}

/** In JCS form `createdAt` comes first: all the rest is known, so that nothing has to be made of what is in the file. */
const CREATED = /^\{"createdAt":"([^"]{20})",/;

/** What is wrong with a manifest that should say `expected` and when it was made; null when nothing is. */
export function findManifestFault(
  bytes: Uint8Array,
  expected: Omit<Manifest, 'createdAt'>,
): string | null {
  const [, createdAt = ''] = CREATED.exec(octets.decode(bytes.subarray(0, 64))) ?? [];
  if (parseDateTime(createdAt) === null) return 'it does not begin with its date and time';
  const agrees = equalBytes(encodeManifest({ ...expected, createdAt }), bytes);
  return agrees ? null : 'it does not describe this archive';
}
