// Runs spec/vectors/admission: proofs of work and invitations, and makes the good ones anew.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createNodeCrypto } from '../../src/crypto/node.ts';
import { checkWork, tryWork, type Work } from '../../src/protocol/admission-work.ts';
import { fromHex } from '../../src/protocol/bytes.ts';
import { parseDateTime } from '../../src/protocol/date-time.ts';
import { type Did, subjectOf } from '../../src/protocol/did.ts';
import { isSignedBy, parseInvitation, signInvitation } from '../../src/protocol/invitation.ts';

interface WorkCase {
  readonly comment: string;
  readonly node: Did;
  readonly agent: Did;
  readonly bits: number;
  readonly now: number;
  readonly work: Work;
  readonly expected: string;
}

interface InvitationCase {
  readonly comment: string;
  readonly code: string;
  readonly invitation: Readonly<Record<string, string & number & Did>> | null;
  readonly signature: boolean;
}

const crypto = createNodeCrypto();
const read = (name: string) =>
  JSON.parse(
    readFileSync(join(import.meta.dirname, '../../spec/vectors/admission', `${name}.json`), 'utf8'),
  );

describe('work.json', () => {
  const { cases } = read('work') as { cases: WorkCase[] };

  test.each(cases)('$comment', ({ agent, bits, expected, node, now, work }) => {
    expect(checkWork({ agent, bits, node }, work, now, crypto)).toBe(expected);
  });

  test('is what anybody can do with a hash', () => {
    const [{ agent, bits, node, work }] = cases as [WorkCase];
    const lines = ['exuvia-admission-v1', node, subjectOf(agent), work.at, work.nonce];
    const hash = createHash('sha256').update(lines.join('\n')).digest();
    expect(BigInt(`0x${hash.toString('hex')}`) >> BigInt(256 - bits)).toBe(0n);
    expect(tryWork({ agent, bits, node }, work.at, { from: 0, tries: 1e6 }, crypto)).toEqual(work);
  });
});

describe('invitations.json', () => {
  const { cases, seed: hex } = read('invitations') as { cases: InvitationCase[]; seed: string };
  const seed = fromHex(hex) as Uint8Array;

  test.each(cases)('$comment', async ({ code, invitation, signature }) => {
    const parsed = parseInvitation(code);
    expect(parsed === null).toBe(invitation === null);
    if (parsed === null || invitation === null) return;
    const { expires, for: agent = null, ...others } = invitation;
    const named = { ...others, agent, expires: parseDateTime(`${expires}`) };
    expect(parsed).toMatchObject(named);
    expect(await isSignedBy(parsed, crypto.publicKeyOf(seed), crypto)).toBe(signature);
    if (signature) expect(signInvitation(parsed, seed, crypto)).toBe(code);
  });
});
