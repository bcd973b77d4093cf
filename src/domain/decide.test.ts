// Every refusal has an act that earns it, says what to do next, and leaves no trace; acceptance names the log.
import { describe, expect, test } from 'vitest';
import { comment, did, ELSEWHERE, found, NODE, nthName, post, Town } from '../../test/town.ts';
import type { ActivityDraft } from '../protocol/activity.ts';
import { formatDateTime } from '../protocol/date-time.ts';
import type { Did } from '../protocol/did.ts';
import { LABEL_BASE, LOCKED, LOG_KEYS, MODERATORS, PINNED } from '../protocol/labels.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { MAX_DEPTH } from './item.ts';
import { DOMAIN_REFUSALS, type DomainRefusal } from './refusal.ts';

const owner = did('owner');
const mod = did('mod');
const ada = did('ada');
const bob = did('bob');
const UNKNOWN = nthName(4_000_000);

/** A town with a submolt, its owner and a moderator, a post by ada and a comment by bob. */
class Scene extends Town {
  readonly submolt = this.do(owner, found('tides'));
  readonly other = this.do(owner, found('rocks'));
  readonly post = this.do(ada, post(this.submolt));
  readonly comment = this.do(bob, comment(this.submolt, this.post));

  constructor() {
    super();
    this.do(owner, { ...this.to, type: 'Add', object: mod, target: MODERATORS });
  }
  get to() {
    return { audience: this.submolt };
  }
  ban(agent: Did, endTime?: string): ObjectName {
    return this.do(mod, this.block(agent, endTime));
  }
  block(agent: Did, endTime?: string): ActivityDraft {
    const draft = { ...this.to, type: 'Block', object: agent, target: this.submolt } as const;
    return endTime === undefined ? draft : { ...draft, endTime };
  }
  removal(object: ObjectName): ActivityDraft {
    return { ...this.to, type: 'Remove', object, origin: this.submolt };
  }
  label(target: string, object: ObjectName | Did = this.post): ActivityDraft {
    return { ...this.to, type: 'Add', object, target };
  }
  like(object: ObjectName): ActivityDraft {
    return { ...this.to, type: 'Like', object };
  }
  undo(object: ObjectName): ActivityDraft {
    return { ...this.to, type: 'Undo', object };
  }
  follow(): ActivityDraft {
    return { ...this.to, type: 'Follow', object: this.submolt };
  }
  edit(target: ObjectName, draft: ActivityDraft): ActivityDraft {
    return { ...draft, type: 'Update', target } as ActivityDraft;
  }
  move(): ActivityDraft {
    return {
      ...this.to,
      type: 'Move',
      object: this.submolt,
      origin: NODE,
      target: ELSEWHERE,
    };
  }
  delete(object: ObjectName): ActivityDraft {
    return { ...this.to, type: 'Delete', object };
  }
  at(seconds: number): string {
    return formatDateTime(Math.floor(this.now / 1000) + seconds);
  }
}

/** Prepares the town and gives an act, or several that are all refused for this reason. */
type Offence = (town: Scene) => readonly (readonly [Did, ActivityDraft])[];

const offences: Record<DomainRefusal, Offence> = {
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
      [mod, town.delete(town.post)],
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
  already_deleted(town) {
    town.do(ada, town.delete(town.post));
    return [[ada, town.delete(town.post)]];
  },
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

describe('accepts', () => {
  test('each act into the log it belongs in', () => {
    const town = new Scene();
    const { name, decision } = town.submit(bob, found('sand'));
    expect(decision).toEqual({ kind: 'accept', log: name });
    expect(town.submit(bob, town.like(town.post)).decision).toEqual({
      kind: 'accept',
      log: town.submolt,
    });
    const system: (readonly [Did, ActivityDraft])[] = [
      [bob, { type: 'Follow', object: ada }],
      [bob, { type: 'Update', object: { type: 'Service', name: 'Bob' } }],
      [NODE, { type: 'Add', object: did('log-key'), target: LOG_KEYS }],
    ];
    for (const [actor, draft] of system) {
      expect(town.submit(actor, draft).decision).toEqual({ kind: 'accept', log: 'system' });
    }
  });

  test('the oldest and the most advanced clock that the window allows', () => {
    const town = new Scene();
    for (const seconds of [-86_400, 300]) {
      const draft = { ...post(town.submolt), published: town.at(seconds) };
      expect(town.submit(ada, draft).decision.kind).toBe('accept');
    }
  });

  test('an agent again once the ban has ended or was lifted', () => {
    const town = new Scene();
    town.ban(ada, town.at(60));
    const ban = town.ban(bob);
    town.do(owner, town.undo(ban));
    town.now += 60_000;
    expect(town.submit(ada, post(town.submolt)).decision.kind).toBe('accept');
    expect(town.submit(bob, post(town.submolt)).decision.kind).toBe('accept');
    expect(town.submit(mod, town.block(ada)).decision.kind).toBe('accept');
  });

  test('what a banned agent takes back or deletes', () => {
    const town = new Scene();
    const vote = town.do(ada, town.like(town.comment));
    town.ban(ada);
    expect(town.submit(ada, town.undo(vote)).decision.kind).toBe('accept');
    expect(town.submit(ada, town.delete(town.post)).decision.kind).toBe('accept');
  });

  test('a moderator in a locked thread, and everybody once it is open again', () => {
    const town = new Scene();
    town.do(mod, town.label(LOCKED));
    expect(town.submit(mod, comment(town.submolt, town.post)).decision.kind).toBe('accept');
    town.do(mod, { ...town.label(LOCKED), type: 'Remove' } as ActivityDraft);
    expect(town.submit(ada, comment(town.submolt, town.post)).decision.kind).toBe('accept');
  });

  test('another pin when a pinned post was removed', () => {
    const town = new Scene();
    const posts = [0, 1, 2].map(() => town.do(ada, post(town.submolt)));
    for (const name of posts) town.do(mod, town.label(PINNED, name));
    town.do(mod, town.removal(posts[0]!));
    expect(town.submit(mod, town.label(PINNED)).decision.kind).toBe('accept');
  });
});

test('sends what another node is home of to that node without deciding anything else', () => {
  const town = new Scene();
  const rows = town.memory.open(NODE);
  const submolt = rows.submolt(town.other)!;
  rows.putSubmolt({ ...submolt, home: ELSEWHERE });
  const { decision } = town.submit(ada, {
    ...comment(town.other, UNKNOWN),
    published: '2001-01-01T00:00:00Z',
  });
  expect(decision).toEqual({ kind: 'forward', submolt: town.other, home: ELSEWHERE });
});

test('refuses the second vote within one group', () => {
  const town = new Scene();
  const votes = [town.like(town.post), town.like(town.post)].map((draft) => town.sign(bob, draft));
  const kinds: string[] = [];
  town.submitGroup(votes, (_, decision) => kinds.push(decision.kind));
  expect(kinds).toEqual(['accept', 'refuse']);
});
