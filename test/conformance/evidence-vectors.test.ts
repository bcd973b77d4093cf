// Runs spec/vectors/federation/evidence.json: what convicts a log, and what does not.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { verifyEvidence } from '../../src/log/evidence.ts';
import { canonicalize } from '../../src/protocol/jcs.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { crypto } from '../sandbox.ts';

interface Case {
  readonly comment: string;
  readonly file: JsonObject;
  readonly expected:
    | { reason: string }
    | { home: string | null; sizes: number[]; why: string; replacedKey: boolean };
}

const path = join(import.meta.dirname, '../../spec/vectors/federation/evidence.json');
const { cases } = JSON.parse(readFileSync(path, 'utf8')) as { cases: Case[] };

describe('evidence.json', () => {
  test.each(cases)('$comment', async ({ expected, file }) => {
    const verdict = await verifyEvidence(canonicalize(file), crypto);
    const found = verdict.ok
      ? {
          home: verdict.home,
          sizes: verdict.heads.map(({ size }) => size),
          why: verdict.why,
          replacedKey: verdict.replacedKey,
        }
      : { reason: verdict.reason };
    expect(found).toEqual(expected);
  });
});
