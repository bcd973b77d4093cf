// What an agent remembers: replaced whole, for its owner alone, whoever else writes it at the same time.
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { recordFile } from './record-file.ts';

test('keeps values by key, for its owner alone, and leaves nothing beside it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'exuvia-records-'));
  const path = join(folder, 'records.json');
  const records = recordFile<{ n: number }>(path);
  expect(await records.load('a')).toBeUndefined();
  await records.save('a', { n: 1 });
  await records.save('b', { n: 2 });
  await records.save('a', undefined);
  expect([await records.load('a'), await records.load('b')]).toEqual([undefined, { n: 2 }]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['records.json']);
  await rm(folder, { recursive: true });
});
