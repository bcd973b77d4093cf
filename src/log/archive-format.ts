// What an archive is made of: member names, limits, and the lines that carry bodies.
import { concatBytes, decodeUtf8, fromBase64url, toBase64url, utf8 } from '../protocol/bytes.ts';
import { type Did, parseSubject } from '../protocol/did.ts';
import type { CanonicalBytes } from '../protocol/jcs.ts';
import { nameFromId, type ObjectName, parseObjectName } from '../protocol/object-name.ts';
import { decodeRemains, encodeRemains, type Remains } from '../protocol/remains.ts';
import { SALT_SIZE } from './entry.ts';

/** Entries in one segment. */
export const SEGMENT_ENTRIES = 4096;
/** A segment is closed when the lines of its bodies reach this many bytes, so that a long text cannot fill a memory. */
export const SEGMENT_BYTES = 8 * 1024 * 1024;

/** Bytes of a line of `entries/`, and of `objects/`, without the newline. */
export const MAX_ENTRY_LINE = 128;
export const MAX_BODY_LINE = 262_144 + 256;
export const MAX_DID_LINE = 262_144;
const MAX_ERASED_LINE = 4096;
/** No line of `entries/` or `objects/` is shorter, newline included: the shortest entry, and the shortest record of an erasure. */
export const MIN_LINE = 74;
/** Segments of entries that may come before their objects: an archive that was packed again has all of its first. */
export const MAX_AHEAD = 256;

export const MAX_MEMBERS = 200_000;
export const ARCHIVE_FOLDERS: ReadonlySet<string> = new Set([
  'contexts/',
  'entries/',
  'evidence/',
  'history/',
  'objects/',
  'system/',
]);
/** Older checkpoints in one archive: one of a day, for eleven years. */
export const MAX_HISTORY = 4096;

/** Pieces of evidence in one archive. */
export const MAX_PIECES = 64;

const megabyte = 1024 * 1024;
const maxSizes: Record<MemberName['kind'], number> = {
  manifest: 64 * megabyte,
  checkpoint: megabyte,
  node: megabyte,
  dids: 64 * megabyte,
  policy: 65_536,
  history: 16_384,
  system: 65_536,
  context: megabyte,
  evidence: megabyte,
  entries: SEGMENT_ENTRIES * (MAX_ENTRY_LINE + 1),
  objects: SEGMENT_BYTES + MAX_BODY_LINE + 1,
};

export type MemberName =
  | { readonly kind: 'manifest' | 'checkpoint' | 'node' | 'dids' | 'policy' | 'system' }
  | { readonly kind: 'context' | 'evidence'; readonly hash: string }
  | { readonly kind: 'history'; readonly day: string }
  | { readonly kind: 'entries' | 'objects'; readonly segment: number };

/** What a member's name stands for; null for every other name, so that no path can lead anywhere. */
export function parseMemberName(name: string): MemberName | null {
  switch (name) {
    case 'manifest.json':
      return { kind: 'manifest' };
    case 'checkpoint':
      return { kind: 'checkpoint' };
    case 'node.json':
      return { kind: 'node' };
    case 'dids.ndjson':
      return { kind: 'dids' };
    case 'policy':
      return { kind: 'policy' };
    case 'system/head.json':
    case 'system/founding.json':
      return { kind: 'system' };
  }
  const context = /^contexts\/([0-9a-f]{64})$/.exec(name);
  if (context !== null) return { kind: 'context', hash: context[1] as string };
  const evidence = /^evidence\/([0-9a-f]{64})\.json$/.exec(name)?.[1];
  if (evidence !== undefined) return { kind: 'evidence', hash: evidence };
  const day = /^history\/([0-9]{4}-[0-9]{2}-[0-9]{2})$/.exec(name)?.[1];
  if (day !== undefined) return { kind: 'history', day };
  const segment = /^(entries|objects)\/([0-9]{6})\.ndjson$/.exec(name);
  if (segment === null) return null;
  return { kind: segment[1] as 'entries' | 'objects', segment: Number(segment[2]) };
}

/** Most bytes of a member, or null if no member may have this name. */
export function maxMemberSize(name: string): number | null {
  const kind = parseMemberName(name)?.kind;
  return kind === undefined ? null : maxSizes[kind];
}

export function segmentName(kind: 'entries' | 'objects', segment: number): string {
  return `${kind}/${String(segment).padStart(6, '0')}.ndjson`;
}

/** Name of a piece of evidence with this SHA-256 in hex. */
export function pieceName(hash: string): string {
  return `evidence/${hash}.json`;
}

/** One line of `objects/`: the body of an entry, or the record of its erasure. */
export type BodyLine =
  | {
      readonly kind: 'body';
      readonly index: number;
      readonly salt: Uint8Array;
      readonly bytes: Uint8Array;
    }
  | ErasedLine
  | WithdrawnLine;

interface BodilessLine {
  readonly index: number;
  readonly name: ObjectName;
  /** Subject of the author of an erased Create, and its parent if it was a comment. */
  readonly author: Did | null;
  readonly parent: ObjectName | null;
  /** Of another act that did more than speak: what remains of it, by the word of whoever gives it. */
  readonly remains: Remains | null;
}

export interface ErasedLine extends BodilessLine {
  readonly kind: 'erased';
  /** Index of the entry whose object demanded the erasure. */
  readonly by: number;
}

/** Nothing in the log demands it: whoever made the archive had dropped the body. */
export interface WithdrawnLine extends BodilessLine {
  readonly kind: 'withdrawn';
  /** The signed `Delete` that says so, not verified yet. */
  readonly bytes: Uint8Array;
}

/** `{"i":n,"o":{…},"s":"…"}`: the object is in it byte for byte, and so the line is JCS too. */
export function encodeBody(index: number, bytes: CanonicalBytes, salt: Uint8Array): Uint8Array {
  return concatBytes(utf8(`{"i":${index},"o":`), bytes, utf8(`,"s":"${toBase64url(salt)}"}`));
}

/** `{"a":"did:…","by":m,"i":n,"n":"ni:///sha-256;…","p":"ni:///sha-256;…","r":{…}}`; `a`, `p` and `r` where there is one. */
export function encodeErased(line: Omit<ErasedLine, 'kind'>): Uint8Array {
  return utf8(`${headOf(line, `"by":${line.by},`)}}`);
}

function headOf({ author, index, name, parent, remains }: BodilessLine, by: string): string {
  const a = author === null ? '' : `"a":"${author}",`;
  const p = parent === null ? '' : `,"p":"${parent}"`;
  const r = remains === null ? '' : `,"r":${encodeRemains(remains)}`;
  return `{${a}${by}"i":${index},"n":"${name}"${p}${r}`;
}

/** `{"a":"did:…","i":n,"n":"ni:///sha-256;…","p":"ni:///sha-256;…","r":{…},"w":{…}}`, likewise. */
export function encodeWithdrawn(line: Omit<WithdrawnLine, 'kind'>): Uint8Array {
  return concatBytes(utf8(`${headOf(line, '')},"w":`), line.bytes, utf8('}'));
}

// What the patterns admit is ASCII, so bytes can be read as characters one by one.
const octets = new TextDecoder('latin1');
/** `{"i":` 16 digits `,"o":` */
const HEAD_LENGTH = 26;
const bodyHead = /^\{"i":(0|[1-9][0-9]{0,15}),"o":/;
const bodyTail = /^,"s":"([A-Za-z0-9_-]{21}[AQgw])"\}$/;
const TAIL_LENGTH = 30;
const erasedLine =
  /^\{(?:"a":"([^"\\]+)",)?"by":(0|[1-9][0-9]{0,15}),"i":(0|[1-9][0-9]{0,15}),"n":"([^"\\]+)"(?:,"p":"([^"\\]+)")?(?:,"r":(\{.+\}))?\}$/;

const withdrawnHead =
  /^\{(?:"a":"([^"\\]+)",)?"i":(0|[1-9][0-9]{0,15}),"n":"([^"\\]+)"(?:,"p":"([^"\\]+)")?(?:,"r":(\{.+?\}))?,"w":/;

/** Reads a line of `objects/`. Null for any spelling but the one above; the object itself is not looked into. */
export function parseBodyLine(line: Uint8Array): BodyLine | null {
  const head = bodyHead.exec(octets.decode(line.subarray(0, HEAD_LENGTH)));
  if (head === null) return parseErased(line) ?? parseWithdrawn(line);
  const end = line.length - TAIL_LENGTH;
  const tail = bodyTail.exec(octets.decode(line.subarray(Math.max(end, 0))));
  const salt = fromBase64url(tail?.[1] ?? '');
  const index = Number(head[1]);
  if (salt?.length !== SALT_SIZE || !Number.isSafeInteger(index) || end <= head[0].length)
    return null;
  return { kind: 'body', index, salt, bytes: line.subarray(head[0].length, end) };
}

function parseErased(line: Uint8Array): BodyLine | null {
  if (line.length > MAX_ERASED_LINE) return null;
  const [read, a, m, i, n, p, r] = erasedLine.exec(octets.decode(line)) ?? [];
  const by = Number(m);
  const left = read === undefined ? null : bodiless({ a, i, n, p, r });
  return left === null || !Number.isSafeInteger(by) ? null : { kind: 'erased', by, ...left };
}

function parseWithdrawn(line: Uint8Array): BodyLine | null {
  const read = withdrawnHead.exec(octets.decode(line.subarray(0, MAX_ERASED_LINE))) ?? [];
  const [head, a, i, n, p, r] = read;
  const left = head === undefined ? null : bodiless({ a, i, n, p, r });
  if (head === undefined || left === null || line.at(-1) !== 0x7d) return null;
  return { kind: 'withdrawn', ...left, bytes: line.subarray(head.length, -1) };
}

function bodiless({ a, i, n, p, r }: Record<string, string | undefined>): BodilessLine | null {
  const index = Number(i);
  const [name, author] = [parseObjectName(n ?? ''), parseSubject(a ?? '')];
  const parent = parseObjectName(p ?? '');
  if (name === null || !Number.isSafeInteger(index)) return null;
  if (a !== undefined && author === null) return null;
  // A parent is that of a comment, and every comment has an author.
  if (p !== undefined && (parent === null || author === null)) return null;
  const remains = r === undefined ? null : decodeRemains(r);
  if (r !== undefined && (remains === null || author !== null)) return null;
  return { index, name, author, parent, remains };
}

/** A log's identity as nodes write it: `<authority>/log/<id>`, `id` being the submolt's or `system`. */
export interface LogOrigin {
  readonly authority: string;
  /** Null for a system log. */
  readonly submolt: ObjectName | null;
}

const originPattern =
  /^((?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[1-9][0-9]{0,4})?)\/log\/(system|[A-Za-z0-9_-]{43})$/;

/** Null unless the authority is a lower-case host, perhaps with a port, and the id is in its one spelling. */
export function parseOrigin(origin: string): LogOrigin | null {
  const [, authority, id] = originPattern.exec(origin) ?? [];
  if (authority === undefined || id === undefined) return null;
  if (id === 'system') return { authority, submolt: null };
  const submolt = nameFromId(id);
  return submolt === null ? null : { authority, submolt };
}

/** UTF-8 text of a member, or null. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return decodeUtf8(bytes);
  } catch {
    return null;
  }
}
