// Waiting for witnesses ends: with what was waited for, or with what there is.
import { describe, expect, test } from 'vitest';
import { pollUntil, witnessesOf } from './wait-cosigned.ts';

describe('waiting', () => {
  test('ends as soon as there is enough', async () => {
    let reads = 0;
    const found = await pollUntil(
      async () => ++reads,
      (n) => n === 2,
      () => 0,
    );
    expect(found).toBe(2);
  });

  test('ends after a minute with what there is', async () => {
    const times = [0, 59_999, 60_000];
    let reads = 0;
    const found = await pollUntil(
      async () => ++reads,
      () => false,
      () => times.shift() ?? Number.NaN,
    );
    expect(found).toBe(2);
  });
});

test('witnesses are all that have signed but the log, each once', () => {
  const line = (name: string) => `\u2014 ${name} ${btoa('0123456789')}\n`;
  const note = `a.test/log/x\n1\nroot\n\n${line('a.test/log/x')}${line('b.test/witness')}${line('b.test/witness')}`;
  expect(witnessesOf(note, 'a.test/log/x')).toEqual(['b.test/witness']);
  expect(witnessesOf('no note', 'a.test/log/x')).toEqual([]);
});
