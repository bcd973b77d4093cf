// The lines of a member of an archive, cut out one by one: whoever needs one does not have to hold thousands.
import { LogError } from './error.ts';

const NEWLINE = 0x0a;

/** Where each line ends. Throws `LogError` `malformed_archive` for a longer or an unended line. */
function* endsOf(bytes: Uint8Array, maxLength: number): Generator<number> {
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end < 0) throw malformed('the last line has no newline');
    if (end - start > maxLength) throw malformed(`a line is longer than ${maxLength} bytes`);
    yield end;
    start = end + 1;
  }
}

function* cut(bytes: Uint8Array, ends: Iterable<number>): Generator<Uint8Array> {
  let start = 0;
  for (const end of ends) {
    yield bytes.subarray(start, end);
    start = end + 1;
  }
}

/** Lines as they are found, however many: what is wrong is thrown when it is come to. */
export function linesOf(bytes: Uint8Array, maxLength: number): Iterable<Uint8Array> {
  return cut(bytes, endsOf(bytes, maxLength));
}

/** Lines that were counted and measured before the first of them is given. */
export class Lines implements Iterable<Uint8Array> {
  readonly #bytes: Uint8Array;
  readonly #ends: Uint32Array;

  /** Throws for more than `maxLines` too: the member `name`, full of newlines, would make millions. */
  constructor(
    name: string,
    bytes: Uint8Array,
    { maxLength, maxLines }: { readonly maxLength: number; readonly maxLines: number },
  ) {
    const ends: number[] = [];
    for (const end of endsOf(bytes, maxLength)) {
      if (ends.push(end) > maxLines) throw malformed(`${name} has more than ${maxLines} lines`);
    }
    this.#bytes = bytes;
    this.#ends = Uint32Array.from(ends);
  }

  get length(): number {
    return this.#ends.length;
  }

  [Symbol.iterator](): Generator<Uint8Array> {
    return cut(this.#bytes, this.#ends);
  }
}

function malformed(detail: string): LogError {
  return new LogError('malformed_archive', detail);
}
