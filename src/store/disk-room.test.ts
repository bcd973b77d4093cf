// Room on the disk, as the system tells it.
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { DiskRoom } from './disk-room.ts';

test('is too little below what is asked for, and that is told once', async () => {
  const told: boolean[] = [];
  const open = (least: number, folder = tmpdir()) =>
    DiskRoom.open({ folder, least, everyMs: 60_000, onChange: (isFull) => told.push(isFull) });
  const ample = await open(1);
  const scant = await open(Number.MAX_SAFE_INTEGER);
  await scant.look();
  expect([ample.isFull, scant.isFull, told]).toEqual([false, true, [true]]);
  expect(ample.free).toBeGreaterThan(1);
  const nowhere = await open(1, '/nowhere/at/all');
  expect([nowhere.isFull, nowhere.free]).toEqual([false, Number.POSITIVE_INFINITY]);
  for (const room of [ample, scant, nowhere]) room.close();
});
