// A map from names of objects to small numbers that takes a tenth of the memory of a Map: a log may have millions.
import { hashOf, nameFromHash, type ObjectName } from '../protocol/object-name.ts';
import { HASH_SIZE } from './merkle.ts';

/** Names in one piece of memory, so that growing never copies what is there. */
const CHUNK = 16_384;
const FIRST_SLOTS = 1024;

interface Chunk {
  readonly hashes: Uint8Array;
  readonly values: Uint32Array;
}

export class NameTable {
  readonly #chunks: Chunk[] = [];
  /** Open addressing: 0 is free, else the number of a name plus one. */
  #slots = new Uint32Array(FIRST_SLOTS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(name: ObjectName): boolean {
    return this.get(name) !== undefined;
  }

  /** The value of a name, undefined if it has none. */
  get(name: ObjectName): number | undefined {
    return this.find(hashOf(name));
  }

  /** Gives a new name its value, 0 to 2^32 − 1. A name that is there keeps what it has. */
  add(name: ObjectName, value: number): void {
    this.put(hashOf(name), value);
  }

  /** As `get` and `add`, by the 32 bytes of the name. */
  find(hash: Uint8Array): number | undefined {
    const found = this.#slots[this.#slotOf(hash)];
    if (found === undefined || found === 0) return undefined;
    return this.#chunkOf(found - 1).values[(found - 1) % CHUNK];
  }

  put(hash: Uint8Array, value: number): void {
    const slot = this.#slotOf(hash);
    if (this.#slots[slot] !== 0) return;
    const number = this.#size;
    if (number % CHUNK === 0) {
      this.#chunks.push({
        hashes: new Uint8Array(CHUNK * HASH_SIZE),
        values: new Uint32Array(CHUNK),
      });
    }
    const { hashes, values } = this.#chunkOf(number);
    hashes.set(hash, (number % CHUNK) * HASH_SIZE);
    values[number % CHUNK] = value;
    this.#slots[slot] = number + 1;
    this.#size += 1;
    if (this.#size * 2 > this.#slots.length) this.#widen();
  }

  /** The name that was given its value as the `number`th, from 0. */
  at(number: number): ObjectName | undefined {
    if (number >= this.#size) return undefined;
    const at = (number % CHUNK) * HASH_SIZE;
    return nameFromHash(this.#chunkOf(number).hashes.slice(at, at + HASH_SIZE));
  }

  #chunkOf(number: number): Chunk {
    return this.#chunks[Math.floor(number / CHUNK)] as Chunk;
  }

  /** Where the hash is, or would be: names are hashes, so their first bytes spread them. */
  #slotOf(hash: Uint8Array): number {
    const mask = this.#slots.length - 1;
    for (let slot = startOf(hash, 0) & mask; ; slot = (slot + 1) & mask) {
      const found = this.#slots[slot] as number;
      if (found === 0) return slot;
      const { hashes } = this.#chunkOf(found - 1);
      if (isAt(hashes, ((found - 1) % CHUNK) * HASH_SIZE, hash)) return slot;
    }
  }

  #widen(): void {
    const slots = new Uint32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let number = 0; number < this.#size; number++) {
      const { hashes } = this.#chunkOf(number);
      let slot = startOf(hashes, (number % CHUNK) * HASH_SIZE) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    // Given back at once: a collector that sees little on the heap leaves megabytes lying beside it.
    this.#slots.buffer.transfer(0);
    this.#slots = slots;
  }
}

function startOf(bytes: Uint8Array, at: number): number {
  const [a, b] = [bytes[at] as number, bytes[at + 1] as number];
  const [c, d] = [bytes[at + 2] as number, bytes[at + 3] as number];
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
}

function isAt(hashes: Uint8Array, start: number, hash: Uint8Array): boolean {
  for (let i = 0; i < HASH_SIZE; i++) if (hashes[start + i] !== hash[i]) return false;
  return true;
}
