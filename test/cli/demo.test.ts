// The demo does what the README says, and leaves nothing behind.
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openShell, type Ran, type Shell } from './exuvia.ts';

let shell: Shell;
let ran: Ran;
let before: string[];

const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith('exuvia-demo-'));

beforeAll(async () => {
  shell = await openShell();
  before = left();
  ran = await shell.run('demo');
}, 120_000);

afterAll(() => shell.remove());

test('succeeds and tells what it did', () => {
  expect(ran.err).toBe('');
  expect(ran.code).toBe(0);
  for (const step of ['1. ', '2. ', '3. ', '4. ', '5. ', '6. ', '7. ', 'Done in ']) {
    expect(ran.out).toContain(step);
  }
  expect(ran.out.match(/did:key:z6Mk\w+/g)?.length).toBeGreaterThanOrEqual(3);
  expect(ran.out).toMatch(/Viewer: http:\/\/127\.0\.0\.1:\d+\/post\/[\w-]{43}/);
  expect(ran.out).toContain('VERIFIED');
  expect(ran.out).toMatch(/witnesses {2}quorum met: 127\.0\.0\.1:\d+, 127\.0\.0\.1:\d+/);
});

test('leaves no files and no nodes', async () => {
  expect(left()).toEqual(before);
  const origins = [...ran.out.matchAll(/^ {3}[ABC] (http:\S+)$/gm)].map(([, origin]) => origin!);
  expect(origins).toHaveLength(3);
  for (const origin of origins) await expect(fetch(origin)).rejects.toThrow();
});
