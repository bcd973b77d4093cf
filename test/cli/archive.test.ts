// exuvia verify on files: every exit code, the report in plain words, evidence of a fork, and an older archive.
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyEvidence } from '../../src/log/evidence.ts';
import { COSIGNATURE_V1, formatVerifierKey, noteSigner } from '../../src/log/note-key.ts';
import { decodeUtf8, utf8 } from '../../src/protocol/bytes.ts';
import { LOG_KEYS } from '../../src/protocol/labels.ts';
import { agents, sample } from '../archive-verdict.ts';
import { fullArchive, fullLog } from '../full-log.ts';
import {
  cosign,
  crypto,
  edit,
  packAgain,
  SampleLog,
  START,
  unpack,
  webAgent,
} from '../sample-log.ts';
import { openShell, runHere } from './exuvia.ts';

const { alice, bob, mallory } = agents;
const witness = noteSigner('w.example', COSIGNATURE_V1, crypto.sha256(utf8('w')), crypto);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'exuvia-archive-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function keep(name: string, content: Uint8Array | string): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

const verify = (...args: string[]) => runHere(folder, 'verify', ...args, '--threads', '1');
const OBJECTS = 'objects/000000.ndjson';

test('an archive that is whole is told of in plain words, with what nobody can catch', async () => {
  const { log } = sample();
  const history = [{ day: '2026-09-21', note: cosign(log.checkpoint(4), witness, START + 5) }];
  const checkpoint = cosign(log.checkpoint(), witness, START + 20);
  const file = keep('whole.tar', await log.archive({ checkpoint, history }));
  const key = `witness w ${formatVerifierKey(witness)}\nquorum w\n`;
  const told = await verify(
    file,
    '--policy',
    keep('policy', key),
    '--since',
    keep('old', log.checkpoint(2)),
  );
  expect(told.code).toBe(0);
  for (const line of [
    'VERIFIED',
    '  - The log has signed exactly these 10 entries, in this order; none is missing.',
    '  - 8 objects are signed by those who are named as their authors, 3 in all.',
    '  - 2 bodies are gone, each by a later act that names it.',
    '  - It continues the older checkpoint, of 2 entries.',
    '  - It continues 1 checkpoints of earlier days, 1 of them seen by your quorum.',
    '  - w saw this history of 2026-09-21T14:13:40Z.',
    'No verifier can catch, from this file:',
    '  - Another history, if the home and enough witnesses of your policy lie together.',
    '  - What 2 erased bodies said, that they were whose they are said to be, and of edits that they were of what was erased.',
  ]) {
    expect(told.out.split('\n')).toContain(line);
  }
  const json = JSON.parse((await verify(file, '--json')).out);
  expect(json).toMatchObject({ code: 0, ok: true, history: { checkpoints: 1 } });
  expect(json.limits).toContain(
    'Whether others are shown another history: no witness was asked. Bring a --policy of your own.',
  );
});

test('what is cut back and goes another way is convicted by the entries of the older archive', async () => {
  const { log } = sample();
  const fork = SampleLog.founded(alice);
  fork.post(bob, 'Another history');
  const older = keep('longer.tar', await log.archive());
  const file = keep('shorter.tar', await fork.archive());
  const told = await verify(file, '--since', older);
  expect(told.code).toBe(14);
  expect(told.out).toContain('14: these 2 entries are not the first 2 of the older archive');
  const bytes = new Uint8Array(readFileSync(`${file}.evidence.json`));
  const heads = [{ size: 2 }, { size: 10 }];
  expect(await verifyEvidence(bytes, crypto)).toMatchObject({ ok: true, heads });
  // A checkpoint has no entries, and what is only cut back convicts nobody.
  expect((await verify(file, '--since', keep('longer', log.checkpoint()))).code).toBe(15);
  const cut = new SampleLog(log.node);
  Object.assign(cut, { submolt: log.submolt, entries: log.entries.slice(0, 1) });
  const beginning = keep('beginning.tar', await cut.archive());
  expect((await verify(beginning, '--since', older)).code).toBe(15);
  expect(existsSync(`${beginning}.evidence.json`)).toBe(false);
});

test('a fork leaves evidence beside the archive', async () => {
  const { log } = sample();
  const fork = SampleLog.founded(alice);
  fork.post(bob, 'Another history');
  const older = keep('older.tar', await fork.archive());
  const file = keep('forked.tar', await log.archive());
  const told = await verify(file, '--since', older);
  expect(told.code).toBe(14);
  const evidence = `${file}.evidence.json`;
  expect(told.out).toContain(`EVIDENCE: the log has signed two histories. Keep ${evidence}`);
  const bytes = new Uint8Array(readFileSync(evidence));
  expect(await verifyEvidence(bytes, crypto)).toMatchObject({
    ok: true,
    heads: [{ size: 2 }, { size: 10 }],
  });
  const checked = await runHere(folder, 'verify-evidence', evidence);
  expect([checked.code, checked.out]).toEqual([0, expect.stringContaining('PROVEN')]);
  const forged = keep('forged.json', utf8(decodeUtf8(bytes).replace('consistency', 'other')));
  expect((await runHere(folder, 'verify-evidence', forged)).code).toBe(1);
  const elsewhere = join(folder, 'evidence.json');
  expect((await verify(file, '--since', older, '--evidence', elsewhere)).code).toBe(14);
  expect(existsSync(elsewhere)).toBe(true);
  // What cannot be written down is no reason to keep the verdict back.
  const nowhere = await verify(file, '--since', older, '--evidence', join(folder, 'no', 'folder'));
  expect([nowhere.code, nowhere.out]).toEqual([
    14,
    expect.stringContaining('FAILED (exit code 14)'),
  ]);
  expect(nowhere.out).toContain('EVIDENCE that could not be written');
});

test('a receipt that is not honoured leaves evidence too', async () => {
  const vectors = join(import.meta.dirname, '../../spec/vectors/archive');
  const file = keep('broken.tar', readFileSync(join(vectors, 'another-history.tar')));
  const told = await verify(file);
  expect(told.code).toBe(31);
  expect(told.out).toContain('0 of 1 receipts honoured');
  const checked = await runHere(folder, 'verify-evidence', `${file}.evidence.json`, '--json');
  expect(checked.code).toBe(0);
  expect(JSON.parse(checked.out)).toMatchObject({
    why: 'leaf',
    heads: [{ size: 7 }, { size: 10 }],
  });
});

test('every code is one that the command ends with', async () => {
  const { log, other } = sample();
  const archive = await log.archive();
  const bent = (name: string, change: (text: string) => string) => edit(archive, name, change);
  const codes = new Map<number, [Uint8Array, ...string[]]>([
    [0, [archive]],
    [10, [archive.slice(0, 5000)]],
    [11, [await bent('checkpoint', (text) => text.replace('\n10\n', '\n9\n'))]],
    [
      12,
      [archive, '--policy', keep('asks', `witness w ${formatVerifierKey(witness)}\nquorum w\n`)],
    ],
    [13, [await log.archive({ checkpoint: log.checkpoint(9) })]],
    [15, [archive, '--not-before', '2026-09-22']],
    [20, [await bent(OBJECTS, (text) => text.split('\n').toSpliced(3, 1).join('\n'))]],
    [21, [await bent(OBJECTS, (text) => text.replace('why', 'who'))]],
  ]);
  const twice = sample();
  twice.log.push(twice.log.entries[other.index]!.bytes!, 'Create');
  codes.set(22, [await twice.log.archive()]);
  const web = SampleLog.founded(webAgent('author.example'));
  codes.set(23, [await web.archive({ didDocuments: [] })]);
  const system = SampleLog.ofSystem();
  system.add(mallory, { type: 'Add', object: mallory.did, target: LOG_KEYS });
  codes.set(24, [await system.archive()]);
  const members = await unpack(archive);
  members.delete([...members.keys()].find((name) => name.startsWith('contexts/'))!);
  codes.set(25, [await packAgain(members)]);
  const gap = SampleLog.founded(alice);
  for (const seq of [0, 2])
    gap.add(bob, { type: 'Create', object: { type: 'Article', name: 'x' }, seq });
  codes.set(30, [await gap.archive(), '--strict-authors']);
  const fork = SampleLog.founded(alice);
  fork.post(bob, 'Another history');
  codes.set(14, [archive, '--since', keep('fork', fork.checkpoint())]);
  codes.set(2, [archive, '--since', keep('unsigned', `${fork.checkpoint().split('\n\n')[0]}\n`)]);
  codes.set(26, [await fullArchive(fullLog({ withdrawn: true }))]);
  const receipts = join(import.meta.dirname, '../../spec/vectors/log/receipt-files.json');
  const { file: receipt } = JSON.parse(readFileSync(receipts, 'utf8'));
  codes.set(31, [archive, '--receipt', keep('receipt.json', JSON.stringify(receipt))]);
  for (const [code, [bytes, ...args]] of codes) {
    const told = await verify(keep(`${code}.tar`, bytes), ...args);
    expect([code, told.code]).toEqual([code, code]);
    expect(told.out).toContain(code === 0 ? 'VERIFIED' : `FAILED (exit code ${code})`);
  }
  expect((await verify(join(folder, 'nowhere.tar'))).code).toBe(2);
  expect((await verify(join(folder, '0.tar'), '--not-before', 'soon')).code).toBe(2);
});

test('a file that exists and cannot be read is a failure of the verifier, and no verdict', async () => {
  // A regular file by its kind; to read it from its beginning is an error of the system (Linux).
  const ran = await verify('/proc/self/mem');
  expect(ran.code).toBe(1);
  expect(ran.out).not.toContain('FAILED');
  expect(ran.err).toMatch(/^exuvia: .*(EIO|EFAULT|EINVAL)/);
  const json = await verify('/proc/self/mem', '--json');
  expect([json.code, json.out]).toEqual([1, '']);
});

test('a wrong call ends with 2 and says what is wrong', async () => {
  const { log } = sample();
  const archive = await log.archive();
  const file = keep('good.tar', archive);
  const noise = keep('noise', utf8(`\0${'noise'.repeat(200)}`));
  for (const [args, message] of [
    [[noise, '--since', noise], 'is neither an archive nor a checkpoint'],
    [[file, '--since', noise], 'is neither an archive nor a checkpoint'],
    [[file, '--since', keep('nothing', '')], 'is neither an archive nor a checkpoint'],
    [[file, '--since', keep('half.tar', archive.slice(0, 400))], 'is neither an archive'],
    [[file, '--since', keep('asks', 'quorum none\n')], 'is neither an archive nor a checkpoint'],
    [[file, '--since', folder], 'is a folder'],
    [[file, '--policy', file], 'is not a policy: line 1'],
    [[file, '--policy', keep('empty', '')], 'is not a policy: no quorum line'],
    [[file, '--receipt', noise], 'does not hold by itself'],
    [[file, '--not-before', '2026-02-30'], 'is invalid'],
    [[file, '--threads', '0'], 'is invalid'],
    [[file, '--out', file], 'cannot be made a folder'],
    [[file, '--out', join(file, 'rows')], 'cannot be made a folder'],
    // Where Node.js would try for ever (Linux).
    [[file, '--out', '/proc/rows'], 'cannot be made a folder'],
    [[folder], 'is a folder'],
    [['-', '--out', folder], 'keep it in a file'],
    [[file, file], 'too many arguments'],
    [['--strange', file], 'unknown option'],
  ] as const) {
    const { code, err } = await verify(...args);
    expect([code, err], `${args}`).toEqual([2, expect.stringContaining(message)]);
  }
  // Nobody learns less of the archive for a folder that could not be written to.
  expect((await verify(file, '--out', file)).out).toContain('VERIFIED');
});

describe('rows for which there is no room', () => {
  const FULL = '/dev/full';

  test.each(['objects.ndjson.part', 'objects.csv.part'])('in %s', async (name) => {
    const { log } = sample();
    for (let i = 0; i < 200; i++) log.post(alice, `Post ${i}`);
    const file = keep('many.tar', await log.archive());
    const rows = join(folder, `rows ${name}`);
    mkdirSync(rows);
    symlinkSync(FULL, join(rows, name));
    const told = await verify(file, '--out', rows);
    expect([told.code, told.out.split('\n')[0]]).toEqual([1, 'VERIFIED']);
    expect(told.err).toMatch(/^exuvia: Nothing was written to .*: ENOSPC/);
    expect(readdirSync(rows)).toEqual([]);
  });

  test('for the second file is none for the first', async () => {
    const file = keep('one.tar', await sample().log.archive());
    const rows = join(folder, 'taken');
    mkdirSync(join(rows, 'objects.csv'), { recursive: true });
    const told = await verify(file, '--out', rows);
    expect([told.code, told.out.split('\n')[0]]).toEqual([1, 'VERIFIED']);
    expect(told.err).toMatch(/^exuvia: Nothing was written to .*: EISDIR/);
    expect(readdirSync(rows)).toEqual(['objects.csv']);
    // Nothing can be made in there (Linux).
    expect((await verify(file, '--out', '/proc')).err).toMatch(/^exuvia: Nothing was written/);
  });

  test('nor for the verdict: that is said, and is no verdict', async () => {
    const file = keep('told.tar', await sample().log.archive());
    const main = join(import.meta.dirname, '../../src/main.ts');
    const full = openSync(FULL, 'w');
    const ran = spawnSync(process.execPath, [main, 'verify', file], {
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    expect([ran.status, `${ran.stderr}`]).toEqual([
      1,
      expect.stringMatching(/^exuvia: what was to be told could not be written: ENOSPC.*\n$/),
    ]);
  });
});

test('an archive may come through a pipe, and one that is compressed is named', async () => {
  const archive = await sample().log.archive();
  const shell = await openShell();
  try {
    const told = await shell.pipe(archive, 'verify', '-', '--json');
    expect([told.code, JSON.parse(told.out).size]).toEqual([0, 10]);
    expect((await shell.pipe(archive.slice(0, 9000), 'verify', '-')).code).toBe(10);
  } finally {
    await shell.remove();
  }
  const packed = await verify(keep('good.tar.gz', gzipSync(archive)));
  expect([packed.code, packed.out]).toEqual([10, expect.stringContaining('it is compressed')]);
});
