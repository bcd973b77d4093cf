// However many threads examine an archive, and whatever becomes of them, the report is the same to the byte.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { agents } from '../../test/archive-verdict.ts';
import { RotatingAgent } from '../../test/rotating-agent.ts';
import { crypto, SampleLog, START, stream, webAgent } from '../../test/sample-log.ts';
import { verifyArchive } from '../log/archive-verify.ts';
import type { Examiner } from '../log/body-examiner.ts';
import { utf8 } from '../protocol/bytes.ts';
import type { CanonicalBytes } from '../protocol/jcs.ts';
import { createExaminerPool } from './examiner-pool.ts';

const { alice, bob } = agents;
const NOW = START * 1000;
const folder = mkdtempSync(join(tmpdir(), 'exuvia-threads-'));
let archive: Uint8Array;

afterAll(() => rmSync(folder, { recursive: true }));

/** Authors of every kind in turn, keys that change among them, and now and then a fault of every kind. */
beforeAll(async () => {
  const log = SampleLog.founded(alice);
  const web = webAgent('web.example');
  const rotating = new RotatingAgent('ada', 'node.example', NOW);
  const article = (name: string) => ({
    type: 'Create',
    audience: log.submolt,
    object: { type: 'Article', name, content: 'words', mediaType: 'text/plain' },
  });
  const byRotating = (name: string) => log.push(rotating.make(article(name), NOW).bytes, 'Create');
  log.push(rotating.statement(NOW).bytes, 'Add');
  for (let n = 0; n < 400; n++) {
    log.post(n % 2 === 0 ? bob : web, `Post ${n}`);
    byRotating(`Rotating ${n}`);
    if (n % 50 === 7) log.push(rotating.rotate(NOW).statement(NOW).bytes, 'Add');
    if (n % 50 === 9) {
      const { bytes } = log.sign(n % 100 === 9 ? bob : web, article(`Changed ${n}`));
      const text = new TextDecoder().decode(bytes).replace('words', 'other');
      log.push(utf8(text) as CanonicalBytes, 'Create');
      log.push(utf8(text.replace('{', '{ ')) as CanonicalBytes, 'Create');
      log.push(log.entries[n]?.bytes as CanonicalBytes, 'Create');
    }
    if (n % 50 === 11) log.change(log.entries.length - 1, { salt: new Uint8Array(16) });
  }
  archive = await log.archive();
});

async function report(examiner?: Examiner): Promise<string> {
  const options = { crypto, now: NOW, ...(examiner && { examiner }) };
  return JSON.stringify(await verifyArchive(stream(archive), options));
}

async function reportOf(threads: number, file?: string): Promise<string> {
  const url = file === undefined ? [] : [pathToFileURL(join(folder, file))];
  const pool = createExaminerPool(crypto, threads, ...url);
  try {
    return await report(pool);
  } finally {
    await pool.close();
  }
}

test('the report of one thread is that of several', async () => {
  const alone = await report();
  expect(JSON.parse(alone)).toMatchObject({ code: 10, counts: { 10: 4, 21: 8, 22: 12, 23: 8 } });
  expect(await reportOf(1)).toBe(alone);
  expect(await reportOf(2)).toBe(alone);
  expect(await reportOf(5)).toBe(alone);
});

test('threads that cannot start, stop or fail are done without', async () => {
  const alone = await report();
  writeFileSync(join(folder, 'stops.mjs'), 'process.exit(1)');
  writeFileSync(join(folder, 'throws.mjs'), "throw new Error('no such thing')");
  writeFileSync(
    join(folder, 'fails.mjs'),
    `import { parentPort } from 'node:worker_threads';
let left = 3;
parentPort.on('message', ({ id }) => {
  if (left-- === 0) process.exit(1);
  parentPort.postMessage({ kind: 'failed', id, detail: 'cannot' });
});`,
  );
  for (const file of ['missing.mjs', 'stops.mjs', 'throws.mjs', 'fails.mjs']) {
    expect(await reportOf(2, file), file).toBe(alone);
  }
});
