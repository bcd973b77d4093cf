// Files of the wrong kind: whoever is given one says what it is, and what to do with it.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openShell, runHere } from './exuvia.ts';

const vectors = join(import.meta.dirname, '../../spec/vectors');
const json = (path: string) => JSON.parse(readFileSync(join(vectors, path), 'utf8'));
const archive = join(vectors, 'archive/tea-room.tar');

let folder = '';
const file = (name: string) => join(folder, name);
const run = (...args: string[]) => runHere(folder, ...args);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'exuvia-wrong-'));
  mkdirSync(file('folder'));
  const { checkpoint } = json('log/receipt-files.json').file.receipt;
  writeFileSync(file('empty'), '');
  writeFileSync(file('words'), 'hello\n');
  writeFileSync(file('checkpoint'), checkpoint);
  writeFileSync(file('receipt'), JSON.stringify(json('log/receipt-files.json').file, null, 2));
  writeFileSync(file('evidence'), JSON.stringify(json('federation/evidence.json').cases[0].file));
});
afterAll(() => rmSync(folder, { recursive: true }));

const WRONG = [
  ['verify', 'empty', 10, 'is empty, no archive. exuvia export'],
  ['verify', 'words', 10, 'has not the form of an archive'],
  ['verify', 'receipt', 10, 'is a receipt, no archive. Next: exuvia verify-receipt'],
  ['verify', 'evidence', 10, 'is evidence, no archive. Next: exuvia verify-evidence'],
  ['verify', 'checkpoint', 10, 'is a checkpoint, no archive. An archive is held to it'],
  ['research', 'receipt', 10, 'is a receipt, no archive. Next: exuvia verify-receipt'],
  ['verify-receipt', 'empty', 10, 'is empty, no receipt. exuvia receipt'],
  ['verify-receipt', archive, 10, 'is an archive, no receipt. Next: exuvia verify'],
  ['verify-receipt', 'evidence', 10, 'is evidence, no receipt.'],
  ['verify-evidence', 'words', 1, 'has not the form of evidence.'],
  ['verify-evidence', archive, 1, 'is an archive, no evidence.'],
  ['verify-evidence', 'receipt', 1, 'is a receipt, no evidence.'],
] as const;

test.each(WRONG)('%s of %s', async (command, name, code, told) => {
  const given = name.startsWith('/') ? name : file(name);
  const ran = await run(command, given);
  expect([ran.code, ran.err]).toEqual([code, expect.stringContaining(`${given} ${told}`)]);
  const inJson = await run(command, given, '--json');
  expect([inJson.code, inJson.err]).toEqual([code, ran.err]);
  expect(JSON.parse(inJson.out)).toMatchObject({ ok: false });
});

test.each(['verify', 'verify-receipt', 'verify-evidence', 'research'])(
  '%s of a folder, or of nothing',
  async (command) => {
    const ofFolder = await run(command, file('folder'));
    expect([ofFolder.code, ofFolder.err]).toEqual([2, expect.stringContaining('is a folder')]);
    const ofNothing = await run(command, file('nothing'));
    expect([ofNothing.code, ofNothing.err]).toEqual([2, expect.stringContaining('no file')]);
  },
);

test('receipts and evidence come through a pipe; what is read twice does not', async () => {
  const shell = await openShell();
  const pipe = (name: string, ...args: string[]) => shell.pipe(readFileSync(file(name)), ...args);
  try {
    expect((await pipe('receipt', 'verify-receipt', '-', '--json')).code).toBe(0);
    expect((await pipe('evidence', 'verify-evidence', '-')).out).toMatch(/^PROVEN/);
    const twice = await pipe('receipt', 'research', '-');
    expect([twice.code, twice.err]).toEqual([2, expect.stringContaining('keep it in a file')]);
  } finally {
    await shell.remove();
  }
});

test('a receipt that an archive is held to, if it is none', async () => {
  const ran = await run('verify', archive, '--receipt', archive);
  expect([ran.code, ran.err]).toEqual([2, expect.stringContaining('is an archive, no receipt')]);
});

test('what export cannot do is said before anything is fetched', async () => {
  const node = ['--node', 'http://127.0.0.1:9'];
  const to = (...args: string[]) => run('export', 'system', ...node, '--out', ...args);
  for (const [args, message] of [
    [[file('folder')], 'is a folder'],
    [[join(folder, 'none', 'a.tar')], 'There is no folder'],
    [[file('a.tar'), '--since', file('receipt')], 'is neither an archive nor a checkpoint'],
    [[file('a.tar'), '--policy', file('words')], '--policy is for --since'],
  ] as const) {
    const { code, err } = await to(...args);
    expect([code, err], `${args}`).toEqual([2, expect.stringContaining(message)]);
  }
  const away = await to(file('a.tar'));
  expect(away.code).toBe(1);
  expect(away.err).toMatch(/Cannot reach .*: (?!fetch failed).+\nIs the node running\?/);
});
