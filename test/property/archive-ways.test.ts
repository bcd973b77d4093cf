// However an archive comes and on however many threads it is verified, damaged or not: one code and the same findings.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createExaminerPool } from '../../src/cli/examiner-pool.ts';
import { verifyArchive } from '../../src/log/archive-verify.ts';
import type { Examiner } from '../../src/log/body-examiner.ts';
import { openShell, runHere, type Shell } from '../cli/exuvia.ts';
import { fullArchive } from '../full-log.ts';
import { crypto, packAgain, START, stream, unpack } from '../sample-log.ts';
import { seeded } from '../world.ts';

const [ENTRIES, OBJECTS] = ['entries/000000.ndjson', 'objects/000000.ndjson'] as const;
const folder = mkdtempSync(join(tmpdir(), 'exuvia-ways-'));
const archives: Uint8Array[] = [];
let shell: Shell;

beforeAll(async () => {
  shell = await openShell();
  const whole = await fullArchive();
  const members = await unpack(whole);
  const random = seeded(11);
  const flipped = (bytes: Uint8Array) => {
    const at = random(bytes.length);
    return Uint8Array.from(bytes).fill(bytes[at]! ^ (1 << random(8)), at, at + 1);
  };
  const changed = (name: string, change: (lines: string[]) => string[]) => {
    const lines = Buffer.from(members.get(name)!).toString('latin1').trimEnd().split('\n');
    const text = `${change(lines).join('\n')}\n`;
    return packAgain(new Map(members).set(name, Buffer.from(text, 'latin1')));
  };
  archives.push(whole, whole.subarray(0, -1024), flipped(whole), flipped(whole));
  // Under a manifest that agrees, and so that bodies fail one by one, and many at once.
  for (const name of [ENTRIES, OBJECTS]) {
    for (let i = 0; i < 4; i++) {
      archives.push(await packAgain(new Map(members).set(name, flipped(members.get(name)!))));
      archives.push(await changed(name, (lines) => lines.toSpliced(random(lines.length), 1)));
      archives.push(await changed(name, (lines) => [...lines, lines[random(lines.length)]!]));
    }
  }
  for (const [from, to] of [
    ['"published":"2026', '"published":"2027'],
    ['did:key:z6Mk', 'did:key:z6Mm'],
    ['"content":"', '"content":"x'],
    ['"s":"', '"s":"A'],
    ['{"i"', '{ "i"'],
    ['"proofValue":"z', '"proofValue":"z1'],
  ] as const) {
    archives.push(await changed(OBJECTS, (lines) => lines.map((line) => line.replace(from, to))));
  }
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await shell.remove();
});

test('one thread finds what several find', { timeout: 30_000 }, async () => {
  const pool = createExaminerPool(crypto, 3);
  const report = (archive: Uint8Array, examiner?: Examiner) =>
    verifyArchive(stream(archive), { crypto, now: START * 1000, ...(examiner && { examiner }) });
  const codes = new Set<number>();
  try {
    for (const [i, archive] of archives.entries()) {
      const alone = await report(archive);
      expect(await report(archive, pool), `archive ${i}`).toEqual(alone);
      codes.add(alone.code);
    }
  } finally {
    await pool.close();
  }
  expect(archives).toHaveLength(34);
  expect(codes.size).toBeGreaterThan(4);
});

test('so does the command, of a file or from standard input, as text or JSON', {
  timeout: 60_000,
}, async () => {
  for (let i = 0; i < archives.length; i += 4) {
    const file = join(folder, `${i}.tar`);
    writeFileSync(file, archives[i]!);
    const [alone, threads, text, piped] = await Promise.all([
      runHere(folder, 'verify', file, '--threads', '1', '--json'),
      runHere(folder, 'verify', file, '--threads', '3', '--json'),
      runHere(folder, 'verify', file, '--threads', '2'),
      shell.pipe(archives[i]!, 'verify', '-', '--json'),
    ]);
    const report = JSON.parse(alone.out);
    expect(report.code, `archive ${i}`).toBe(alone.code);
    expect([threads, piped]).toEqual([alone, alone]);
    const told = text.out.split('\n').filter((line) => /^ {2}\d+:/.test(line));
    const line = ({ code, index, message }: (typeof report.findings)[number]) =>
      `  ${code}:${index === undefined ? '' : ` entry ${index}:`} ${message}`;
    expect([text.code, told]).toEqual([alone.code, report.findings.map(line)]);
  }
});
