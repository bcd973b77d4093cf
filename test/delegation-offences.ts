// Acts that the rules of delegations refuse, by the reason; and what such tests share.
import type { DomainRefusal } from '../src/domain/refusal.ts';
import type { ActivityDraft } from '../src/protocol/activity.ts';
import type { Did } from '../src/protocol/did.ts';
import { MODERATORS } from '../src/protocol/labels.ts';
import { delegation, under } from './delegations.ts';
import { ShiftingAgent } from './rotating-agent.ts';
import { ada, bob, mod, owner, type Scene, UNKNOWN } from './scene.ts';
import { found, NODE, post, type Signatory } from './town.ts';

/** Prepares the town and gives an act, or several that are all refused for this reason. */
export type Offence = (town: Scene) => readonly (readonly [Did | Signatory, ActivityDraft])[];

/** An agent whose DID log the node knows. */
export function stated(town: Scene): ShiftingAgent {
  const eve = new ShiftingAgent('eve');
  town.do(eve.key, eve.statement);
  return eve;
}

export const DELEGATION_OFFENCES = {
  capability_malformed(town) {
    const { key, subject } = stated(town);
    const listed = town.memory.open(NODE).identity(subject)?.keys ?? [];
    const { id: keyId } = listed.find(({ id }) => id !== key.keyId)!;
    return [
      [{ ...key, keyId }, delegation(bob)],
      [ada, { ...delegation(bob), content: '{}' } as ActivityDraft],
      [ada, { ...delegation(bob), object: mod } as ActivityDraft],
      [ada, delegation(ada)],
    ];
  },
  delegation_unknown: (town) => [
    [bob, under(UNKNOWN, post(town.submolt))],
    [bob, under(town.post, post(town.submolt))],
    [bob, delegation(mod, { parentCapability: UNKNOWN })],
  ],
  delegation_exceeds(town) {
    const given = { invocationTarget: [town.submolt], expires: town.at(3600) } as const;
    const parentCapability = town.do(ada, delegation(bob, given));
    const within = { ...given, parentCapability };
    const two = town.do(bob, delegation(mod, within));
    const three = town.do(mod, delegation(owner, { ...within, parentCapability: two }));
    return [
      [bob, delegation(mod, { ...within, allowedAction: ['moderate'] })],
      [bob, delegation(mod, { ...within, invocationTarget: '*' })],
      [bob, delegation(mod, { ...within, invocationTarget: [town.other] })],
      [bob, delegation(mod, { ...within, expires: town.at(3601) })],
      [mod, delegation(owner, within)],
      [owner, delegation(ada, { ...within, parentCapability: three })],
    ];
  },
  delegation_expired(town) {
    const given = town.do(ada, delegation(bob, { expires: town.at(60) }));
    town.now += 60_000;
    return [
      [bob, under(given, post(town.submolt))],
      [bob, delegation(mod, { parentCapability: given })],
      [ada, delegation(bob, { expires: town.at(0) })],
    ];
  },
  delegation_revoked(town) {
    const eve = stated(town);
    const lost = town.do(eve.key, delegation(bob));
    town.do(eve.rotate().key, eve.statement);
    const one = town.do(ada, delegation(bob));
    const two = town.do(bob, delegation(mod, { parentCapability: one }));
    town.do(ada, { type: 'Undo', object: one });
    return [
      [bob, under(one, post(town.submolt))],
      [mod, under(two, post(town.submolt))],
      [bob, delegation(owner, { parentCapability: one })],
      [bob, under(lost, post(town.submolt))],
    ];
  },
  delegation_scope(town) {
    const given = town.do(
      owner,
      delegation(bob, { allowedAction: ['vote'], invocationTarget: [town.submolt] }),
    );
    const every = { allowedAction: ['message', 'moderate', 'post', 'vote'] } as const;
    const all = town.do(owner, delegation(bob, every));
    const subscription = town.do(owner, town.follow());
    return [
      [bob, under(given, post(town.submolt))],
      [bob, under(given, town.block(ada))],
      [bob, under(given, { type: 'Like', audience: town.other, object: town.post })],
      [bob, under(all, town.follow())],
      [bob, under(all, town.undo(subscription))],
      [bob, under(all, town.label(MODERATORS, ada))],
      [
        bob,
        under(all, town.edit(town.submolt, { ...found('tides'), ...town.to } as ActivityDraft)),
      ],
      [bob, under(all, town.move())],
    ];
  },
  not_delegate(town) {
    const given = town.do(ada, delegation(bob));
    return [
      [mod, under(given, post(town.submolt))],
      [ada, under(given, post(town.submolt))],
    ];
  },
} satisfies Partial<Record<DomainRefusal, Offence>>;
