// What a manifest has to say, and what is not made of one that is as large as it may be.
import { expect, test } from 'vitest';
import { utf8 } from '../protocol/bytes.ts';
import { encodeManifest, findManifestFault } from './archive-manifest.ts';

const expected = { files: { checkpoint: 'ab' }, origin: 'a/log/system', size: 1, submolt: null };
const made = encodeManifest({ ...expected, createdAt: '2026-11-20T10:00:00Z' });

test('it is known but for the time', () => {
  expect(findManifestFault(made, expected)).toBeNull();
  expect(findManifestFault(made, { ...expected, size: 2 })).toMatch('does not describe');
  for (const [from, to] of [
    ['2026-11-20', '2026-02-30'],
    ['{"createdAt"', '{ "createdAt"'],
    ['10:00:00Z', '10:00:00+00:00'],
  ] as const) {
    const changed = Buffer.from(Buffer.from(made).toString().replace(from, to));
    expect(findManifestFault(changed, expected), to).toMatch('does not begin');
  }
});

test('brackets inside brackets become no values', () => {
  const brackets = new Uint8Array(64 * 1024 * 1024).fill(0x5b);
  expect(findManifestFault(brackets, expected)).toMatch('does not begin');
  brackets.set(utf8('{"createdAt":"2026-11-20T10:00:00Z",'));
  const before = process.memoryUsage().heapUsed;
  expect(findManifestFault(brackets, expected)).toMatch('does not describe');
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(50_000_000);
});
