// Tombstones that are erased themselves, more of them than could be gone through for each.
import { expect, test } from 'vitest';
import { crypto } from '../../test/sample-log.ts';
import { utf8 } from '../protocol/bytes.ts';
import type { Did } from '../protocol/did.ts';
import { nameFromHash } from '../protocol/object-name.ts';
import type { Remains } from '../protocol/remains.ts';
import { Findings } from './archive-findings.ts';
import { Tombstones } from './archive-tombstones.ts';

const actor = 'did:key:z6MkvRXNYcE7MMduynWTgeKbDaT1iijDSC8pZqXZc8rHPrf2' as Did;
const nameAt = (index: number) => nameFromHash(crypto.sha256(utf8(`act ${index}`)));

/** A post, and Deletes of each other: entry 1 of the post, and each after it of the one before; all but the last are erased. */
function chain(length: number, target = nameAt) {
  const findings = new Findings();
  const tombstones = new Tombstones(findings);
  const post = { index: 0, kind: 'Create', name: nameAt(0), remains: null } as const;
  tombstones.erased(post, 1);
  for (let index = 1; index < length; index++) {
    const remains: Remains = { type: 'Delete', actor, object: nameAt(index - 1) };
    const act = { index, kind: 'Delete', name: nameAt(index), remains } as const;
    tombstones.erased(act, index + 1);
    tombstones.passOn(act, target(index - 1), index + 1);
  }
  const last = { index: length, target: target(length - 1), actor };
  tombstones.deleted({ ...last, ground: 'legal', groundOfLaw: 'legal' });
  tombstones.finish();
  return { tombstones, findings: findings.list() };
}

test('the last of a chain explains all of it', () => {
  const { findings, tombstones } = chain(5);
  expect(findings).toEqual([]);
  expect([tombstones.count, tombstones.grounds.legal]).toEqual([5, 5]);
});

test('a link that names something else leaves what was passed on to it without a reason', () => {
  const { findings, tombstones } = chain(5, (index) => nameAt(index === 2 ? 9 : index));
  expect(findings.map(({ code, index }) => [code, index])).toEqual([
    [20, 0],
    [20, 1],
    [20, 2],
  ]);
  expect(tombstones.grounds.legal).toBe(2);
});

test('a chain of forty thousand is followed at once', () => {
  const { findings, tombstones } = chain(40_000);
  expect([findings.length, tombstones.grounds.legal]).toEqual([0, 40_000]);
});
