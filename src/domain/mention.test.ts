// Mentions in hostile texts: however long a text is, and whatever it repeats, it is walked through once.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDid, subjectOf } from '../protocol/did.ts';
import { mentionsIn } from './mention.ts';

const ADA = 'did:web:ada.example';

test('a run of punctuation is no longer in the reading than in the writing', () => {
  expect(mentionsIn(`@did:${'.'.repeat(1_000_000)}x @${ADA}`)).toEqual([ADA]);
  expect(mentionsIn(`@${ADA}${'._:%-'.repeat(200_000)}`)).toEqual([ADA]);
});

test('a hundred signs are looked at, and no more', () => {
  const signs = (n: number) => '@did:nothing '.repeat(n);
  expect(mentionsIn(`${signs(99)}@${ADA}`)).toEqual([ADA]);
  expect(mentionsIn(`${signs(100)}@${ADA}`)).toEqual([]);
  expect(mentionsIn(`${`@${ADA} `.repeat(99)}@did:web:bob.example`)).toHaveLength(2);
});

/** The rule once more, character by character, as spec/rules.md section 7.1 has it. */
function byTheRule(text: string): string[] {
  const found = new Set<string>();
  let looked = 0;
  for (let at = 0; at < text.length && looked < 100 && found.size < 10; at += 1) {
    if (!text.startsWith('@did:', at)) continue;
    looked += 1;
    let end = at + 1;
    while (/[A-Za-z0-9._:%-]/.test(text[end] ?? '')) end += 1;
    let run = text.slice(at + 1, end);
    while (/[._:%-]/.test(run.at(-1) ?? '')) run = run.slice(0, -1);
    const joined = at > 0 && /[A-Za-z0-9.:%@/+-]/.test(text[at - 1] as string);
    const did = joined ? null : parseDid(run);
    if (did !== null) found.add(subjectOf(did));
    at = end - 1;
  }
  return [...found];
}

test('what is found is what the rule says, whatever the text', () => {
  const pieces = fc.constantFrom(
    ...['@', 'did:', '@did:', 'web:', 'key:', 'a.example', 'b', '.', ':', '_', '-', '%', '/', ' '],
    ...['\n', 'é', '@@', `@${ADA}`, `x@${ADA}`, '@did:web:b.example:c', '\ud800'],
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
      const text = parts.join('');
      expect(mentionsIn(text)).toEqual(byTheRule(text));
    }),
  );
});
