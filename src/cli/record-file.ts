// A small file of an agent's: JSON values by key, replaced whole, for its owner alone.
import { readFile, rename, writeFile } from 'node:fs/promises';

export interface RecordFile<Value> {
  load(key: string): Promise<Value | undefined>;
  /** Undefined takes the key away. */
  save(key: string, value: Value | undefined): Promise<void>;
}

export function recordFile<Value>(path: string): RecordFile<Value> {
  const read = async (): Promise<Record<string, Value | undefined>> => {
    const text = await readFile(path, 'utf8').catch(() => null);
    return text === null ? {} : JSON.parse(text);
  };
  return {
    load: async (key) => (await read())[key],
    async save(key, value) {
      const text = JSON.stringify({ ...(await read()), [key]: value });
      // Two commands at once: each replaces the file whole, and neither takes the other's half.
      const own = `${path}.${process.pid}.new`;
      await writeFile(own, text, { mode: 0o600 });
      await rename(own, path);
    },
  };
}
