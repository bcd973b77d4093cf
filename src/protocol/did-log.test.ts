// DID logs: each check of did:webvh 1.0 with a log that only this check can refuse.
import { describe, expect, test } from 'vitest';
import { ACCEPTED, REFUSED } from '../../test/did-log-cases/all.ts';
import type { DidLogCase } from '../../test/did-log-cases/case.ts';
import { crypto } from '../../test/did-log-forge.ts';
import type { Did } from './did.ts';
import { readDidLog, verifyDidLog } from './did-log.ts';
import { DID_LOG_REFUSALS } from './did-log-refusal.ts';

function verify({ log, witnesses, did, now }: DidLogCase) {
  return verifyDidLog(log, {
    crypto,
    witnesses: witnesses ?? null,
    ...(did === undefined ? {} : { did: did as Did }),
    ...(now === undefined ? {} : { now }),
  });
}

describe('a log counts', () => {
  test.each(ACCEPTED)('$clause: $comment', async (each) => {
    const verdict = await verify(each);
    expect(verdict).toMatchObject({ ok: true });
    expect(verdict).toEqual({ ok: true, log: readDidLog(each.log) });
  });
});

describe('a log is refused', () => {
  test.each(REFUSED)('$clause: $comment', async (each) => {
    const verdict = await verify(each);
    const { error, version } = each;
    expect(verdict).toEqual({
      ok: false,
      reason: error,
      detail: expect.any(String),
      ...(version === undefined ? {} : { version }),
    });
  });

  test('for every reason there is', () => {
    const reasons = new Set(REFUSED.map(({ error }) => error));
    expect(DID_LOG_REFUSALS.filter((reason) => !reasons.has(reason))).toEqual(['too_large']);
  });
});
