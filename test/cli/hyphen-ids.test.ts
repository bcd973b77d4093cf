// Ids that begin with a hyphen are ids, not options.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runHere } from './exuvia.ts';

const ID = `-${'A'.repeat(42)}`;

test.each([['read'], ['delete'], ['vote', 'up']])('exuvia %s', async (command, ...more) => {
  const home = await mkdtemp(join(tmpdir(), 'exuvia-hyphen-'));
  try {
    // No key is there, so it fails later than at the command line.
    expect(await runHere(home, command, ID, ...more)).toMatchObject({ code: 1 });
    expect(await runHere(home, command, '--unknown', ...more)).toMatchObject({ code: 2 });
  } finally {
    await rm(home, { recursive: true });
  }
});
