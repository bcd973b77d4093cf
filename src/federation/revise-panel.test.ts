// Who is asked to cosign: those this node chose before those that chose it, at most seven, and nobody who is gone for good.
import { expect, test } from 'vitest';
import { parseDid } from '../protocol/did.ts';
import type { CanonicalBytes } from '../protocol/jcs.ts';
import type { Partner } from '../store/queries/peers.ts';
import { choosePanel } from './revise-panel.ts';

const NOW = 100 * 86_400_000;

function partner(id: number, change: Partial<Partner['peer']> = {}): Partner {
  const did = parseDid(`did:web:n${id}.example`);
  if (did === null) throw new Error('no DID');
  const peer = {
    id,
    did,
    url: `https://n${id}.example`,
    name: '',
    logKey: new Uint8Array(32),
    keyStatement: new Uint8Array() as CanonicalBytes,
    addedAt: 0,
    contactedAt: NOW,
    failures: 0,
    retryAt: 0,
    error: null,
    droppedAt: null,
    witnessKey: new Uint8Array(32),
    ...change,
  };
  return { peer, chosen: true };
}

const chosenOf = (partners: readonly Partner[]) =>
  choosePanel(partners, NOW).map((did) => did.replace(/\D/g, ''));

test('the first seven of the list', () => {
  const partners = Array.from({ length: 9 }, (_, i) => partner(i + 1));
  expect(chosenOf(partners)).toEqual(['1', '2', '3', '4', '5', '6', '7']);
});

test('nobody whose key is not known', () => {
  expect(chosenOf([partner(1, { witnessKey: null }), partner(2)])).toEqual(['2']);
});

test('who is away keeps the place for a day', () => {
  const away = (contactedAt: number | null, failures = 5) =>
    chosenOf([partner(1, { contactedAt, failures })]);
  expect(away(NOW - 86_399_999)).toEqual(['1']);
  expect(away(NOW - 86_400_000)).toEqual([]);
  expect(away(NOW - 86_400_000, 4)).toEqual(['1']);
  expect(away(null)).toEqual([]);
});
