// The form of a request for a cosignature: what is read is what was written, and nothing else is read.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { toBase64 } from '../protocol/bytes.ts';
import { formatAddCheckpoint, parseAddCheckpoint } from './add-checkpoint.ts';

const hash = (fill: number) => new Uint8Array(32).fill(fill);
const line = (fill: number) => `${toBase64(hash(fill))}\n`;
const NOTE = 'a.example/log\n1\nAA==\n\n— a.example/log AAAAAAA=\n';

test('any request reads back as it was written', () => {
  const proof = fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 63 });
  fc.assert(
    fc.property(fc.maxSafeNat(), proof, fc.string(), (oldSize, hashes, note) => {
      const request = { oldSize, proof: hashes, note };
      expect(parseAddCheckpoint(formatAddCheckpoint(request))).toEqual({ ok: true, request });
    }),
  );
});

test.each([
  ['nothing', ''],
  ['no empty line', 'old 0\n'],
  ['no old size', `\n\n${NOTE}`],
  ['another word', `new 0\n\n${NOTE}`],
  ['a leading zero', `old 01\n\n${NOTE}`],
  ['a sign', `old +1\n\n${NOTE}`],
  ['two spaces', `old  1\n\n${NOTE}`],
  ['a carriage return', `old 1\r\n\r\n${NOTE}`],
  ['a size beyond 2^53', `old 9007199254740993\n\n${NOTE}`],
  ['a short hash', `old 1\n${toBase64(new Uint8Array(31))}\n\n${NOTE}`],
  ['base64 of another alphabet', `old 1\n${toBase64(hash(255)).replace(/\//g, '_')}\n\n${NOTE}`],
  ['64 proof lines', `old 1\n${Array.from({ length: 64 }, (_, i) => line(i)).join('')}\n${NOTE}`],
])('a body with %s is none', (_, body) => {
  expect(parseAddCheckpoint(body)).toMatchObject({ ok: false, reason: 'malformed_request' });
});

test('63 proof lines are read, in order', () => {
  const lines = Array.from({ length: 63 }, (_, i) => line(i)).join('');
  const parsed = parseAddCheckpoint(`old 1\n${lines}\n${NOTE}`);
  expect(parsed).toMatchObject({ ok: true, request: { oldSize: 1, note: NOTE } });
  expect(parsed.ok && parsed.request.proof.map((each) => each[0])).toEqual(
    Array.from({ length: 63 }, (_, i) => i),
  );
});
