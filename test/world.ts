// A small world that uses every kind of act, in an order that a seed decides.
import { grantOf } from '../src/domain/delegation.ts';
import { delegates } from '../src/domain/matter.ts';
import type { ActivityDraft } from '../src/protocol/activity.ts';
import { readCapability } from '../src/protocol/capability.ts';
import { type Did, subjectOf } from '../src/protocol/did.ts';
import { reasonOf } from '../src/protocol/erasure-grounds.ts';
import { DELEGATES, LABEL_BASE, LOCKED, MODERATORS, PINNED } from '../src/protocol/labels.ts';
import type { ObjectName } from '../src/protocol/object-name.ts';
import { remainsOf } from '../src/protocol/remains.ts';
import { delegation, under } from './delegations.ts';
import { comment, group, post } from './drafts.ts';
import { ShiftingAgent } from './rotating-agent.ts';
import { Agent, type Author, type Sandbox } from './sandbox.ts';

/** Agents whose DID is their key. */
export function steadyPeople(n: number): Author[] {
  return Array.from({ length: n }, (_, i) => new Agent(`agent ${i}`));
}

/** Numbers from 0 to below `n`, the same for the same seed (mulberry32). */
export function seeded(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

/**
 * Submits `acts` random acts of `people` in two submolts that the first two of them found, several at a time. Many are
 * refused, as in life. Those with a DID log rotate and move now and then. `between` runs after each group. Gives the names of
 * the submolts and how many acts were accepted.
 */
export async function live(
  node: Sandbox,
  seed: number,
  acts: number,
  people: readonly Author[] = steadyPeople(6),
  between: (random: (n: number) => number) => Promise<void> = async () => {},
): Promise<{ readonly submolts: readonly ObjectName[]; readonly accepted: number }> {
  const random = seeded(seed);
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
  const agents = people;
  const shifting = people.filter((one) => one instanceof ShiftingAgent);
  for (const one of shifting) await node.accept(one, one.statement);
  const home = node.context.node.did;
  const submolts = [
    await node.accept(agents[0] as Author, group('one', home)),
    await node.accept(agents[1] as Author, group('two', home)),
  ];
  const items: ObjectName[] = [];
  const authors = new Map<ObjectName, Author>();
  const audiences = new Map<ObjectName, ObjectName>();
  const revocable: {
    readonly name: ObjectName;
    readonly by: Author;
    readonly audience?: ObjectName;
  }[] = [];
  const given: {
    readonly name: ObjectName;
    readonly principal: Author;
    readonly delegator: Author;
    readonly delegate: Author;
  }[] = [];
  /** Acts whose words can be erased. */
  const said: { readonly name: ObjectName; readonly audience: ObjectName | undefined }[] = [];
  const operator: Author = Object.assign(new Agent('operator'), node.context.node);
  let accepted = 0;

  /** Every third text mentions somebody. */
  const mentioning = (text: string, whom: Did): string => {
    const n = random(1e6);
    return n % 3 === 0 ? `${text} ${n} @${whom}` : `${text} ${n}`;
  };

  const draft = (): ActivityDraft => {
    const item = items.length > 0 ? pick(items) : submolts[0];
    const audience = (item && audiences.get(item)) ?? pick(submolts);
    const other = pick(agents).did;
    switch (items.length < 4 ? 0 : random(26)) {
      case 0:
      case 1:
      case 2:
        return post(pick(submolts), `Post ${random(1e6)}`);
      case 3:
      case 4:
      case 5:
      case 6:
        return comment(audience, item as ObjectName, mentioning('Comment', other));
      case 7:
      case 8:
        return { type: 'Like', audience, object: item as ObjectName };
      case 9:
        return { type: 'Dislike', audience, object: item as ObjectName };
      case 10: {
        const act = revocable.length > 0 ? pick(revocable) : { name: item as ObjectName };
        const scope =
          'audience' in act && act.audience !== undefined ? { audience: act.audience } : {};
        return { type: 'Undo', ...scope, object: act.name };
      }
      case 11:
        return { type: 'Follow', audience, object: audience };
      case 12:
        return { type: 'Follow', object: other };
      case 13:
      case 14:
        return {
          type: 'Update',
          audience,
          target: item as ObjectName,
          object: {
            type: 'Article',
            name: 'Edited',
            content: mentioning('Edited', other),
            mediaType: 'text/plain',
          },
        };
      case 15:
        return { type: 'Update', object: { type: 'Service', name: `Name ${random(99)}` } };
      case 16:
        return { type: 'Delete', audience, object: item as ObjectName };
      case 17:
        return random(2) === 0
          ? { type: 'Remove', audience, object: item as ObjectName, origin: audience }
          : { type: 'Add', audience, object: item as ObjectName, target: audience };
      case 18:
        return {
          type: random(2) === 0 ? 'Add' : 'Remove',
          audience,
          object: item as ObjectName,
          target: pick([LOCKED, PINNED, `${LABEL_BASE}spam`]),
        };
      case 19:
        return {
          type: random(3) > 0 ? 'Add' : 'Remove',
          audience,
          object: other,
          target: MODERATORS,
        };
      case 20:
        return { type: 'Block', audience, object: other, target: audience };
      case 21: {
        const parent = random(2) === 0 && given.length > 0 ? pick(given) : null;
        return delegation(other, {
          allowedAction: random(3) === 0 ? ['post'] : ['moderate', 'post', 'vote'],
          parentCapability: parent?.name ?? null,
        });
      }
      case 22:
        return given.length > 0 ? { type: 'Undo', object: pick(given).name } : draft();
      case 23: {
        const act = said.length > 0 ? pick(said) : { name: item as ObjectName, audience };
        const to = act.audience === undefined ? {} : { audience: act.audience };
        return { type: 'Delete', ...to, object: act.name, reason: reasonOf('legal') };
      }
      case 24: {
        const object = {
          type: 'Group',
          preferredUsername: 'one',
          name: `One ${random(99)}`,
        } as const;
        return { type: 'Update', audience: submolts[0]!, target: submolts[0]!, object };
      }
      default:
        return { type: 'Flag', audience, object: item as ObjectName, content: 'look' };
    }
  };

  for (let sent = 0; sent < acts; ) {
    const size = 1 + random(12);
    node.clock.now += random(20_000);
    const batch = Array.from({ length: size }, () => {
      // Owners act often, or nothing would ever be moderated; authors often act on what is theirs.
      let by = random(3) === 0 ? (agents[random(2)] as Author) : pick(agents);
      const made = draft();
      const link = given.find(({ name }) => 'object' in made && name === made.object);
      if (link !== undefined) by = random(2) === 0 ? link.delegator : link.principal;
      else if (made.type === 'Delete' && said.some(({ name }) => name === made.object)) {
        return { by: operator, principal: operator, made };
      } else if (made.type === 'Undo')
        by = revocable.find(({ name }) => name === made.object)?.by ?? by;
      if ((made.type === 'Delete' || made.type === 'Update') && random(4) > 0) {
        const target =
          (made.type === 'Delete'
            ? (made.object as ObjectName)
            : 'target' in made && made.target) || null;
        by = (target && authors.get(target)) || by;
      }
      if (made.type === 'Add' && made.target === DELEGATES) {
        const passed = readCapability(made.content ?? '');
        const parent = passed.ok ? passed.capability.parentCapability : null;
        by = given.find(({ name }) => name === parent)?.delegate ?? by;
      }
      const uses = given.filter(({ principal }) => principal === by);
      if ('audience' in made && uses.length > 0 && random(2) === 0) {
        const { delegate, name } = pick(uses);
        return { by: delegate, principal: by, made: under(name, made) };
      }
      return { by, principal: by, made };
    });
    sent += size;
    // In the same group as the acts, before or after them.
    const shifts = shifting.filter(() => random(4) === 0);
    for (const one of shifts) {
      if (random(3) > 0) one.rotate();
      else one.move(`host-${random(3)}.example`);
      batch.splice(random(batch.length + 1), 0, {
        by: one,
        principal: one,
        made: one.statement,
      });
    }
    await Promise.all(
      batch.map(async ({ by, made, principal }) => {
        const object = await by.sign(made, node.clock.now);
        const outcome = await node.send(object, by.did);
        if (outcome.kind !== 'accepted' || !outcome.first) return;
        accepted += 1;
        const audience = 'audience' in made ? made.audience : undefined;
        if (made.type === 'Create' && audience !== undefined) {
          items.push(object.name);
          authors.set(object.name, principal);
          audiences.set(object.name, audience);
        }
        const { activity, name } = object;
        if (remainsOf(activity) !== null) said.push({ name, audience });
        if (delegates(activity)) {
          const grant = grantOf(activity);
          const delegate = agents.find(({ did }) => subjectOf(did) === grant?.delegate) as Author;
          const above = given.find((one) => one.name === grant?.parent);
          given.push({ name, principal: above?.principal ?? by, delegator: by, delegate });
        }
        if (['Like', 'Dislike', 'Follow', 'Block'].includes(made.type)) {
          revocable.push({
            name: object.name,
            by: principal,
            ...(audience === undefined ? {} : { audience }),
          });
        }
      }),
    );
    await between(random);
  }
  return { submolts, accepted };
}
