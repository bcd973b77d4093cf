// Streaming tar: writes members one after another, and reads them under limits, refusing what is not a plain file.
import { toHex } from '../protocol/bytes.ts';
import { LogError } from './error.ts';
import { encodeTarHeader, isZero, parseTarHeader, TAR_BLOCK } from './tar-header.ts';

export interface TarMember {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The bytes of a tar file: the same members and `mtime` (seconds) give the same bytes. */
export async function* writeTar(
  members: AsyncIterable<TarMember>,
  mtime: number,
): AsyncGenerator<Uint8Array> {
  for await (const { name, bytes } of members) {
    yield encodeTarHeader(name, bytes.length, mtime);
    if (bytes.length > 0) yield bytes;
    if (paddingOf(bytes.length) > 0) yield new Uint8Array(paddingOf(bytes.length));
  }
  yield new Uint8Array(2 * TAR_BLOCK);
}

export interface TarLimits {
  /** Most bytes of the member of this name, or null if no such member may be. */
  readonly maxSize: (name: string) => number | null;
  readonly maxMembers: number;
  readonly folders: ReadonlySet<string>;
  /**
   * True of members that are done with when the next one is asked for: these are read into one piece of memory, one after
   * another. None unless given.
   */
  readonly passing?: (name: string) => boolean;
}

/** Zero bytes after the end marker: tar writers fill up their last record, of 10,240 bytes by default. */
const maxFill = 65_536;

/**
 * Reads members, each whole, in the order of the file. Throws `LogError` `malformed_archive` for a name that is not
 * allowed or comes twice, a member above its limit, anything but plain files and the named folders,
 * and anything but zeros after the end.
 */
export async function* readTar(
  chunks: AsyncIterable<Uint8Array>,
  limits: TarLimits,
): AsyncGenerator<TarMember> {
  const source = new ByteSource(chunks);
  try {
    yield* membersOf(source, limits);
    await readEnd(source);
  } finally {
    await source.close();
  }
}

async function* membersOf(source: ByteSource, limits: TarLimits): AsyncGenerator<TarMember> {
  const seen = new Set<string>();
  let memory = new Uint8Array(0);
  for (;;) {
    const block = await source.read(TAR_BLOCK);
    if (isZero(block)) return;
    const header = parseTarHeader(block);
    if (header === null)
      throw malformed(isPacked(block) ? PACKED : 'a header that is not a plain file’s');
    const { name, type, size } = header;
    if (seen.has(name)) throw malformed(`two members are named ${JSON.stringify(name)}`);
    seen.add(name);
    if (seen.size > limits.maxMembers) throw malformed(`more than ${limits.maxMembers} members`);
    if (type === 'folder' && limits.folders.has(name)) continue;
    const maxSize = type === 'file' ? limits.maxSize(name) : null;
    if (maxSize === null) throw malformed(`no member may be named ${JSON.stringify(name)}`);
    if (size > maxSize) throw malformed(`${name} is larger than ${maxSize} bytes`);
    const passing = limits.passing?.(name) ?? false;
    // What members of a size like this one's were read into is used again: garbage of megabytes is collected late.
    if (passing && memory.length < size) memory = new Uint8Array(Math.min(2 * size, maxSize));
    const bytes = await source.read(size, passing ? memory : undefined);
    if (!isZero(await source.read(paddingOf(size)))) throw malformed(`bytes after ${name}`);
    yield { name, bytes };
  }
}

const PACKED = 'it is compressed; unpack it first';

/** gzip, zstd or xz, by the bytes they begin with. */
function isPacked(block: Uint8Array): boolean {
  return ['1f8b', '28b52ffd', 'fd377a58'].some((magic) => toHex(block).startsWith(magic));
}

/** The second of the two zero blocks, then nothing but fill. */
async function readEnd(source: ByteSource): Promise<void> {
  if (!isZero(await source.read(TAR_BLOCK))) throw malformed('the end is not marked by two blocks');
  for (let fill = 0; ; fill += TAR_BLOCK) {
    const block = await source.readUpTo(TAR_BLOCK);
    if (block.length === 0) return;
    if (!isZero(block) || fill >= maxFill) throw malformed('bytes after the end');
  }
}

/** Cuts a stream of chunks into pieces of the lengths asked for. A chunk is done with when the next one is asked for. */
class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  async read(length: number, memory?: Uint8Array): Promise<Uint8Array> {
    const bytes = await this.readUpTo(length, memory);
    if (bytes.length < length) throw malformed('it ends early');
    return bytes;
  }

  /** Fewer bytes than asked for only at the end. */
  async readUpTo(length: number, memory?: Uint8Array): Promise<Uint8Array> {
    const bytes = memory ?? new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      if (this.#rest.length === 0) {
        const next = await this.#chunks.next();
        if (next.done === true) break;
        this.#rest = next.value;
        continue;
      }
      const part = this.#take(length - filled);
      bytes.set(part, filled);
      filled += part.length;
    }
    return bytes.subarray(0, filled);
  }

  #take(length: number): Uint8Array {
    const part = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(part.length);
    return part;
  }

  /** Lets the source free what it holds, however far it was read. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}

function paddingOf(size: number): number {
  return (TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK;
}

function malformed(detail: string): LogError {
  return new LogError('malformed_archive', detail);
}
