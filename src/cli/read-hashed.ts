// Reads a file and says what it was: whoever reads it a second time can tell that it is still the same.
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/** What stands for standard input where a file is named. */
export const STANDARD_INPUT = '-';

const READ_AT_ONCE = 256 * 1024;

export interface HashedFile {
  /** Each may be looked at until the next one is asked for. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** SHA-256 in hex of what was read. */
  digest(): string;
}

export function readHashed(file: string): HashedFile {
  const hash = createHash('sha256');
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const handle = await open(file);
    try {
      // One piece of memory for all: whoever reads a tar copies what is to stay.
      const memory = new Uint8Array(READ_AT_ONCE);
      for (;;) {
        const { bytesRead } = await handle.read(memory, 0, READ_AT_ONCE);
        if (bytesRead === 0) return;
        const chunk = memory.subarray(0, bytesRead);
        hash.update(chunk);
        yield chunk;
      }
    } finally {
      await handle.close();
    }
  }
  return { chunks: chunks(), digest: () => hash.copy().digest('hex') };
}
