// DID logs in hostile hands: one changed character is refused or changes nothing, and no text makes the verifier throw.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DidLogVerdict, readDidLog, verifyDidLog } from '../../src/protocol/did-log.ts';
import { ACCEPTED, REFUSED } from '../did-log-cases/all.ts';
import { crypto } from '../did-log-forge.ts';

const LOGS = ACCEPTED.map(({ log, witnesses = null }) => ({ log, witnesses }));

/** A text with one character replaced, taken out or put in. */
function altered(text: string) {
  return fc
    .record({
      at: fc.nat(text.length - 1),
      character: fc.oneof(
        fc.constantFrom(...'abcdez0123456789QRm"{}[]:,\\/#%- \n'),
        fc.string({ minLength: 1, maxLength: 1 }),
      ),
      how: fc.constantFrom('replace', 'remove', 'insert'),
    })
    .map(({ at, character, how }) => {
      const head = text.slice(0, at) + (how === 'remove' ? '' : character);
      return head + text.slice(how === 'insert' ? at : at + 1);
    })
    .filter((changed) => changed !== text);
}

function same(verdict: DidLogVerdict, log: string): void {
  if (verdict.ok) expect(verdict.log).toEqual(readDidLog(log));
  else expect(verdict.detail).not.toBe('');
}

test('a log with one character changed is refused, or says the same', async () => {
  const changes = fc
    .constantFrom(...LOGS)
    .chain((one) => altered(one.log).map((changed) => ({ ...one, changed })));
  await fc.assert(
    fc.asyncProperty(changes, async ({ log, witnesses, changed }) => {
      same(await verifyDidLog(changed, { crypto, witnesses }), log);
    }),
    { numRuns: 2000 },
  );
});

test('witness proofs with one character changed are refused, or the log says the same', async () => {
  const witnessed = LOGS.flatMap(({ log, witnesses }) =>
    witnesses === null ? [] : [{ log, witnesses }],
  );
  const changes = fc
    .constantFrom(...witnessed)
    .chain((one) => altered(one.witnesses).map((changed) => ({ ...one, changed })));
  await fc.assert(
    fc.asyncProperty(changes, async ({ log, changed }) => {
      same(await verifyDidLog(log, { crypto, witnesses: changed }), log);
    }),
    { numRuns: 500 },
  );
});

test('the first versions of a log that counts are a log that counts', async () => {
  for (const { log } of LOGS) {
    const lines = log.trim().split('\n');
    const whole = await verifyDidLog(log, { crypto });
    for (let n = 1; whole.ok && n < lines.length; n++) {
      const start = await verifyDidLog(lines.slice(0, n).join('\n'), { crypto });
      expect(start).toMatchObject({ ok: true, log: { versions: whole.log.versions.slice(0, n) } });
    }
  }
  expect(LOGS.length).toBeGreaterThan(20);
});

test('lines of logs in any mixture never throw, and count only with the first of their own log', async () => {
  const lines = [...ACCEPTED, ...REFUSED].flatMap(({ log }) => log.split('\n').filter(Boolean));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...lines), { maxLength: 4 }), async (chosen) => {
      const verdict = await verifyDidLog(chosen.join('\n'), { crypto });
      if (!verdict.ok) return;
      const scids = chosen.map((line) => JSON.parse(line).state.id.split(':')[2]);
      expect(new Set(scids)).toEqual(new Set([verdict.log.scid]));
    }),
    { numRuns: 500 },
  );
});

test('no text makes the verifier throw', async () => {
  const json = fc.json({ maxDepth: 4 });
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.string({ unit: 'binary' }), json),
      json,
      async (text, witnesses) => {
        expect((await verifyDidLog(text, { crypto, witnesses })).ok).toBe(false);
      },
    ),
    { numRuns: 500 },
  );
});
