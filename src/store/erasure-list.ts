// The list of erasures beside the database: added to, without content, and not part of any backup of the database.
import { createHash } from 'node:crypto';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Activity } from '../protocol/activity.ts';
import { decodeUtf8 } from '../protocol/bytes.ts';
import { isObject, parseIJson } from '../protocol/json.ts';
import { nameFromHash, type ObjectName, parseObjectName } from '../protocol/object-name.ts';
import { encodeRemains, parseRemains, type Remains, remainsOf } from '../protocol/remains.ts';

/** What one Delete has erased. */
export interface ListedErasure {
  /** Origin and index of the Delete. */
  readonly log: string;
  readonly by: number;
  /** The objects whose bodies went. */
  readonly names: readonly ObjectName[];
  /** The signed Delete, as it was logged; null once it is erased itself. */
  readonly tombstone: Uint8Array | null;
  /** What is left of it then. */
  readonly remains: Remains | null;
  /** This node alone has dropped them, in whatever logs they are. */
  readonly withdrawn: boolean;
}

/** A line of the list, without newline: `{"by":…,"log":…,"n":[…],"o":{…}}`, with `r` for `o` once the Delete is erased itself, and `w` of what was withdrawn. */
export function encodeErasure(erasure: ListedErasure): string {
  const { by, log, names, remains, tombstone, withdrawn } = erasure;
  const head = JSON.stringify({ by, log, n: names, ...(withdrawn && { w: true }) }).slice(0, -1);
  if (tombstone !== null) return `${head},"o":${decodeUtf8(tombstone)}}`;
  return remains === null ? `${head}}` : `${head},"r":${encodeRemains(remains)}}`;
}

/** Null for a line that a crash has cut short, or that is damaged. */
export function parseErasure(line: string): ListedErasure | null {
  const bytes = new TextEncoder().encode(line);
  const parsed = parseIJson(bytes, { maxBytes: Number.MAX_SAFE_INTEGER });
  if (!parsed.ok || !isObject(parsed.value)) return null;
  const { by, log, n, o, r, w } = parsed.value;
  if (typeof by !== 'number' || typeof log !== 'string' || !Array.isArray(n)) return null;
  const at = line.indexOf(',"o":');
  const remains = at < 0 ? parseRemains(r) : null;
  if (at < 0 && remains === null) return null;
  const names = n.map((name) => parseObjectName(String(name)));
  if (names.includes(null)) return null;
  const tombstone = at < 0 ? null : new TextEncoder().encode(line.slice(at + 5, -1));
  // `origin` is beside the names of what was withdrawn from a submolt's log.
  const withdrawn = w === true || (isObject(o) && o.origin !== undefined);
  return { by, log, names: names as ObjectName[], tombstone, remains, withdrawn };
}

export function nameOfBytes(bytes: Uint8Array): ObjectName {
  return nameFromHash(new Uint8Array(createHash('sha256').update(bytes).digest()));
}

function withoutWords(erasure: ListedErasure, tombstone: Uint8Array): ListedErasure {
  const activity = JSON.parse(decodeUtf8(tombstone)) as Activity;
  return { ...erasure, tombstone: null, remains: remainsOf(activity) };
}

async function writeLine(file: FileHandle, line: string): Promise<void> {
  await file.appendFile(`${line}\n`);
}

export class ErasureList {
  readonly #path: string;
  readonly #passedOver: (line: number) => void;

  /** `passedOver` is told the number of each line that cannot be read. */
  constructor(path: string, passedOver: (line: number) => void = () => {}) {
    this.#path = path;
    this.#passedOver = passedOver;
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

  /** Takes the words out of Deletes that are erased themselves. The list is there whole at every moment. */
  async strike(erased: ReadonlySet<ObjectName>): Promise<void> {
    const path = `${this.#path}.new`;
    const file = await open(path, 'w', 0o600);
    try {
      for await (const erasure of this.read()) {
        const { tombstone } = erasure;
        const gone = tombstone !== null && erased.has(nameOfBytes(tombstone));
        await writeLine(file, encodeErasure(gone ? withoutWords(erasure, tombstone) : erasure));
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(path, this.#path);
    const folder = await open(dirname(this.#path), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  /** From the first on; what cannot be read is passed over. Nothing if there is no list yet. */
  async *read(): AsyncGenerator<ListedErasure> {
    const file = await open(this.#path, 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (file === null) return;
    let number = 0;
    // Closes the file at the end.
    for await (const line of file.readLines()) {
      number += 1;
      const erasure = parseErasure(line);
      if (erasure !== null) yield erasure;
      else if (line !== '') this.#passedOver(number);
    }
  }
}
