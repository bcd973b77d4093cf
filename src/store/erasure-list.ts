// The list of erasures beside the database: only ever added to, without content, and not part of any backup of the database.
import { open } from 'node:fs/promises';
import { decodeUtf8 } from '../protocol/bytes.ts';
import { isObject, parseIJson } from '../protocol/json.ts';
import { type ObjectName, parseObjectName } from '../protocol/object-name.ts';

/** What one Delete has erased. */
export interface ListedErasure {
  /** Origin and index of the Delete. */
  readonly log: string;
  readonly by: number;
  /** The objects whose bodies went. */
  readonly names: readonly ObjectName[];
  /** The signed Delete, as it was logged. */
  readonly tombstone: Uint8Array;
}

/** A line of the list, without newline: `{"by":…,"log":…,"n":[…],"o":{…}}`. */
export function encodeErasure({ by, log, names, tombstone }: ListedErasure): string {
  const head = JSON.stringify({ by, log, n: names }).slice(0, -1);
  return `${head},"o":${decodeUtf8(tombstone)}}`;
}

/** Null for a line that a crash has cut short. */
function parseErasure(line: string): ListedErasure | null {
  const bytes = new TextEncoder().encode(line);
  const parsed = parseIJson(bytes, { maxBytes: Number.MAX_SAFE_INTEGER });
  if (!parsed.ok || !isObject(parsed.value)) return null;
  const { by, log, n } = parsed.value;
  const at = line.indexOf(',"o":');
  if (typeof by !== 'number' || typeof log !== 'string' || !Array.isArray(n) || at < 0) return null;
  const names = n.map((name) => parseObjectName(String(name)));
  if (names.includes(null)) return null;
  const tombstone = new TextEncoder().encode(line.slice(at + 5, -1));
  return { by, log, names: names as ObjectName[], tombstone };
}

export class ErasureList {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** On disk when it fulfils. */
  async append(lines: readonly string[]): Promise<void> {
    const file = await open(this.#path, 'a+', 0o600);
    try {
      const { size } = await file.stat();
      const last = Buffer.alloc(1);
      if (size > 0) await file.read(last, 0, 1, size - 1);
      // A crash may have left the last line without its end.
      const begin = size > 0 && last[0] !== 0x0a ? '\n' : '';
      await file.appendFile(begin + lines.map((line) => `${line}\n`).join(''));
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** From the first on; what cannot be read is passed over. Nothing if there is no list yet. */
  async *read(): AsyncGenerator<ListedErasure> {
    const file = await open(this.#path, 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (file === null) return;
    // Closes the file at the end.
    for await (const line of file.readLines()) {
      const erasure = parseErasure(line);
      if (erasure !== null) yield erasure;
    }
  }
}
