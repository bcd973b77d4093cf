// Tar: deterministic writing, and reading that refuses whatever could surprise whoever unpacks it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concatBytes, utf8 } from '../protocol/bytes.ts';
import { LogError } from './error.ts';
import { readTar, type TarMember, writeTar } from './tar.ts';
import { encodeTarHeader } from './tar-header.ts';

const limits = {
  maxSize: (name: string) => (name.startsWith('big') ? 10_000 : name.includes('/..') ? null : 1000),
  maxMembers: 5,
  folders: new Set(['folder/']),
};

async function* stream<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function write(members: readonly TarMember[], mtime = 0): Promise<Uint8Array> {
  return concatBytes(...(await collect(writeTar(stream(members), mtime))));
}

/** Reads a tar handed over in chunks of `size` bytes. */
async function read(tar: Uint8Array, size = 512): Promise<TarMember[]> {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < tar.length; at += size) chunks.push(tar.subarray(at, at + size));
  return collect(readTar(stream(chunks), limits));
}

const member = (name: string, text: string): TarMember => ({ name, bytes: utf8(text) });
const two = [member('a', 'first'), member('folder/b', 'x'.repeat(700))];

/** Changes the first header and mends its checksum. */
function forged(tar: Uint8Array, change: (header: Uint8Array) => void): Uint8Array {
  const copy = tar.slice();
  const header = copy.subarray(0, 512);
  change(header);
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.set(utf8(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
  return copy;
}

test('members come back, however the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.stringMatching(/^[a-z]{1,20}$/), { maxLength: 5 }),
      fc.uint8Array({ maxLength: 1000 }),
      fc.integer({ min: 1, max: 3000 }),
      async (names, bytes, size) => {
        const members = names.map((name, i) => ({ name, bytes: bytes.subarray(i) }));
        const tar = await write(members);
        expect(tar.length % 512).toBe(0);
        const back = await read(tar, size);
        expect(back.map(({ name }) => name)).toEqual(names);
        for (const [i, { bytes }] of back.entries()) expect(bytes).toEqual(members[i]?.bytes);
      },
    ),
    { numRuns: 50 },
  );
});

test('members that pass are right while they are there, and take the memory of the one before', async () => {
  const members = ['objects-a', 'kept', 'objects-b', 'objects-c'].map((name, n) => ({
    name,
    bytes: new Uint8Array(900 - 100 * n).fill(n),
  }));
  const tar = await write(members);
  const passing = (name: string) => name.startsWith('objects');
  const memories: ArrayBufferLike[] = [];
  for await (const { bytes, name } of readTar(stream([tar.subarray(0, 99), tar.subarray(99)]), {
    ...limits,
    passing,
  })) {
    expect(bytes).toEqual(members.find((written) => written.name === name)?.bytes);
    memories.push(bytes.buffer);
  }
  expect(new Set(memories).size).toBeLessThanOrEqual(3);
});

test('a member may come in any number of chunks', async () => {
  const big = new Uint8Array(200_000).fill(7);
  const tar = await write([{ name: 'a', bytes: big }]);
  const byte = Array.from(tar, (_, at) => tar.subarray(at, at + 1));
  const roomy = { ...limits, maxSize: () => big.length };
  const [back] = await collect(readTar(stream(byte), roomy));
  expect(back?.bytes).toEqual(big);
});

test('the same members and time give the same bytes', async () => {
  expect(await write(two, 1_700_000_000)).toEqual(await write(two, 1_700_000_000));
  expect(await write(two, 1_700_000_000)).not.toEqual(await write(two, 1_700_000_001));
});

test('what GNU tar packs can be read, and what is written it can unpack', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tar-'));
  try {
    writeFileSync(join(folder, 'ours.tar'), await write(two, 1_700_000_000));
    const run = (...args: string[]) => spawnSync('tar', args, { cwd: folder, encoding: 'utf8' });
    expect(run('xf', 'ours.tar')).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(join(folder, 'folder/b'), 'utf8')).toBe('x'.repeat(700));
    for (const format of ['ustar', 'gnu']) {
      expect(run('cf', 'theirs.tar', `--format=${format}`, 'a', 'folder').status).toBe(0);
      const back = await read(new Uint8Array(readFileSync(join(folder, 'theirs.tar'))));
      expect(back.map(({ name }) => name)).toEqual(['a', 'folder/b']);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a name that is not allowed stops the reading', async () => {
  for (const name of ['a/../../etc/passwd', 'x/..']) {
    await expect(read(await write([member(name, '')])), name).rejects.toThrow(
      'no member may be named',
    );
  }
  await expect(read(await write([two[0] as TarMember, two[0] as TarMember]))).rejects.toThrow(
    'two members',
  );
  const six = 'abcdef'.split('').map((name) => member(name, ''));
  await expect(read(await write(six))).rejects.toThrow('more than 5');
  await expect(read(await write([member('a', 'x'.repeat(1001))]))).rejects.toThrow(
    'larger than 1000',
  );
});

test('links, devices, long names and extension headers are refused', async () => {
  const tar = await write(two);
  const type = (flag: string) => forged(tar, (header) => header.set(utf8(flag), 156));
  for (const flag of ['1', '2', '3', '4', '5', '6', '7', 'x', 'g', 'L', 'K', 'S', 'V']) {
    await expect(read(type(flag)), flag).rejects.toThrow(LogError);
  }
  expect(await read(type('\0'))).toHaveLength(2);
  const put = (at: number, text: string) => forged(tar, (header) => header.set(utf8(text), at));
  await expect(read(put(157, 'target'))).rejects.toThrow(LogError);
  await expect(read(put(345, '../prefix'))).rejects.toThrow(LogError);
  await expect(read(put(1, '\0hidden'))).rejects.toThrow(LogError);
  await expect(read(put(257, 'posix'))).rejects.toThrow(LogError);
  await expect(read(put(124, '77777777777\0'))).rejects.toThrow('larger than');
  await expect(read(put(124, '\x80\0\0\0\0\0\0\0\0\0\0\x05'))).rejects.toThrow(LogError);
  await expect(read(put(124, '0000000000x\0'))).rejects.toThrow(LogError);
});

test('a folder that is not asked for, or has content, is refused', async () => {
  const folder = (name: string, size: number) => {
    const header = forged(encodeTarHeader(name, size, 0), (bytes) => bytes.set(utf8('5'), 156));
    return concatBytes(header, new Uint8Array(1024));
  };
  expect(await read(folder('folder/', 0))).toEqual([]);
  await expect(read(folder('other/', 0))).rejects.toThrow(LogError);
  await expect(read(folder('folder/', 5))).rejects.toThrow(LogError);
});

test('an end that comes early, late or not at all is refused', async () => {
  const tar = await write(two);
  for (const cut of [
    0,
    1,
    511,
    512,
    600,
    1024,
    tar.length - 1024,
    tar.length - 512,
    tar.length - 1,
  ]) {
    await expect(read(tar.slice(0, cut)), String(cut)).rejects.toThrow('ends early');
  }
  expect(await read(concatBytes(tar, new Uint8Array(10_240)))).toHaveLength(2);
  await expect(read(concatBytes(tar, utf8('x')))).rejects.toThrow('after the end');
  await expect(read(concatBytes(tar, new Uint8Array(70_000)))).rejects.toThrow('after the end');
  const oneBlock = concatBytes(tar.slice(0, tar.length - 512), tar.slice(0, 512));
  await expect(read(oneBlock)).rejects.toThrow('two blocks');
});

test('no byte of headers and padding can change unnoticed, but for their times and owners', async () => {
  const tar = await write([member('a', 'first')]);
  for (let at = 0; at < tar.length; at++) {
    if (at >= 512 && at < 517) continue;
    const bent = tar.slice();
    bent[at] = (bent[at] as number) ^ 0x01;
    await expect(read(bent), `byte ${at}`).rejects.toThrow(LogError);
  }
});

test('a source that is not read to its end is told so', async () => {
  let closed = false;
  async function* source() {
    try {
      yield await write(two);
      yield new Uint8Array(512);
    } finally {
      closed = true;
    }
  }
  for await (const { name } of readTar(source(), limits)) {
    expect(name).toBe('a');
    break;
  }
  expect(closed).toBe(true);
});

test('reads the Buffers of a file stream, whose slice() shares memory, without changing them', async () => {
  async function* one() {
    yield { name: 'checkpoint', bytes: utf8('text') };
  }
  const parts: Uint8Array[] = [];
  for await (const part of writeTar(one(), 0)) parts.push(part);
  const file = Buffer.concat(parts);
  const before = Buffer.from(file);
  async function* stream() {
    yield file;
  }
  const limits = { maxSize: () => 100, maxMembers: 5, folders: new Set<string>() };
  const names: string[] = [];
  for await (const { name } of readTar(stream(), limits)) names.push(name);
  expect(names).toEqual(['checkpoint']);
  expect(file.equals(before)).toBe(true);
});
