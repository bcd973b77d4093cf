// Every refusal has an act that earns it, says what to do next, and leaves no trace.
import { expect, test } from 'vitest';
import { DELEGATION_OFFENCES, type Offence, stated } from '../../test/delegation-offences.ts';
import { acceptance, claim, withdrawal } from '../../test/owner-drafts.ts';
import { ShiftingAgent } from '../../test/rotating-agent.ts';
import { ada, bob, mod, owner, Scene, UNKNOWN } from '../../test/scene.ts';
import { comment, did, ELSEWHERE, found, NODE, post } from '../../test/town.ts';
import type { ActivityDraft } from '../protocol/activity.ts';
import { LABEL_BASE, LOCKED, LOG_KEYS, MODERATORS, PINNED } from '../protocol/labels.ts';
import { MAX_DEPTH } from './item.ts';
import { DOMAIN_REFUSALS, type DomainRefusal } from './refusal.ts';

/** The credential by which the owner of the submolt says that ada is theirs. */
const claimed = ({ now }: Scene) => claim({ owner, agent: ada, until: now + 60_000 });

const offences: Record<DomainRefusal, Offence> = {
  identity_unknown(town) {
    const { key } = new ShiftingAgent('eve');
    return [
      [key, post(town.submolt)],
      [key, post(UNKNOWN)],
      [key, found('sand')],
      [key, { type: 'Follow', object: bob }],
    ];
  },
  identity_stale(town) {
    const { key, statement } = stated(town);
    return [[key, statement]];
  },
  identity_forked(town) {
    const eve = new ShiftingAgent('eve');
    const fork = eve.copy().rotate();
    town.do(eve.rotate().key, eve.statement);
    return [[fork.key, fork.statement]];
  },
  identity_moved(town) {
    const eve = stated(town);
    const { key } = eve;
    town.do(eve.move('elsewhere.example').key, eve.statement);
    return [[key, post(town.submolt)]];
  },
  identity_deactivated(town) {
    const eve = stated(town);
    town.do(eve.end().key, eve.statement);
    return [[eve.key, post(town.submolt)]];
  },
  key_retired(town) {
    const eve = stated(town);
    const { key } = eve;
    town.do(eve.rotate().key, eve.statement);
    return [[key, post(town.submolt)]];
  },
  ...DELEGATION_OFFENCES,
  submolt_unknown: () => [[ada, post(UNKNOWN)]],
  submolt_moved(town) {
    town.do(owner, town.move());
    return [
      [ada, post(town.submolt)],
      [ada, town.delete(town.post)],
      [owner, town.move()],
    ];
  },
  slug_taken: () => [[bob, found('tides')]],
  wrong_home: (town) => [
    [ada, found('sand', ELSEWHERE)],
    [owner, { ...town.to, type: 'Move', object: town.submolt, origin: ELSEWHERE, target: NODE }],
  ],
  item_unknown: (town) => [
    [ada, comment(town.submolt, UNKNOWN)],
    [ada, town.like(UNKNOWN)],
    [ada, town.delete(UNKNOWN)],
    [ada, town.edit(UNKNOWN, post(town.submolt))],
    [ada, town.edit(town.submolt, post(town.submolt))],
    [ada, { ...town.to, type: 'Flag', object: UNKNOWN }],
    [mod, town.label(PINNED, UNKNOWN)],
  ],
  item_elsewhere: (town) => [
    [bob, { type: 'Like', audience: town.other, object: town.post }],
    [ada, { type: 'Delete', audience: town.other, object: town.post }],
    [ada, town.edit(town.post, post(town.other))],
    [owner, { type: 'Remove', audience: town.other, object: town.post, origin: town.other }],
  ],
  item_deleted(town) {
    town.do(ada, town.delete(town.post));
    return [
      [bob, comment(town.submolt, town.post)],
      [bob, town.like(town.post)],
      [ada, town.edit(town.post, post(town.submolt))],
      [mod, town.removal(town.post)],
      [mod, town.label(LOCKED)],
      [mod, town.label(`${LABEL_BASE}spam`)],
      [bob, { ...town.to, type: 'Flag', object: town.post }],
    ];
  },
  item_removed(town) {
    town.do(mod, town.removal(town.post));
    return [
      [bob, comment(town.submolt, town.post)],
      [bob, town.like(town.post)],
      [ada, town.edit(town.post, post(town.submolt))],
      [mod, town.label(PINNED)],
    ];
  },
  parent_elsewhere: (town) => [[bob, comment(town.other, town.post)]],
  parent_changed: (town) => [[bob, town.edit(town.comment, comment(town.submolt, town.comment))]],
  thread_mismatch: (town) => [
    [ada, comment(town.submolt, town.comment, 'words', town.comment)],
    [bob, town.edit(town.comment, comment(town.submolt, town.post, 'words', UNKNOWN))],
  ],
  thread_locked(town) {
    town.do(mod, town.label(LOCKED));
    return [
      [ada, comment(town.submolt, town.post)],
      [ada, comment(town.submolt, town.comment)],
    ];
  },
  thread_too_deep(town) {
    let deepest = town.comment;
    for (let depth = 2; depth <= MAX_DEPTH; depth += 1) {
      deepest = town.do(ada, comment(town.submolt, deepest));
    }
    return [[bob, comment(town.submolt, deepest)]];
  },
  vote_exists(town) {
    town.do(bob, town.like(town.post));
    return [
      [bob, town.like(town.post)],
      [bob, { ...town.to, type: 'Dislike', object: town.post }],
    ];
  },
  own_vote: (town) => [[ada, town.like(town.post)]],
  own_follow: () => [[ada, { type: 'Follow', object: ada }]],
  not_author(town) {
    const vote = town.do(bob, town.like(town.post));
    const follow = town.do(bob, { type: 'Follow', object: ada });
    return [
      [bob, town.delete(town.post)],
      [bob, { type: 'Delete', object: ada }],
      [owner, town.edit(town.post, post(town.submolt))],
      [ada, town.undo(vote)],
      [ada, { type: 'Undo', object: follow }],
    ];
  },
  not_moderator(town) {
    const ban = town.ban(did('troll'));
    town.ban(mod);
    return [
      [bob, town.removal(town.post)],
      [bob, town.block(ada)],
      [bob, town.undo(ban)],
      [ada, town.label(PINNED)],
      [mod, town.label(LOCKED)],
    ];
  },
  not_owner: (town) => [
    [mod, town.label(MODERATORS, bob)],
    [mod, town.move()],
    [mod, town.edit(town.submolt, { ...found('tides'), ...town.to } as ActivityDraft)],
  ],
  not_this_node: () => [
    [ELSEWHERE, { type: 'Add', object: ada, target: LOG_KEYS }],
    [ada, { type: 'Remove', object: ada, target: LOG_KEYS }],
  ],
  banned(town) {
    town.ban(ada);
    town.ban(bob, town.at(3600));
    return [
      [ada, post(town.submolt)],
      [bob, comment(town.submolt, town.post)],
      [bob, town.like(town.post)],
      [ada, town.edit(town.post, post(town.submolt))],
      [ada, { ...town.to, type: 'Flag', object: town.comment }],
    ];
  },
  node_banned(town) {
    town.do(NODE, { type: 'Block', object: ada });
    town.do(NODE, { type: 'Block', object: bob, endTime: town.at(3600) });
    return [
      [ada, post(town.submolt)],
      [ada, found('sand')],
      [bob, town.like(town.post)],
      [bob, { type: 'Follow', object: ada }],
    ];
  },
  already_deleted(town) {
    town.do(ada, town.delete(town.post));
    return [[ada, town.delete(town.post)]];
  },
  reason_unsuitable: (town) => [
    [NODE, town.delete(town.post)],
    [NODE, { ...town.delete(town.post), reason: 'https://example.com/because' } as ActivityDraft],
    [NODE, { type: 'Delete', object: ada }],
    [NODE, { type: 'Delete', object: town.post, origin: town.submolt }],
  ],
  act_unknown: (town) => [
    [ada, town.undo(UNKNOWN)],
    [ada, town.undo(town.post)],
    [ada, { type: 'Undo', object: UNKNOWN }],
  ],
  nothing_to_undo(town) {
    const vote = town.do(bob, town.like(town.post));
    town.do(bob, town.undo(vote));
    town.do(bob, town.like(town.post));
    const edit = town.do(ada, town.edit(town.post, post(town.submolt)));
    const follow = town.do(bob, { type: 'Follow', object: ada });
    town.do(bob, { type: 'Undo', object: follow });
    const subscription = town.do(bob, town.follow());
    town.do(bob, town.undo(subscription));
    const ban = town.ban(bob);
    town.do(owner, town.undo(ban));
    return [
      [bob, town.undo(vote)],
      [ada, town.undo(edit)],
      [bob, { type: 'Undo', object: follow }],
      [bob, town.undo(subscription)],
      [mod, town.undo(ban)],
    ];
  },
  already_following(town) {
    town.do(bob, town.follow());
    town.do(bob, { type: 'Follow', object: ada });
    return [
      [bob, town.follow()],
      [bob, { type: 'Follow', object: ada }],
    ];
  },
  ownership_unknown: (town) => [[ada, withdrawal(claimed(town))]],
  ownership_stands(town) {
    town.do(ada, acceptance(claimed(town)));
    return [[ada, acceptance(claimed(town))]];
  },
  ownership_ended(town) {
    town.do(ada, acceptance(claimed(town)));
    town.do(owner, withdrawal(claimed(town)));
    return [
      [ada, acceptance(claimed(town))],
      [ada, withdrawal(claimed(town))],
      [owner, withdrawal(claimed(town))],
    ];
  },
  not_party(town) {
    town.do(ada, acceptance(claimed(town)));
    return [[bob, withdrawal(claimed(town))]];
  },
  clock_skew: (town) => [
    [ada, { ...post(town.submolt), published: town.at(301) }],
    [ada, { ...post(town.submolt), published: town.at(-86_401) }],
    [ada, { ...found('sand'), published: town.at(301) }],
  ],
  object_unsuitable: (town) => [
    [mod, town.label(PINNED, town.comment)],
    [mod, town.label(LOCKED, town.comment)],
    [mod, town.label(LOCKED, bob)],
    [owner, town.label(MODERATORS, town.post)],
    [owner, { ...town.to, type: 'Move', object: town.submolt, origin: NODE, target: NODE }],
  ],
  already_labelled(town) {
    for (const label of [LOCKED, PINNED, `${LABEL_BASE}spam`]) town.do(mod, town.label(label));
    return [
      [mod, town.label(LOCKED)],
      [mod, town.label(PINNED)],
      [mod, town.label(`${LABEL_BASE}spam`)],
      [owner, town.label(MODERATORS, mod)],
      [owner, town.label(MODERATORS, owner)],
    ];
  },
  not_labelled: (town) =>
    [
      town.label(LOCKED),
      town.label(PINNED),
      town.label(`${LABEL_BASE}spam`, bob),
      town.label(MODERATORS, bob),
      town.label(MODERATORS, owner),
    ].map((draft) => [owner, { ...draft, type: 'Remove' } as ActivityDraft]),
  already_removed(town) {
    town.do(mod, town.removal(town.post));
    return [[owner, town.removal(town.post)]];
  },
  not_removed: (town) => [[mod, town.label(town.submolt)]],
  too_many_pinned(town) {
    for (let n = 0; n < 3; n += 1) {
      town.do(mod, town.label(PINNED, town.do(ada, post(town.submolt))));
    }
    return [[mod, town.label(PINNED)]];
  },
  already_banned(town) {
    town.ban(bob);
    return [[owner, town.block(bob)]];
  },
  cannot_ban_owner: (town) => [[mod, town.block(owner)]],
  end_time_past: (town) => [[mod, town.block(bob, town.at(0))]],
  audience_missing(town) {
    const vote = town.do(bob, town.like(town.post));
    return [
      [bob, { type: 'Undo', object: vote }],
      [mod, { type: 'Add', object: town.post, target: LOCKED }],
      [bob, { type: 'Follow', object: town.submolt }],
    ];
  },
  audience_unexpected(town) {
    const follow = town.do(bob, { type: 'Follow', object: ada });
    const vote = town.do(bob, town.like(town.post));
    return [
      [bob, town.undo(follow)],
      [bob, { type: 'Undo', audience: town.other, object: vote }],
      [bob, { ...town.to, type: 'Follow', object: ada }],
      [NODE, { ...town.to, type: 'Add', object: ada, target: LOG_KEYS }],
    ];
  },
  type_mismatch: (town) => [
    [ada, town.edit(town.post, comment(town.submolt, town.post))],
    [bob, town.edit(town.comment, post(town.submolt))],
  ],
  slug_changed: (town) => [
    [owner, town.edit(town.submolt, { ...found('waves'), ...town.to } as ActivityDraft)],
  ],
};

test.each(DOMAIN_REFUSALS)('refuses with %s, says what to do, changes nothing', (code) => {
  const town = new Scene();
  for (const [actor, draft] of offences[code](town)) {
    const before = town.memory.dump();
    const { decision } = town.submit(actor, draft);
    expect(decision).toMatchObject({ kind: 'refuse', code });
    if (decision.kind === 'refuse') expect(decision.detail).toMatch(/^[A-Z].{20,}[.]$/);
    expect(town.memory.dump()).toEqual(before);
  }
});
