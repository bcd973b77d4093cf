// Reads a file and says what it was: whoever reads it a second time can tell that it is still the same.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** What stands for standard input where a file is named. */
export const STANDARD_INPUT = '-';

const READ_AT_ONCE = 256 * 1024;

export interface HashedFile {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** SHA-256 in hex of what was read. */
  digest(): string;
}

export function readHashed(file: string): HashedFile {
  const hash = createHash('sha256');
  async function* chunks(): AsyncGenerator<Uint8Array> {
    // The process needs its standard input no more, but it is not this function's to close.
    const source = file === STANDARD_INPUT ? { fd: 0, autoClose: false } : {};
    for await (const chunk of createReadStream(file, { ...source, highWaterMark: READ_AT_ONCE })) {
      hash.update(chunk as Uint8Array);
      yield chunk as Uint8Array;
    }
  }
  return { chunks: chunks(), digest: () => hash.copy().digest('hex') };
}
