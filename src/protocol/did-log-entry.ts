// The lines of a DID log as entries of did:webvh 1.0: their exact members, nothing about what they say.
import { utf8 } from './bytes.ts';
import { type DidLogParameters, parameters } from './did-log-parameters.ts';
import { type RefusedDidLog, refuse } from './did-log-refusal.ts';
import { parseVersionTime } from './did-log-time.ts';
import { isObject, type JsonObject, parseIJson } from './json.ts';
import { isMultihash } from './multihash.ts';
import { type Check, list, malformed, record, string } from './schema.ts';

/** UTF-16 code units of a whole log: what a statement can hold. */
export const MAX_LOG_LENGTH = 200_000;
const MAX_VERSIONS = 500;

/** More proofs than this on one entry, or keys in one list, are a burden and no safety. */
const MAX_PROOFS = 10;

export interface DidLogEntry {
  readonly versionId: string;
  readonly versionTime: string;
  readonly parameters: DidLogParameters;
  readonly state: JsonObject;
  readonly proof: readonly JsonObject[];
}

const object: Check<JsonObject> = (value, path) =>
  isObject(value) ? null : malformed(path, 'one object');

const entry = record<DidLogEntry>({
  versionId: string((text) => splitVersionId(text) !== null, '<number>-<multihash by SHA-256>'),
  versionTime: string((text) => parseVersionTime(text) !== null, 'an instant in UTC'),
  parameters,
  state: object,
  // Data Integrity: an empty list would be an entry that nobody signed.
  proof: (value, path) =>
    Array.isArray(value) && value.length === 0
      ? malformed(path, 'at least one proof')
      : list(object, MAX_PROOFS)(value, path),
});

/** The two halves of a `versionId`; null unless exactly one dash follows a number without leading zero. */
export function splitVersionId(text: string): { number: number; hash: string } | null {
  const match = /^([1-9][0-9]{0,8})-([^-]+)$/.exec(text);
  if (match === null) return null;
  const [, number, hash = ''] = match;
  return isMultihash(hash) ? { number: Number(number), hash } : null;
}

/** The entries of a whole did.jsonl. The last line feed may be missing; no other line may be empty. */
export function parseDidLog(
  text: string,
): { readonly ok: true; readonly entries: readonly DidLogEntry[] } | RefusedDidLog {
  if (text.length > MAX_LOG_LENGTH) {
    return refuse('too_large', `${text.length} characters, at most ${MAX_LOG_LENGTH} are read`);
  }
  if (!text.isWellFormed()) return refuse('malformed', 'the text has a lone surrogate');
  const lines = text.split('\n', MAX_VERSIONS + 2);
  if (lines.length > 1 && lines.at(-1) === '') lines.pop();
  if (lines.length > MAX_VERSIONS) {
    return refuse('too_large', `more than ${MAX_VERSIONS} versions`);
  }
  const entries: DidLogEntry[] = [];
  for (const [index, line] of lines.entries()) {
    const parsed = parseDidLogLine(line);
    if (!parsed.ok) return { ...parsed, version: index + 1 };
    entries.push(parsed.entry);
  }
  return { ok: true, entries };
}

function parseDidLogLine(
  line: string,
): { readonly ok: true; readonly entry: DidLogEntry } | RefusedDidLog {
  const parsed = parseIJson(utf8(line), { maxBytes: 4 * MAX_LOG_LENGTH });
  if (!parsed.ok) return refuse('malformed', parsed.detail);
  const problem = entry(parsed.value, '');
  if (problem === null) {
    return { ok: true, entry: parsed.value as unknown as DidLogEntry };
  }
  const { path } = problem;
  const detail = `${path} ${problem.detail}`.trim();
  if (path === 'versionId') return refuse('version_id', detail);
  if (path === 'versionTime') return refuse('version_time', detail);
  if (path === 'parameters.method') return refuse('method_unknown', detail);
  if (path.startsWith('parameters.witness')) return refuse('witness_malformed', detail);
  return refuse(path.startsWith('parameters') ? 'parameters_malformed' : 'malformed', detail);
}
