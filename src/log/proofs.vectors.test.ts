// The 518 inclusion, consistency and subtree cases of transparency-dev/merkle, happy and mutated.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { vectorPath } from '../../test/vectors.ts';
import { createNodeCrypto } from '../crypto/node.ts';
import { fromBase64 } from '../protocol/bytes.ts';
import {
  verifyConsistency,
  verifySubtreeConsistency,
  verifySubtreeInclusion,
} from './consistency.ts';
import { verifyInclusion } from './inclusion.ts';

const crypto = createNodeCrypto();

interface Case {
  readonly desc: string;
  readonly wantErr: boolean;
  readonly proof: readonly string[] | null;
  readonly [field: string]: unknown;
}

function cases(folder: string): (readonly [string, Case])[] {
  const root = vectorPath('tlog', 'rfc6962', 'testdata', folder);
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => [file, JSON.parse(readFileSync(join(root, file), 'utf8'))]);
}

const bytes = (value: unknown) => fromBase64(value as string) ?? new Uint8Array(0);
const number = (value: unknown) => value as number;
const proofOf = ({ proof }: Case) => (proof ?? []).map(bytes);

const suites: Record<string, { count: number; verify: (c: Case) => boolean }> = {
  inclusion: {
    count: 98,
    verify: (c) => {
      const [index, size] = [number(c.leafIdx), number(c.treeSize)];
      return verifyInclusion(index, size, bytes(c.leafHash), proofOf(c), bytes(c.root), crypto);
    },
  },
  consistency: {
    count: 98,
    verify: (c) => {
      const [old, size] = [number(c.size1), number(c.size2)];
      return verifyConsistency(old, size, bytes(c.root1), bytes(c.root2), proofOf(c), crypto);
    },
  },
  subtreeinclusion: {
    count: 204,
    verify: (c) => {
      const [index, start, end] = [number(c.leafIdx), number(c.start), number(c.end)];
      const [leaf, root] = [bytes(c.leafHash), bytes(c.root)];
      return verifySubtreeInclusion(index, start, end, leaf, proofOf(c), root, crypto);
    },
  },
  subtreeconsistency: {
    count: 118,
    verify: (c) => {
      const [start, end, size] = [number(c.start), number(c.end), number(c.size)];
      const [subtree, root] = [bytes(c.root1), bytes(c.root2)];
      return verifySubtreeConsistency(start, end, size, subtree, root, proofOf(c), crypto);
    },
  },
};

for (const [folder, { count, verify }] of Object.entries(suites)) {
  test(`all ${folder} cases have the verdict they should`, () => {
    const all = cases(folder);
    expect(all).toHaveLength(count);
    for (const [file, vector] of all) {
      expect(verify(vector), `${folder}/${file}: ${vector.desc}`).toBe(!vector.wantErr);
    }
  });
}
