// Reads an archive part by part, under limits and in an order that lets every part be checked when it comes.
import { toHex } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import {
  ARCHIVE_FOLDERS,
  MAX_AHEAD,
  MAX_BODY_LINE,
  MAX_DID_LINE,
  MAX_ENTRY_LINE,
  MAX_HISTORY,
  MAX_MEMBERS,
  MAX_PIECES,
  type MemberName,
  MIN_LINE,
  maxMemberSize,
  parseMemberName,
  SEGMENT_ENTRIES,
  textOf,
} from './archive-format.ts';
import { Lines, linesOf } from './archive-lines.ts';
import { LogError } from './error.ts';
import { readTar } from './tar.ts';

/** One member, by what it holds. `hash` is the hex SHA-256 of all of it. */
export type ArchivePart = { readonly name: string; readonly hash: string } & (
  | { readonly kind: 'checkpoint' | 'history'; readonly note: string }
  | { readonly kind: 'policy' | 'system'; readonly bytes: Uint8Array }
  | { readonly kind: 'node'; readonly statement: Uint8Array }
  | { readonly kind: 'dids'; readonly lines: Iterable<Uint8Array> }
  | { readonly kind: 'context' | 'evidence'; readonly bytes: Uint8Array; readonly named: string }
  | { readonly kind: 'entries' | 'objects'; readonly lines: Lines }
  | { readonly kind: 'manifest'; readonly bytes: Uint8Array }
);

/**
 * The parts as they come. Checkpoint, key statement and DID documents come before any object, entries and objects each
 * in the order of their segments, and no objects before their entries. Lines may be looked at until the next part is
 * asked for: then others stand in their place.
 *
 * Throws `LogError` `malformed_archive` for everything else. No part is larger than its limit, but nothing that
 * is in it has been verified.
 */
export async function* readArchive(
  chunks: AsyncIterable<Uint8Array>,
  crypto: Crypto,
): AsyncGenerator<ArchivePart> {
  const order = new PartOrder();
  const limits = {
    maxSize: maxMemberSize,
    maxMembers: MAX_MEMBERS,
    folders: ARCHIVE_FOLDERS,
    passing: (name: string) => name.startsWith('entries/') || name.startsWith('objects/'),
  };
  for await (const { name, bytes } of readTar(chunks, limits)) {
    const member = parseMemberName(name) as MemberName;
    order.take(member, name);
    const head = { name, hash: toHex(crypto.sha256(bytes)) };
    switch (member.kind) {
      case 'checkpoint':
      case 'history': {
        const note = textOf(bytes);
        if (note === null) throw malformed(`${name} is not UTF-8`);
        yield { ...head, kind: member.kind, note };
        break;
      }
      case 'policy':
      case 'system':
        yield { ...head, kind: member.kind, bytes };
        break;
      case 'node':
        yield { ...head, kind: 'node', statement: bytes };
        break;
      case 'dids':
        yield { ...head, kind: 'dids', lines: linesOf(bytes, MAX_DID_LINE) };
        break;
      case 'context':
      case 'evidence':
        yield { ...head, kind: member.kind, bytes, named: member.hash };
        break;
      case 'entries':
        yield { ...head, kind: 'entries', lines: segmentLines(head.name, bytes, MAX_ENTRY_LINE) };
        break;
      case 'objects':
        yield { ...head, kind: 'objects', lines: segmentLines(head.name, bytes, MAX_BODY_LINE) };
        break;
      case 'manifest':
        yield { ...head, kind: 'manifest', bytes };
    }
  }
  order.end();
}

/** A line costs what a line costs, however short: a member of nothing but newlines would keep a verifier for hours. */
function segmentLines(name: string, bytes: Uint8Array, maxLength: number): Lines {
  const lines = new Lines(name, bytes, { maxLength, maxLines: SEGMENT_ENTRIES });
  if (lines.length * MIN_LINE > bytes.length)
    throw malformed(`${name} has lines that are no lines`);
  return lines;
}

class PartOrder {
  readonly #met = new Set<string>();
  readonly #segments = { entries: 0, objects: 0 };
  #history = 0;
  #day = '';
  #evidence = 0;

  take(member: MemberName, name: string): void {
    this.#met.add(member.kind);
    if (member.kind === 'history') this.#takeDay(member.day, name);
    if (member.kind === 'evidence') {
      this.#evidence += 1;
      if (this.#evidence > MAX_PIECES) throw malformed(`more than ${MAX_PIECES} in evidence/`);
    }
    if (member.kind !== 'entries' && member.kind !== 'objects') return;
    if (member.segment !== this.#segments[member.kind]) throw malformed(`${name} is out of order`);
    this.#segments[member.kind] += 1;
    if (this.#segments.entries - this.#segments.objects > MAX_AHEAD) {
      throw malformed(`${name} comes more than ${MAX_AHEAD} segments before its objects`);
    }
    if (member.kind === 'entries') return;
    for (const kind of ['checkpoint', 'node', 'dids']) {
      if (!this.#met.has(kind)) throw malformed(`${name} comes before the ${kind} member`);
    }
    if (member.segment >= this.#segments.entries)
      throw malformed(`${name} comes before its entries`);
  }

  #takeDay(day: string, name: string): void {
    this.#history += 1;
    if (this.#history > MAX_HISTORY) throw malformed(`more than ${MAX_HISTORY} in history/`);
    if (day <= this.#day) throw malformed(`${name} is out of order`);
    this.#day = day;
  }

  end(): void {
    for (const kind of ['checkpoint', 'node', 'dids', 'manifest']) {
      if (!this.#met.has(kind)) throw malformed(`the ${kind} member is missing`);
    }
  }
}

function malformed(detail: string): LogError {
  return new LogError('malformed_archive', detail);
}
