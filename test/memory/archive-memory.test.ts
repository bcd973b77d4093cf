// An archive larger than the memory it may take: written and verified at once, both as a stream.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const MEGABYTE = 1024 * 1024;
const POSTS = 9_000;

test('an archive of a third of a gigabyte is written and verified in little memory', () => {
  const flags = ['--max-old-space-size=64', '--max-semi-space-size=2'];
  const script = join(import.meta.dirname, 'archive-stream.ts');
  const ran = spawnSync(process.execPath, [...flags, script, `${POSTS}`], { encoding: 'utf8' });
  expect(`${ran.status} ${ran.stderr}`).toBe('0 ');
  const { bytes, code, memory, objects } = JSON.parse(ran.stdout);
  expect({ code, objects }).toEqual({ code: 0, objects: POSTS + 1 });
  expect(bytes).toBeGreaterThan(340 * MEGABYTE);
  // Most of it are two segments, and the bodies that are examined ahead of their turn.
  expect(memory).toBeLessThan(300 * MEGABYTE);
}, 180_000);
