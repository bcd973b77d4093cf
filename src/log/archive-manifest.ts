// `manifest.json`: what an archive has in it, for people and tools; unsigned, so a verifier only holds it to the rest.
import { equalBytes } from '../protocol/bytes.ts';
import { parseDateTime } from '../protocol/date-time.ts';
import { type CanonicalBytes, canonicalize } from '../protocol/jcs.ts';
import { parseIJson } from '../protocol/json.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { maxMemberSize } from './archive-format.ts';

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

/** What is wrong with a manifest that should say `expected` and when it was made; null when nothing is. */
export function findManifestFault(
  bytes: Uint8Array,
  expected: Omit<Manifest, 'createdAt'>,
): string | null {
  const parsed = parseIJson(bytes, { maxBytes: maxMemberSize('manifest.json') as number });
  if (!parsed.ok) return parsed.detail;
  const { value } = parsed;
  const createdAt =
    typeof value === 'object' && value !== null && !Array.isArray(value) ? value.createdAt : null;
  if (typeof createdAt !== 'string' || parseDateTime(createdAt) === null) {
    return 'createdAt is not a date and time';
  }
  const agrees = equalBytes(encodeManifest({ ...expected, createdAt }), bytes);
  return agrees ? null : 'it does not describe this archive';
}
