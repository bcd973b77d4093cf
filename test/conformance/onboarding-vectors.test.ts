// Every case of spec/vectors/onboarding: which guides of a node count, and what they say.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createNoble } from '../../src/crypto/noble.ts';
import { createNodeCrypto } from '../../src/crypto/node.ts';
import { fromHex, utf8 } from '../../src/protocol/bytes.ts';
import { parseDid } from '../../src/protocol/did.ts';
import { readHeartbeatPlan, readSkillManifest } from '../../src/protocol/heartbeat-plan.ts';
import { ed25519FromMultibase } from '../../src/protocol/multikey.ts';
import { verifyGuide } from '../../src/protocol/signed-guide.ts';

interface Case {
  readonly comment: string;
  readonly kind: 'skill' | 'heartbeat';
  readonly document: unknown;
  readonly expected?: object;
  readonly error?: string;
}

const file = join(import.meta.dirname, '../../spec/vectors/onboarding/guides.json');
const { cases, key, source } = JSON.parse(readFileSync(file, 'utf8')) as {
  key: { seed: string; id: string; multikey: string };
  source: { did: string; origin: string };
  cases: Case[];
};
const publicKey = ed25519FromMultibase(key.multikey)!;
const node = {
  did: parseDid(source.did)!,
  origin: source.origin,
  keys: [{ id: key.id, publicKey }],
};

describe.each([createNodeCrypto(), createNoble()])('guides.json with $name', (crypto) => {
  test('has the key of its seed', () => {
    expect(crypto.publicKeyOf(fromHex(key.seed)!)).toEqual(publicKey);
  });

  test.each(cases)('$comment', async ({ document, error, expected, kind }) => {
    const verdict = await verifyGuide(utf8(JSON.stringify(document)), node, crypto);
    if (!verdict.ok) {
      expect(verdict.reason).toBe(error);
      return;
    }
    const read = kind === 'skill' ? readSkillManifest : readHeartbeatPlan;
    expect(read(verdict.guide) ?? 'unreadable').toEqual(expected ?? error);
  });
});
