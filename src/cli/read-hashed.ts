// Reads a file and says what it was: whoever reads it a second time can tell that it is still the same.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';

/** What stands for standard input where a file is named. */
export const STANDARD_INPUT = '-';

const READ_AT_ONCE = 256 * 1024;

/** A file's bytes as they are read. Each piece may be looked at until the next one is asked for. */
export function readPieces(file: string): AsyncIterable<Uint8Array> {
  return file === STANDARD_INPUT ? readStandardInput() : readFile(file);
}

export interface HashedFile {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** SHA-256 in hex of what was read. */
  digest(): string;
}

export function readHashed(file: string): HashedFile {
  const hash = createHash('sha256');
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of readPieces(file)) {
      hash.update(chunk);
      yield chunk;
    }
  }
  return { chunks: chunks(), digest: () => hash.copy().digest('hex') };
}

/** The process needs its standard input no more, but it is not this function's to close. */
function readStandardInput(): AsyncIterable<Uint8Array> {
  return createReadStream('', { fd: 0, autoClose: false, highWaterMark: READ_AT_ONCE });
}

async function* readFile(file: string): AsyncGenerator<Uint8Array> {
  const handle = await open(file);
  try {
    // One piece of memory for all: whoever reads a tar copies what is to stay.
    const memory = new Uint8Array(READ_AT_ONCE);
    for (;;) {
      const { bytesRead } = await handle.read(memory, 0, READ_AT_ONCE);
      if (bytesRead === 0) return;
      yield memory.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
