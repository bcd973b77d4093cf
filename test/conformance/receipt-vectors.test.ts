// Verifies the receipt file of spec/vectors/log/receipt-files.json, as it is and with each change.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createNodeCrypto } from '../../src/crypto/node.ts';
import { parsePolicy } from '../../src/log/policy.ts';
import { verifyReceipt } from '../../src/log/receipt-verify.ts';
import { utf8 } from '../../src/protocol/bytes.ts';

interface Case {
  readonly comment: string;
  readonly edits?: Readonly<Record<string, unknown>>;
  readonly policy?: string;
  readonly expected: Record<string, unknown>;
}

const path = join(import.meta.dirname, '../../spec/vectors/log/receipt-files.json');
const { cases, file, now } = JSON.parse(readFileSync(path, 'utf8')) as {
  cases: Case[];
  file: Record<string, Record<string, unknown>>;
  now: number;
};
const crypto = createNodeCrypto();

function edited({ edits = {} }: Case): Uint8Array {
  const changed = structuredClone(file);
  for (const [pointer, value] of Object.entries(edits)) {
    const [, head = '', member] = pointer.split('/');
    if (member === undefined) changed[head] = value as Record<string, unknown>;
    else (changed[head] as Record<string, unknown>)[member] = value;
  }
  return utf8(JSON.stringify(changed));
}

test.each(cases)('$comment', async (one) => {
  const policy = one.policy === undefined ? null : parsePolicy(utf8(one.policy), crypto);
  const options = policy?.ok ? { policy: policy.policy } : {};
  const report = await verifyReceipt(edited(one), { crypto, now, ...options });
  expect(policy?.ok ?? true).toBe(true);
  expect(report).toMatchObject(one.expected);
});
