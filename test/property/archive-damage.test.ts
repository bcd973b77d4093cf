// What holds of every archive, however it was damaged: a documented code, no error of our own, and 0 only where nobody had signed.
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { verifyArchive } from '../../src/log/archive-verify.ts';
import { encodeTarHeader, TAR_BLOCK } from '../../src/log/tar-header.ts';
import { concatBytes, utf8 } from '../../src/protocol/bytes.ts';
import { canonicalize } from '../../src/protocol/jcs.ts';
import type { JsonValue } from '../../src/protocol/json.ts';
import { fullArchive, fullLog, verifierPolicy } from '../full-log.ts';
import { crypto, pack, packAgain, START, stream, unpack } from '../sample-log.ts';
import { seeded } from '../world.ts';

const policy = verifierPolicy();
const CODES = [10, 11, 12, 13, 14, 15, 20, 21, 22, 23, 24, 25];
const MANIFEST = 'manifest.json';
const [ENTRIES, OBJECTS] = ['entries/000000.ndjson', 'objects/000000.ndjson'] as const;

let whole: Uint8Array;
let members: ReadonlyMap<string, Uint8Array>;
let names: readonly string[];

beforeAll(async () => {
  whole = await fullArchive();
  members = await unpack(whole);
  names = [...members.keys()];
});

async function codeOf(archive: Uint8Array): Promise<number> {
  const options = { crypto, policy, now: (START + 86_400) * 1000 };
  const { code, ok } = await verifyArchive(stream(archive), options);
  expect(ok).toBe(code === 0);
  return code;
}

/** A member changed as a dishonest maker would: the manifest agrees. */
const sealed = (name: string, bytes: Uint8Array) => packAgain(new Map(members).set(name, bytes));

function flipped(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  return Uint8Array.from(bytes).fill((bytes[at] as number) ^ (1 << bit), at, at + 1);
}

/** One character for each byte. */
const octets = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const COSIGNATURE = octets(utf8('— w'));

/** Places that nobody has signed for, as archive.md §3 lists them: other bytes there are no lie about the log. */
function isFree(name: string, text: string, at: number): boolean {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const line = text.slice(start, text.indexOf('\n', at));
  switch (name) {
    // The archive's own copies of documents of did:web.
    case 'dids.ndjson':
      return true;
    // What is recorded of a body whose salt is gone.
    case OBJECTS:
      return /^\{("a":"[^"]+",)?"by":/.test(line);
    // A cosignature by nobody known is ignored, and these need not have any.
    case 'system/head.json':
    case 'system/founding.json':
      return at > text.lastIndexOf(COSIGNATURE);
    default:
      return name === 'policy' || (name.startsWith('history/') && line.startsWith(COSIGNATURE));
  }
}

describe('an archive in which a bit is flipped', () => {
  test('fails, but for the time in the manifest', { timeout: 30_000 }, async () => {
    const random = seeded(1);
    const created = octets(whole).indexOf('"createdAt":"');
    for (let i = 0; i < 400; i++) {
      const at = random(whole.length);
      const code = await codeOf(flipped(whole, at, random(8)));
      if (code === 0) expect(at - created, `byte ${at}`).toBeLessThan(34);
      if (code === 0) expect(at - created, `byte ${at}`).toBeGreaterThan(12);
      else expect(CODES, `byte ${at}`).toContain(code);
    }
  });

  test('fails under a manifest that agrees, where somebody has signed', {
    timeout: 30_000,
  }, async () => {
    const random = seeded(2);
    for (const name of names.filter((one) => one !== MANIFEST)) {
      const bytes = members.get(name)!;
      for (let i = 0; i < 40; i++) {
        const at = random(bytes.length);
        const code = await codeOf(await sealed(name, flipped(bytes, at, random(8))));
        if (code === 0) expect(isFree(name, octets(bytes), at), `${name} ${at}`).toBe(true);
        else expect(CODES, `${name} ${at}`).toContain(code);
      }
    }
  });
});

test('an archive that leaves out a body, and says so, fails for that alone', async () => {
  const archive = await fullArchive(fullLog({ withdrawn: true }));
  expect(await codeOf(archive)).toBe(26);
  const random = seeded(6);
  for (let i = 0; i < 40; i++) {
    const at = random(archive.length);
    expect([...CODES, 26], `byte ${at}`).toContain(await codeOf(flipped(archive, at, random(8))));
  }
});

describe('the file', () => {
  test('cut anywhere, at a block or not', async () => {
    for (let end = 0; end < whole.length; end += TAR_BLOCK) {
      expect(await codeOf(whole.subarray(0, end)), `${end}`).toBe(10);
    }
    for (const less of [1, 511, 513]) expect(await codeOf(whole.subarray(0, -less))).toBe(10);
  });

  test('with something behind it', async () => {
    for (const [fill, code] of [
      [new Uint8Array(512), 0],
      [new Uint8Array(65_536), 0],
      [new Uint8Array(65_537), 10],
      [utf8('x'), 10],
      [whole, 10],
    ] as const) {
      expect(await codeOf(concatBytes(whole, fill))).toBe(code);
    }
  });

  test('that is no tar, or not a plain one', async () => {
    expect(await codeOf(gzipSync(whole))).toBe(10);
    expect(await codeOf(new Uint8Array(2 * TAR_BLOCK))).toBe(10);
    expect(await codeOf(new Uint8Array(0))).toBe(10);
    const file = encodeTarHeader('checkpoint', 0, START);
    for (const [at, bytes] of [
      // Links, a device, pax and GNU extension headers; a link target, a prefix; sizes as no file has them.
      ...[...'1236xgLKDVS7'].map((flag) => [156, utf8(flag)] as const),
      [157, utf8('/etc/passwd')],
      [345, utf8('..')],
      [124, utf8('77777777777')],
      [124, utf8('-0000000001')],
      [124, Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)],
      [0, utf8('../checkpoint')],
      [0, utf8('checkpoint\0x')],
      [0, Uint8Array.of(0)],
      [0, Uint8Array.of(0xff)],
    ] as const) {
      const header = Uint8Array.from(file);
      header.set(bytes, at);
      header.set(utf8(' '.repeat(8)), 148);
      const sum = header.reduce((total, byte) => total + byte, 0);
      header.set(utf8(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
      expect(await codeOf(concatBytes(header, whole)), `${at} ${bytes}`).toBe(10);
    }
  });
});

describe('members', () => {
  /** The manifest agrees, and what may be missing is not there. */
  const optional = (name: string) => /^(policy|system\/.*|history\/.*)$/.test(name);

  test('dropped, doubled, emptied or under another name', async () => {
    for (const name of names) {
      const without = [...members].filter(([other]) => other !== name);
      const bytes = members.get(name)!;
      expect(await codeOf(await pack(without)), `without ${name}`).toBeGreaterThan(9);
      if (name !== MANIFEST) {
        const code = await codeOf(await packAgain(new Map(without)));
        expect(code === 0, `without ${name}, as the manifest says`).toBe(optional(name));
        const emptied = await codeOf(await sealed(name, new Uint8Array(0)));
        expect(CODES, `an empty ${name}`).toContain(emptied);
      }
      expect(await codeOf(await pack([...members, [name, bytes]])), `${name} twice`).toBe(10);
      for (const other of [`./${name}`, `/${name}`, `../${name}`, `${name}/`, `${name}x`]) {
        const renamed = [...members].map(([one, of]) => [one === name ? other : one, of] as const);
        expect(await codeOf(await pack(renamed)), other).toBe(10);
      }
    }
  });

  test('in another order fail, or prove what they proved', async () => {
    const random = seeded(3);
    for (let i = 0; i < 40; i++) {
      const moved = [...members];
      const [one] = moved.splice(random(moved.length), 1);
      moved.splice(random(moved.length + 1), 0, one!);
      expect([0, 10], moved.map(([name]) => name).join()).toContain(
        await codeOf(await pack(moved)),
      );
    }
  });

  test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['a byte order mark before it', (bytes) => concatBytes(Uint8Array.of(0xef, 0xbb, 0xbf), bytes)],
    ['a NUL after it', (bytes) => concatBytes(bytes, Uint8Array.of(0))],
    ['no UTF-8 after it', (bytes) => concatBytes(bytes, Uint8Array.of(0xff))],
    ['half of it', (bytes) => bytes.subarray(0, bytes.length / 2)],
    ['twice', (bytes) => concatBytes(bytes, bytes)],
    ['a very long line', (bytes) => concatBytes(bytes, utf8('a'.repeat(2_000_000)))],
    ['very deep JSON', () => utf8('['.repeat(200_000))],
    ['a line of very deep JSON', (bytes) => concatBytes(bytes, utf8(`${'['.repeat(200_000)}\n`))],
    ['many empty lines', (bytes) => concatBytes(bytes, utf8('\n'.repeat(500_000)))],
  ])('with %s', async (_, change) => {
    for (const name of names) {
      const bytes = change(members.get(name)!);
      const archive =
        name === MANIFEST ? pack(new Map(members).set(name, bytes)) : sealed(name, bytes);
      expect(CODES, name).toContain(await codeOf(await archive));
    }
  });
});

describe('an archive that only costs time or memory', () => {
  const entries = (segment: number, bytes: Uint8Array) =>
    [`entries/${String(segment).padStart(6, '0')}.ndjson`, bytes] as const;
  const findings = async (archive: Uint8Array) => {
    const report = await verifyArchive(stream(archive), { crypto, now: START * 1000 });
    return report.findings.map(({ message }) => message);
  };

  test('is left at the first member whose lines are none', async () => {
    const newlines = utf8('\n'.repeat(4096));
    const found = await findings(await pack([0, 1, 2].map((n) => entries(n, newlines))));
    expect(found[0]).toBe('entries/000000.ndjson has lines that are no lines');
    const more = await findings(await pack([entries(0, utf8('\n'.repeat(5000)))]));
    expect(more[0]).toBe('entries/000000.ndjson has more than 4096 lines');
  });

  test('has not more than so many entries to be held until their objects come', async () => {
    const line = members.get(ENTRIES)!.slice(0, members.get(ENTRIES)!.indexOf(10) + 1);
    const ahead = Array.from({ length: 257 }, (_, n) => entries(n, line));
    expect((await findings(await pack(ahead)))[0]).toBe(
      'entries/000256.ndjson comes more than 256 segments before its objects',
    );
    const found = await findings(await pack(ahead.slice(1).map(([, of], n) => entries(n, of))));
    expect(found.join()).not.toContain('segments before');
  });
});

describe('lines', () => {
  test('dropped, doubled, swapped or cut', { timeout: 30_000 }, async () => {
    const random = seeded(4);
    for (const name of [ENTRIES, OBJECTS, 'dids.ndjson']) {
      const lines = octets(members.get(name)!).trimEnd().split('\n');
      for (let i = 0; i < 60; i++) {
        const at = random(lines.length);
        const line = lines[at]!;
        const next = (at + 1) % lines.length;
        const changed = [
          lines.toSpliced(at, 1),
          lines.toSpliced(at, 0, line),
          lines.with(at, lines[next]!).with(next, line),
          lines.with(at, line.slice(0, random(line.length))),
          lines.with(at, `${line}\r`),
        ][i % 5]!;
        const bytes = Buffer.from(`${changed.join('\n')}\n`, 'latin1');
        if (bytes.equals(members.get(name)!)) continue;
        expect(CODES, `${name} ${at} ${i % 5}`).toContain(await codeOf(await sealed(name, bytes)));
      }
    }
  });

  test('of JSON with a member changed, added or left out', { timeout: 30_000 }, async () => {
    const random = seeded(5);
    for (const name of [
      'node.json',
      'system/head.json',
      'system/founding.json',
      ENTRIES,
      OBJECTS,
    ]) {
      const lines = Buffer.from(members.get(name)!).toString().trimEnd().split('\n');
      for (let i = 0; i < 60; i++) {
        const at = random(lines.length);
        if (name === OBJECTS && isFree(name, `${lines[at]!}\n`, 0)) continue;
        const line = Buffer.from(canonicalize(bent(JSON.parse(lines[at]!), random))).toString();
        const text = lines.with(at, line).join('\n') + (name.endsWith('.ndjson') ? '\n' : '');
        const code = await codeOf(await sealed(name, utf8(text)));
        expect(CODES, `${name} ${at}: ${line}`).toContain(code);
      }
    }
  });
});

const OTHERS: readonly JsonValue[] = [null, true, -1, 2 ** 53 - 1, '', 'x', [], {}, '\u0000'];

/** The value with one of its members, at whatever depth, left out or replaced, or with one more. */
function bent(value: JsonValue, random: (n: number) => number): JsonValue {
  if (typeof value !== 'object' || value === null) return value === 'y' ? 'z' : 'y';
  const keys = Object.keys(value);
  if (Array.isArray(value)) {
    const at = random(keys.length + 1);
    return at === keys.length ? [...value, 'y'] : value.with(at, bent(value[at]!, random));
  }
  const key = keys[random(keys.length)];
  if (key === undefined || random(6) === 0) return { ...value, y: 1 };
  const { [key]: member = null, ...rest } = value;
  if (random(3) === 0) return rest;
  const other = OTHERS[random(OTHERS.length)]!;
  const isOther = JSON.stringify(other) !== JSON.stringify(member);
  return { ...rest, [key]: random(2) === 0 && isOther ? other : bent(member, random) };
}
