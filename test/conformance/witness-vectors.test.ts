// Recomputes the vectors of heads, foundings and requests for cosignatures in spec/vectors/log.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAddCheckpoint } from '../../src/log/add-checkpoint.ts';
import { type Checkpoint, parseCheckpoint } from '../../src/log/checkpoint.ts';
import { verifyConsistency } from '../../src/log/consistency.ts';
import { verifyStatedFounding } from '../../src/log/founding-proof.ts';
import { formatHeads, proveHead, sortHeads, verifyHead } from '../../src/log/heads.ts';
import { fromBase64, toBase64 } from '../../src/protocol/bytes.ts';
import type { JsonValue } from '../../src/protocol/json.ts';
import type { ObjectName } from '../../src/protocol/object-name.ts';
import { crypto } from '../sandbox.ts';

const read = (file: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../spec/vectors/log', file), 'utf8'));

interface Founding {
  readonly comment: string;
  readonly submolt: ObjectName;
  readonly value: JsonValue;
  readonly expected: object;
}

function opened(text: string): Checkpoint {
  const parsed = parseCheckpoint(text);
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.checkpoint;
}

describe('heads.json', () => {
  const { expected, input } = read('heads.json');
  const heads = sortHeads(input.heads.map(opened));

  test('the content of the act', () => {
    expect(formatHeads(input.authority, heads, crypto)).toBe(expected.text);
  });

  test('a proof for each log', async () => {
    for (const [i, { hashes, index, origin }] of expected.proofs.entries()) {
      const made = await proveHead(heads, origin, crypto);
      expect([made?.index, made?.hashes.map(toBase64)]).toEqual([index, hashes]);
      const proof = { index, hashes: hashes.map(fromBase64) };
      const head = heads[i] as Checkpoint;
      expect(verifyHead(expected.text, input.authority, head, proof, crypto)).toBe(true);
    }
  });
});

describe('foundings.json', () => {
  test.each(read('foundings.json').cases as Founding[])(
    '$comment',
    ({ expected, submolt, value }) => {
      const verdict = verifyStatedFounding(value, submolt, crypto);
      const { entry, origin, reason } = { entry: null, origin: null, reason: null, ...verdict };
      const { ok } = verdict;
      expect(ok ? { ok, origin, t: entry?.t } : { ok, reason }).toEqual(expected);
    },
  );
});

describe('add-checkpoint.json', () => {
  const { roots, checkpoint } = read('tree.json').expected;

  test.each<{ oldSize: number; body: string }>(read('add-checkpoint.json').cases)(
    'from $oldSize entries',
    ({ body, oldSize }) => {
      const parsed = parseAddCheckpoint(body);
      if (!parsed.ok) throw new Error(parsed.detail);
      const { note, proof } = parsed.request;
      expect(parsed.request).toMatchObject({ oldSize, note: checkpoint });
      const root = (size: number) => fromBase64(roots[size]) as Uint8Array;
      const proven =
        oldSize === 0
          ? proof.length === 0
          : verifyConsistency(oldSize, 8, root(oldSize), root(8), proof, crypto);
      expect([note, proven]).toEqual([checkpoint, true]);
    },
  );
});
