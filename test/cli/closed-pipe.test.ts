// Whoever reads the output may stop: `exuvia feed | head -1` ends without a stack trace.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts');

test.each([
  ['--help', 0],
  ['nothing-of-that-name', 2],
])('%s into a pipe that nobody reads keeps its exit code', async (argument, expected) => {
  const child = spawn(process.execPath, [main, argument], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let err = '';
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect(err).not.toContain('EPIPE');
  expect(code).toBe(expected);
});
