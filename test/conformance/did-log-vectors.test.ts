// Runs spec/vectors/did-log: DIDs from first to last version, logs that count, logs that do not. vitest's --update makes them again.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createNoble } from '../../src/crypto/noble.ts';
import { createNodeCrypto } from '../../src/crypto/node.ts';
import { loadCrypto } from '../../src/crypto/platform.ts';
import { fromHex } from '../../src/protocol/bytes.ts';
import type { Crypto } from '../../src/protocol/crypto.ts';
import type { Did } from '../../src/protocol/did.ts';
import { readDidLog, verifyDidLog } from '../../src/protocol/did-log.ts';
import { documentOfDidLog } from '../../src/protocol/did-log-document.ts';
import { appendToDidLog, createDidLog } from '../../src/protocol/did-log-maker.ts';
import { DID_LOG_REFUSALS } from '../../src/protocol/did-log-refusal.ts';
import { ACCEPTED, REFUSED } from '../did-log-cases/all.ts';
import { madeCases } from '../did-log-cases/made.ts';

const folder = join(import.meta.dirname, '../../spec/vectors/did-log');
const load = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8')).cases;

function summary(log: string) {
  const { did, subject, deactivated, portable, versions } = readDidLog(log);
  return { did, subject, deactivated, portable, versions: versions.map((each) => each.versionId) };
}

const COMMENT =
  'log is the text of a did.jsonl, witnesses that of a did-witness.json, did the DID it was asked for, now the time in milliseconds; all but log may be absent. clause is the section of did:webvh 1.0.';

const FILES: Record<string, { comment: string; cases: readonly unknown[] }> = {
  'made.json': {
    comment:
      'One DID, case by case: line is added to the log of the cases before. Seeds and public keys are hex; nextKeyHashes promise the keys of the seeds that later cases use. served is what is served as did.json, null when the DID has ended.',
    cases: madeCases(),
  },
  'accepted.json': {
    comment: `DID logs that count. ${COMMENT}`,
    cases: ACCEPTED.map((each) => ({ ...each, expected: summary(each.log) })),
  },
  'refused.json': {
    comment: `DID logs that do not count, with the reason (error) and the number of the version at fault. ${COMMENT} All that the case is not about is right: hashes, links and signatures are made again behind the fault.`,
    cases: REFUSED,
  },
};

test.each(Object.keys(FILES))('%s is what the makers of cases make', async (file) => {
  const text = `${JSON.stringify(FILES[file], null, 1)}\n`;
  await expect(text).toMatchFileSnapshot(join(folder, file));
});

interface Case {
  readonly comment: string;
  readonly clause: string;
  readonly log: string;
  readonly witnesses?: string;
  readonly did?: Did;
  readonly now?: number;
}

describe.each(['noble', 'node', 'platform'] as const)('by the cryptography of %s', (name) => {
  let crypto: Crypto;
  beforeAll(async () => {
    if (name === 'platform') crypto = await loadCrypto();
    else crypto = name === 'noble' ? createNoble() : createNodeCrypto();
  });
  const verify = ({ log, witnesses, did, now }: Case) =>
    verifyDidLog(log, {
      crypto,
      ...(witnesses === undefined ? {} : { witnesses }),
      ...(did === undefined ? {} : { did }),
      ...(now === undefined ? {} : { now }),
    });

  const accepted: (Case & { expected: unknown })[] = load('accepted.json');
  test.each(accepted)('counts: $clause: $comment', async ({ expected, ...each }) => {
    expect(await verify(each)).toMatchObject({ ok: true });
    expect(summary(each.log)).toEqual(expected);
  });

  const refused: (Case & { error: string; version?: number })[] = load('refused.json');
  test.each(refused)('refused: $clause: $comment', async ({ error, version, ...each }) => {
    const at = version === undefined ? {} : { version };
    const detail = expect.any(String);
    expect(await verify(each)).toEqual({ ok: false, reason: error, detail, ...at });
  });
});

describe('made.json', () => {
  test('is made again from its seeds', async () => {
    const crypto = createNodeCrypto();
    let text = '';
    for (const { input, expected } of load('made.json')) {
      const { updateSeed, signingKeys, ...rest } = input;
      const keys = signingKeys && { signingKeys: signingKeys.map(fromHex) };
      const told = { ...rest, ...keys, updateSeed: fromHex(updateSeed) };
      const made = text === '' ? createDidLog(told, crypto) : appendToDidLog(text, told, crypto);
      expect(made.text).toBe(text + expected.line);
      const { did, versionId } = expected;
      expect(made.log).toMatchObject({ did });
      expect(made.log.versions.at(-1)).toMatchObject({ did, versionId });
      expect(documentOfDidLog(made.log, crypto)).toEqual(expected.served);
      expect(await verifyDidLog(made.text, { crypto })).toEqual({ ok: true, log: made.log });
      text = made.text;
    }
  });
});

test('identity.md has every reason, and the vectors every one but that of length', () => {
  const page = readFileSync(join(folder, '../../identity.md'), 'utf8');
  expect(DID_LOG_REFUSALS.filter((reason) => !page.includes(`\`${reason}\``))).toEqual([]);
  const errors = new Set(load('refused.json').map(({ error }: { error: string }) => error));
  expect(DID_LOG_REFUSALS.filter((reason) => !errors.has(reason))).toEqual(['too_large']);
});
