// Writes an archive: everything that is needed to verify one log offline, as a deterministic tar of text files.
import { decodeUtf8, toHex, utf8 } from '../protocol/bytes.ts';
import { CONTEXT_HASHES, SIGNED_CONTEXT } from '../protocol/contexts.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { parseDateTime } from '../protocol/date-time.ts';
import type { Did } from '../protocol/did.ts';
import { type CanonicalBytes, canonicalize } from '../protocol/jcs.ts';
import { parseIJson } from '../protocol/json.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import type { Remains } from '../protocol/remains.ts';
import {
  encodeBody,
  encodeErased,
  encodeWithdrawn,
  MAX_DID_LINE,
  MAX_HISTORY,
  MAX_PIECES,
  pieceName,
  SEGMENT_BYTES,
  SEGMENT_ENTRIES,
  segmentName,
} from './archive-format.ts';
import { encodeManifest } from './archive-manifest.ts';
import { SYSTEM_FOUNDING, SYSTEM_HEAD } from './archive-system.ts';
import { LogError } from './error.ts';
import { formatStatedHead, type StatedHead } from './head-proof.ts';
import { formatSystemEntry, type SystemEntry } from './system-entry.ts';
import { type TarMember, writeTar } from './tar.ts';

/** One entry as a store has it: with its body, or with the record of its erasure. */
export interface ArchivedEntry {
  readonly index: number;
  /** The leaf's exact bytes. */
  readonly line: Uint8Array;
  /** Null after erasure. */
  readonly salt: Uint8Array | null;
  readonly bytes: CanonicalBytes | null;
  /** Name of the object; needed once the body is erased. */
  readonly name: ObjectName | null;
  /** Index of the `Delete` that erased the body, null while it stands. */
  readonly erasedBy: number | null;
  /** The signed `Delete` with which the node that makes the archive has dropped a body that stands in the log. */
  readonly withdrawal: CanonicalBytes | null;
  /** Of an erased `Create`: its author, and its parent if it was a comment. */
  readonly author: Did | null;
  readonly parent: ObjectName | null;
  /** Of an erased act that is neither post, comment nor profile: what remains of it. */
  readonly remains?: Remains | null;
}

/** A did:web's document as it was seen. */
export interface ArchivedDocument {
  readonly did: Did;
  readonly document: unknown;
  /** Milliseconds: when another was seen in its place. None, or null, for the newest. */
  readonly until?: number | null;
}

/** Where an archive comes from. It is read once, from the first entry to the last. */
export interface ArchiveSource {
  readonly origin: string;
  /** The checkpoint's note, of exactly `size` entries. */
  readonly checkpoint: string;
  readonly size: number;
  /** Null for a system log. */
  readonly submolt: ObjectName | null;
  /** Some of the entries from `start` on, at least one, in order and without a gap, none at or beyond `end`. */
  entries(start: number, end: number): Promise<readonly ArchivedEntry[]>;
  /** Documents of the did:webs that signed, the home node's included. */
  readonly didDocuments: readonly ArchivedDocument[];
  /** The contexts that signed objects name. */
  readonly contexts: readonly { readonly iri: string; readonly bytes: Uint8Array }[];
  /** The signed `Add` with which the home node named its log key, or the list of all up to the key that signed the checkpoint. */
  readonly keyStatement: Uint8Array;
  /** Earlier checkpoints, one of a day (`YYYY-MM-DD`) at most, the oldest first; none unless given. */
  readonly history?: readonly { readonly day: string; readonly note: string }[];
  /** Proof that the home has stated a head of this log, of no more entries than the archive has. */
  readonly systemHead?: StatedHead;
  /** Proof that the home has stated the founding of the submolt there. */
  readonly systemFounding?: SystemEntry;
  /** Evidence files against the home of the log; the first few are taken. */
  readonly evidence?: readonly Uint8Array[];
  /** A trust policy that a verifier may look at and never has to believe. */
  readonly policy?: string;
  /** `YYYY-MM-DDTHH:MM:SSZ`. */
  readonly createdAt: string;
}

/**
 * The archive's bytes, at most one segment of them in memory at a time; the same source gives the same bytes.
 *
 * Throws `LogError` `source_torn` when the source changes so that no archive of this size can be verified: an entry is
 * missing, or a body was erased by an entry beyond the checkpoint. Start again with a newer checkpoint.
 */
export function writeArchive(source: ArchiveSource, crypto: Crypto): AsyncIterable<Uint8Array> {
  const mtime = parseDateTime(source.createdAt);
  if (mtime === null) throw new LogError('invalid_argument', 'createdAt is not a date and time');
  return writeTar(withManifest(membersOf(source, crypto), source, crypto), Math.max(mtime, 0));
}

async function* membersOf(source: ArchiveSource, crypto: Crypto): AsyncGenerator<TarMember> {
  yield { name: 'checkpoint', bytes: utf8(source.checkpoint) };
  yield { name: 'node.json', bytes: source.keyStatement };
  // A verifier reads the archive once, so keys stand before what they have signed.
  yield { name: 'dids.ndjson', bytes: didLines(source) };
  if (source.systemHead !== undefined) {
    yield { name: SYSTEM_HEAD, bytes: canonicalize(formatStatedHead(source.systemHead)) };
  }
  if (source.systemFounding !== undefined) {
    yield { name: SYSTEM_FOUNDING, bytes: canonicalize(formatSystemEntry(source.systemFounding)) };
  }
  if (source.policy !== undefined) yield { name: 'policy', bytes: utf8(source.policy) };
  yield* contextsOf(source, crypto);
  yield* evidenceOf(source, crypto);
  // Compared while the entries go by, so they come first.
  for (const { day, note } of (source.history ?? []).slice(-MAX_HISTORY)) {
    yield { name: `history/${day}`, bytes: utf8(note) };
  }
  yield* segmentsOf(source);
}

function didLines(source: ArchiveSource): Uint8Array {
  const lines = source.didDocuments
    .toSorted((a, b) => (a.did === b.did ? untilOf(a) - untilOf(b) : a.did < b.did ? -1 : 1))
    .map(({ did, document, until = null }) => {
      const line = canonicalize({ did, document, ...(until === null ? {} : { until }) });
      if (!parseIJson(line, { maxBytes: MAX_DID_LINE }).ok) {
        throw new LogError('invalid_argument', `the document of ${did} is not I-JSON`);
      }
      return line;
    });
  return joinLines(lines);
}

function untilOf({ until = null }: ArchivedDocument): number {
  return until ?? Number.MAX_SAFE_INTEGER;
}

/** Contexts in their JCS form, so that their hashes are the pinned ones. */
function* contextsOf(source: ArchiveSource, crypto: Crypto): Generator<TarMember> {
  for (const iri of SIGNED_CONTEXT) {
    const given = source.contexts.find((context) => context.iri === iri);
    const bytes = given && canonicalize(JSON.parse(decodeUtf8(given.bytes)));
    const hash = bytes && toHex(crypto.sha256(bytes));
    if (bytes === undefined || hash !== CONTEXT_HASHES[iri]) {
      throw new LogError('invalid_argument', `the context ${iri} is missing or not the pinned one`);
    }
    yield { name: `contexts/${hash}`, bytes };
  }
}

/** Named by their hashes, so that the same files give the same members in the same order. */
function evidenceOf({ evidence = [] }: ArchiveSource, crypto: Crypto): TarMember[] {
  const members = evidence
    .slice(0, MAX_PIECES)
    .map((bytes) => ({ name: pieceName(toHex(crypto.sha256(bytes))), bytes }));
  const byName = new Map(members.map((member) => [member.name, member]));
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function* segmentsOf(source: ArchiveSource): AsyncGenerator<TarMember> {
  let entries: Uint8Array[] = [];
  let bodies: Uint8Array[] = [];
  let length = 0;
  let segment = 0;
  function* close(): Generator<TarMember> {
    yield { name: segmentName('entries', segment), bytes: joinLines(entries) };
    yield { name: segmentName('objects', segment), bytes: joinLines(bodies) };
    entries = [];
    bodies = [];
    length = 0;
    segment += 1;
  }
  for (let next = 0; next < source.size; ) {
    const batch = await source.entries(next, source.size);
    if (batch.length === 0) throw torn(`entry ${next} is missing`);
    for (const entry of batch) {
      if (entry.index !== next || next >= source.size) throw torn(`entry ${next} is missing`);
      const body = bodyLine(entry, source.size);
      entries.push(entry.line);
      bodies.push(body);
      length += body.length + 1;
      next += 1;
      if (entries.length === SEGMENT_ENTRIES || length >= SEGMENT_BYTES) yield* close();
    }
  }
  if (entries.length > 0) yield* close();
}

function bodyLine(entry: ArchivedEntry, size: number): Uint8Array {
  const { index, bytes, salt, name, author, parent, remains = null, erasedBy, withdrawal } = entry;
  if (bytes !== null && salt !== null) return encodeBody(index, bytes, salt);
  if (name !== null && withdrawal !== null) {
    return encodeWithdrawn({ index, name, author, parent, remains, bytes: withdrawal });
  }
  if (name === null || erasedBy === null) throw torn(`entry ${index} has lost its body`);
  // The body was erased while the archive was being written: its tombstone is not under this checkpoint.
  if (erasedBy >= size) throw torn(`entry ${index} was erased by entry ${erasedBy}`);
  return encodeErased({ index, name, by: erasedBy, author, parent, remains });
}

/** Adds `manifest.json`, which lists the hash of every member before it. */
async function* withManifest(
  members: AsyncIterable<TarMember>,
  source: ArchiveSource,
  crypto: Crypto,
): AsyncGenerator<TarMember> {
  const files: Record<string, string> = {};
  for await (const member of members) {
    files[member.name] = toHex(crypto.sha256(member.bytes));
    yield member;
  }
  const { createdAt, origin, size, submolt } = source;
  yield {
    name: 'manifest.json',
    bytes: encodeManifest({ createdAt, files, origin, size, submolt }),
  };
}

function joinLines(lines: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(lines.reduce((length, line) => length + line.length + 1, 0));
  let at = 0;
  for (const line of lines) {
    bytes.set(line, at);
    bytes[at + line.length] = 0x0a;
    at += line.length + 1;
  }
  return bytes;
}

function torn(detail: string): LogError {
  return new LogError('source_torn', detail);
}
