// Random histories: counters equal recounts, replays equal the original, refusals leave no trace, keys cover every look.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Crowd, type Gesture, sessions } from '../../test/gestures.ts';
import { type Accepted, NODE, Town } from '../../test/town.ts';
import type { CapabilityAction } from '../protocol/capability.ts';
import { subjectOf } from '../protocol/did.ts';
import { keysFor } from '../protocol/did-document.ts';
import { type DidLog, readDidLog } from '../protocol/did-log.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { actOf, remainsOf } from '../protocol/remains.ts';
import { apply, applyErased, keysOfErased } from './apply.ts';
import type { ErasedCreate } from './item.ts';
import { keysOf } from './keys.ts';
import { statesDidLog } from './matter.ts';
import { type Dump, MemoryRows } from './memory-rows.ts';
import { MAX_PINNED } from './moderation.ts';
import { hasDidLog } from './subject.ts';

function live(groups: readonly (readonly Gesture[])[]): Town {
  const town = new Town();
  const crowd = new Crowd(town);
  for (const group of groups) crowd.submit(group);
  return town;
}

/** Which actions an act may be, by its type alone. */
const ALLOWED: Readonly<Record<string, readonly CapabilityAction[]>> = {
  ...{ Create: ['post'], Update: ['post'], Delete: ['post'], Flag: ['post'] },
  ...{ Like: ['vote'], Dislike: ['vote'], Undo: ['vote', 'moderate'] },
  ...{ Add: ['moderate'], Remove: ['moderate'], Block: ['moderate'] },
};

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}

/** Recomputes every counter from the rows it counts. */
function expectRecount(dump: Dump): void {
  const items = new Map(dump.items.map((item) => [item.name, item]));
  const standing = dump.items.filter((item) => !item.deleted && !item.removed);
  for (const item of dump.items) {
    const votes = dump.votes.filter((vote) => vote.item === item.name);
    const replies = standing.filter((reply) =>
      item.parent === null
        ? reply.root === item.name && reply !== item
        : reply.parent === item.name,
    );
    expect({ up: item.up, down: item.down, replies: item.replies }).toEqual({
      up: votes.filter((vote) => vote.value === 1).length,
      down: votes.filter((vote) => vote.value === -1).length,
      replies: replies.length,
    });
    const parent = item.parent === null ? null : items.get(item.parent)!;
    expect(item.root).toBe(parent?.root ?? item.name);
    expect(item.depth).toBe(parent === null ? 0 : parent.depth + 1);
    if (item.pinned) expect(item).toMatchObject({ parent: null, removed: false, deleted: false });
    expect(votes.some((vote) => vote.agent === item.author)).toBe(false);
  }
  for (const submolt of dump.submolts) {
    const posts = dump.items.filter((it) => it.submolt === submolt.name && it.parent === null);
    const members = dump.memberships.filter((member) => member.submolt === submolt.name);
    expect(submolt).toMatchObject({
      posts: posts.filter((it) => standing.includes(it)).length,
      pinned: posts.filter((it) => it.pinned).length,
      subscribers: members.filter((member) => member.subscription !== null).length,
    });
    expect(members.filter((m) => m.role === 'owner').map((m) => m.agent)).toEqual([submolt.owner]);
    expect(members.find((member) => member.agent === submolt.owner)?.ban).toBeNull();
  }
  for (const member of dump.memberships) {
    const own = dump.items.filter(
      (item) => item.author === member.agent && item.submolt === member.submolt,
    );
    const words = own.filter((item) => standing.includes(item));
    const votes = dump.votes.filter((vote) => own.some((item) => item.name === vote.item));
    expect(member).toMatchObject({
      karma: sum(votes.map((vote) => vote.value)),
      posts: words.filter((item) => item.parent === null).length,
      comments: words.filter((item) => item.parent !== null).length,
    });
  }
}

test('every counter equals a recount, whatever was submitted', () => {
  fc.assert(
    fc.property(sessions, (groups) => {
      const dump = live(groups).memory.dump();
      expectRecount(dump);
      for (const submolt of dump.submolts) expect(submolt.pinned).toBeLessThanOrEqual(MAX_PINNED);
    }),
  );
});

test('apply takes entries that no honest home would log, and keeps the counters', () => {
  fc.assert(
    fc.property(sessions, (groups) => {
      const town = new Town();
      const crowd = new Crowd(town);
      for (const object of groups.flat().map((gesture) => crowd.sign(gesture))) {
        const { activity, name } = object;
        for (const log of ['system' as const, name, audienceOf(object)]) {
          const rows = town.memory.open(NODE, keysOf(activity, name, log));
          // Twice, because a home can log an object twice.
          apply(rows, object, { log, node: NODE, t: town.now });
          apply(rows, object, { log, node: NODE, t: town.now });
        }
      }
      expectRecount(town.memory.dump());
    }),
  );
});

function audienceOf({ activity, name }: Accepted['object']) {
  return ('audience' in activity ? activity.audience : undefined) ?? name;
}

test('agents are known by what stays, and no place is ahead of what the node knows', () => {
  fc.assert(
    fc.property(sessions, (groups) => {
      const {
        erased: _,
        identities,
        identityPlaces,
        delegations: __,
        ...rest
      } = live(groups).memory.dump();
      // Words may call an agent by any DID.
      const rows = JSON.stringify(rest, (key, value) =>
        ['title', 'content', 'summary'].includes(key) ? '' : value,
      );
      expect(rows).not.toContain('did:webvh');
      for (const place of identityPlaces) {
        const known = identities.find(({ agent }) => agent === place.agent)!;
        expect(place.version).toBeLessThanOrEqual(known.version);
        if (place.version === known.version) expect(place.statement).toBe(known.statement);
      }
    }),
  );
});

test('every entry of a did:webvh is signed by a key that the same log has stated before it', () => {
  fc.assert(
    fc.property(sessions, (groups) => {
      const town = live(groups);
      const stated = new Map<string, DidLog>();
      for (const { object, place } of town.accepted) {
        const { activity, keyId, publicKey } = object;
        if (!hasDidLog(activity.actor)) continue;
        const key = `${place.log} ${subjectOf(activity.actor)}`;
        if (statesDidLog(activity)) stated.set(key, readDidLog(activity.content!));
        const log = stated.get(key)!;
        const listed = keysFor(log.versions.at(-1)?.document, activity.actor, 'assertionMethod');
        expect(listed.ok && listed.keys).toContainEqual({ id: keyId, publicKey });
      }
    }),
  );
});

test('no chain lets through what its first link does not', () => {
  fc.assert(
    fc.property(sessions, (groups) => {
      const town = live(groups);
      const { delegations } = town.memory.dump();
      const links = new Map(delegations.map((link) => [link.name, link]));
      const before = new Set<string>();
      for (const { object, place } of town.accepted) {
        const { activity, name } = object;
        before.add(`${place.log} ${name}`);
        if (!('instrument' in activity) || activity.instrument === undefined) continue;
        let link = links.get(activity.instrument)!;
        expect(subjectOf(activity.actor)).toBe(link.delegate);
        const { depth, principal } = link;
        for (let above = depth; above > 0; above -= 1) {
          const { allowedAction, expires, invocationTarget, parentCapability } = link.capability;
          expect(before).toContain(`${place.log} ${link.name}`);
          expect(link).toMatchObject({ depth: above, principal });
          expect(ALLOWED[activity.type]!.some((action) => allowedAction.includes(action))).toBe(
            true,
          );
          expect(
            invocationTarget === '*' || invocationTarget.includes(place.log as ObjectName),
          ).toBe(true);
          expect(place.t).toBeLessThan(Date.parse(expires));
          if (parentCapability === null) {
            expect(link).toMatchObject({ depth: 1, delegator: principal });
            break;
          }
          link = links.get(parentCapability)!;
        }
        expect(depth).toBeLessThanOrEqual(3);
      }
    }),
  );
});

test('a refused or forwarded act leaves no trace', () => {
  fc.assert(
    fc.property(sessions, (groups) => {
      const town = new Town();
      const crowd = new Crowd(town);
      let accepted = town.accepted.length;
      let before = town.memory.dump();
      for (const gesture of groups.flat()) {
        crowd.submit([gesture]);
        const after = town.memory.dump();
        if (town.accepted.length === accepted) expect(after).toEqual(before);
        accepted = town.accepted.length;
        before = after;
      }
    }),
    { numRuns: 30 },
  );
});

test('the logs replayed into an empty state give the identical rows', () => {
  fc.assert(
    fc.property(sessions, (groups) => {
      const town = live(groups);
      const replica = new MemoryRows();
      for (const { object, place } of town.accepted) {
        const keys = keysOf(object.activity, object.name, place.log);
        apply(replica.open(NODE, keys), object, place);
      }
      expect(replica.dump()).toEqual(town.memory.dump());
    }),
  );
});

test('the logs replayed after erasure, without the erased bodies, give the identical rows', () => {
  fc.assert(
    fc.property(sessions, (groups) => {
      const town = live(groups);
      const { erased, ...original } = town.memory.dump();
      const replica = new MemoryRows();
      for (const { object, place } of town.accepted) {
        const { activity, name } = object;
        const left = erased.includes(name) ? remainsOf(activity) : null;
        const whole = erased.includes(name) ? left && actOf(left) : activity;
        if (whole !== null) {
          const keys = keysOf(whole, name, place.log);
          apply(replica.open(NODE, keys), { activity: whole, name }, place);
        } else if (activity.type === 'Create' && place.log !== 'system') {
          const parent = activity.object.type === 'Note' ? activity.object.inReplyTo : null;
          const author = original.items.find((item) => item.name === name)!.author;
          const stub: ErasedCreate = { name, author, parent };
          applyErased(replica.open(NODE, keysOfErased(stub, place.log)), stub, place.log, place.t);
        }
      }
      const { erased: _, ...rebuilt } = replica.dump();
      expect(rebuilt).toEqual(original);
    }),
  );
});

/** Of reports and descriptions. */
function wordsIn(activity: Accepted['object']['activity']): string[] {
  if (activity.type === 'Flag') return [activity.content ?? ''];
  const { object } = activity;
  return typeof object === 'object' && object.type === 'Group' ? [object.name] : [];
}

test('of what is erased no words are left, nor of its edits', () => {
  fc.assert(
    fc.property(sessions, (groups) => {
      const town = live(groups);
      const dump = town.memory.dump();
      const text = JSON.stringify(dump);
      const gone = new Set(dump.items.filter((item) => item.deleted).map((item) => item.name));
      for (const { object } of town.accepted) {
        const { activity, name } = object;
        const item = activity.type === 'Update' && 'target' in activity ? activity.target : name;
        if (!gone.has(item) || typeof activity.object === 'string') continue;
        expect(dump.erased).toContain(name);
        if ('content' in activity.object) expect(text).not.toContain(activity.object.content);
      }
      const edits = dump.acts.filter(({ type }) => type === 'Update');
      expect(edits.some((act) => dump.erased.includes(act.name))).toBe(false);
      for (const { object } of town.accepted) {
        if (!dump.erased.includes(object.name)) continue;
        for (const words of wordsIn(object.activity)) expect(text).not.toContain(words);
      }
    }),
  );
});

test('random histories reach every kind of row and both outcomes', () => {
  const seen = new Set<string>();
  const kinds = new Set<string>();
  for (const groups of fc.sample(sessions, { seed: 7, numRuns: 150 })) {
    const town = new Town();
    const crowd = new Crowd(town);
    for (const group of groups) {
      crowd.submit(group, (_, decision) => {
        kinds.add(decision.kind === 'refuse' ? decision.code : decision.kind);
      });
    }
    if (town.accepted.some(({ object }) => 'instrument' in object.activity))
      kinds.add('instrument');
    for (const [table, rows] of Object.entries(town.memory.dump())) {
      if (rows.length > 0) seen.add(table);
    }
  }
  expect([...seen].sort()).toEqual(Object.keys(new MemoryRows().dump()).sort());
  expect([...kinds]).toEqual(
    expect.arrayContaining([
      'accept',
      'banned',
      'node_banned',
      'vote_exists',
      'thread_locked',
      'item_deleted',
      'too_many_pinned',
      'nothing_to_undo',
      'identity_stale',
      'identity_forked',
      'key_retired',
      'identity_moved',
      'instrument',
      'delegation_scope',
      'delegation_exceeds',
      'delegation_revoked',
      'delegation_expired',
      'not_delegate',
    ]),
  );
});
