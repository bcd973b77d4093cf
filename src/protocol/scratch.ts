// Memory for bytes that are put together only to be hashed: to allocate it anew takes longer than to hash what is in it.

/** Whoever has one uses what `join` gave before anybody else can call it: nothing may be waited for in between. */
export class Scratch {
  #memory: Uint8Array;

  constructor(size: number) {
    this.#memory = new Uint8Array(size);
  }

  /** The parts one after another, until the next call. */
  join(...parts: readonly Uint8Array[]): Uint8Array {
    let length = 0;
    for (const part of parts) length += part.length;
    if (length > this.#memory.length) this.#memory = new Uint8Array(2 * length);
    let at = 0;
    for (const part of parts) {
      this.#memory.set(part, at);
      at += part.length;
    }
    return this.#memory.subarray(0, length);
  }
}
