// Puts evidence and receipts into an archive on its way: whoever has one may add what they know, and no verdict rests on it.
import { toHex } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { parseDateTime } from '../protocol/date-time.ts';
import { canonicalize } from '../protocol/jcs.ts';
import { isObject, parseIJson } from '../protocol/json.ts';
import {
  ARCHIVE_FOLDERS,
  MAX_MEMBERS,
  MAX_PIECES,
  maxMemberSize,
  parseMemberName,
  pieceName,
} from './archive-format.ts';
import { LogError } from './error.ts';
import { parseEvidence } from './evidence-file.ts';
import { parseReceiptFile } from './receipt-file.ts';
import { readTar, type TarMember, writeTar } from './tar.ts';

/** Whether it is of the form of what `evidence/` may have. Nothing in it is verified. */
export function isPiece(bytes: Uint8Array): boolean {
  const fits = bytes.length <= (maxMemberSize(pieceName('0'.repeat(64))) as number);
  return fits && (parseEvidence(bytes).ok || parseReceiptFile(bytes).ok);
}

/**
 * The members of the archive with these pieces among those that it has, and a manifest that says so and when (`createdAt`, to the
 * second); everything else stays as it is.
 * Throws `LogError`: `malformed_archive` for what is no archive, `invalid_argument` for more pieces than may be.
 */
export function addPieces(
  chunks: AsyncIterable<Uint8Array>,
  pieces: readonly Uint8Array[],
  createdAt: string,
  crypto: Crypto,
): AsyncIterable<Uint8Array> {
  const mtime = parseDateTime(createdAt);
  if (mtime === null) throw new LogError('invalid_argument', 'createdAt is not a date and time');
  const added = new Map(
    pieces.map((bytes) => [pieceName(toHex(crypto.sha256(bytes))), bytes] as const),
  );
  return writeTar(membersWith(chunks, { added, createdAt, crypto }), mtime);
}

interface Addition {
  readonly added: ReadonlyMap<string, Uint8Array>;
  readonly createdAt: string;
  readonly crypto: Crypto;
}

async function* membersWith(
  chunks: AsyncIterable<Uint8Array>,
  addition: Addition,
): AsyncGenerator<TarMember> {
  const { added } = addition;
  const limits = { maxSize: maxMemberSize, maxMembers: MAX_MEMBERS, folders: ARCHIVE_FOLDERS };
  let held: Map<string, Uint8Array> | null = new Map(added);
  for await (const member of readTar(chunks, limits)) {
    const kind = parseMemberName(member.name)?.kind;
    if (kind === 'evidence' && held !== null) {
      held.set(member.name, member.bytes);
      continue;
    }
    // They are compared while the entries go by, so all of them come before, in the order of their names.
    if (held !== null && LATER.has(kind ?? '')) {
      if (held.size > MAX_PIECES) {
        throw new LogError('invalid_argument', `an archive has at most ${MAX_PIECES} pieces`);
      }
      const sorted = [...held].sort(([a], [b]) => (a < b ? -1 : 1));
      held = null;
      for (const [name, bytes] of sorted) yield { name, bytes };
    }
    if (kind === 'evidence' && added.has(member.name)) continue;
    yield kind === 'manifest' ? describing(member, addition) : member;
  }
}

const LATER = new Set(['history', 'entries', 'objects', 'manifest']);

function describing({ bytes, name }: TarMember, { added, createdAt, crypto }: Addition): TarMember {
  const parsed = parseIJson(bytes, { maxBytes: maxMemberSize(name) as number });
  const manifest = parsed.ok && isObject(parsed.value) ? parsed.value : {};
  const { files = null } = manifest;
  if (!isObject(files)) throw new LogError('malformed_archive', `${name} cannot be read`);
  const more = [...added].map(([piece, of]) => [piece, toHex(crypto.sha256(of))] as const);
  const all = { ...manifest, createdAt, files: { ...files, ...Object.fromEntries(more) } };
  return { name, bytes: canonicalize(all) };
}
