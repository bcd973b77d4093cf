// Random but plausible acts of a few agents: what property tests of the domain, and of stores, feed the rules with.
import fc from 'fast-check';
import type { Decision } from '../src/domain/decide.ts';
import { grantOf } from '../src/domain/delegation.ts';
import { instrumentOf } from '../src/domain/item.ts';
import { delegates } from '../src/domain/matter.ts';
import type { ActivityDraft } from '../src/protocol/activity.ts';
import type { Capability } from '../src/protocol/capability.ts';
import { formatDateTime } from '../src/protocol/date-time.ts';
import { type Did, subjectOf } from '../src/protocol/did.ts';
import { reasonOf } from '../src/protocol/erasure-grounds.ts';
import { LABEL_BASE, LOCKED, MODERATORS, PINNED } from '../src/protocol/labels.ts';
import type { VerifiedObject } from '../src/protocol/object.ts';
import type { ObjectName } from '../src/protocol/object-name.ts';
import { remainsOf } from '../src/protocol/remains.ts';
import { delegation, under } from './delegations.ts';
import { acceptance, claim, withdrawal } from './owner-drafts.ts';
import { ShiftingAgent } from './rotating-agent.ts';
import { comment, did, found, NODE, nthName, post, type Signatory, type Town } from './town.ts';

const STEADY = ['ada', 'bob', 'cyd'].map(did);
/** After the steady ones, agents whose keys and hosts change. */
const SHIFTING = 2;
const AGENTS = STEADY.length + SHIFTING;

/** One act, with numbers that pick who does it and to what among whatever exists when its turn comes. */
const gesture = fc.record({
  kind: fc.constantFrom(
    ...(['post', 'post', 'comment', 'comment', 'comment', 'vote', 'vote', 'vote'] as const),
    ...([
      'undo',
      'undo',
      'edit',
      'edit',
      'delete',
      'remove',
      'restore',
      'mark',
      'mark',
      'unmark',
    ] as const),
    ...(['role', 'ban', 'report', 'subscribe', 'follow', 'profile', 'found', 'describe'] as const),
    ...(['own', 'own', 'disown', 'move', 'rotate', 'relocate', 'pretend'] as const),
    ...(['delegate', 'delegate', 'revoke', 'outlaw'] as const),
    ...(['unsay', 'unsay'] as const),
  ),
  actor: fc.nat(AGENTS - 1),
  submolt: fc.nat(2),
  /** Small ones meet at the first few items, which is where histories get involved. */
  pick: fc.oneof(fc.nat(5), fc.nat(5), fc.nat(1000)),
  other: fc.nat(AGENTS - 1),
  variant: fc.nat(3),
  /** By which delegation the act is done, if the one whose act it is has given any. */
  by: fc.option(fc.nat(5)),
  /** Seconds that pass before it. */
  wait: fc.constantFrom(0, 0, 1, 600, 7200),
});
export type Gesture = typeof gesture extends fc.Arbitrary<infer G> ? G : never;

/** What has to do with a DID log: the agent continues it or states it, or somebody tries with what is past. */
const SHIFTS = ['rotate', 'relocate', 'pretend'] as const;
type Shift = Gesture & { readonly kind: (typeof SHIFTS)[number] };
type Deed = Gesture & { readonly kind: Exclude<Gesture['kind'], Shift['kind']> };

function isShift(gesture: Gesture): gesture is Shift {
  return SHIFTS.some((kind) => kind === gesture.kind);
}

const OWNED_UNTIL = Date.UTC(2030, 0, 1);
const LABELS = [LOCKED, PINNED, PINNED, `${LABEL_BASE}spam`];

interface SignedItem {
  readonly name: ObjectName;
  readonly author: Did;
  readonly submolt: ObjectName;
  readonly parent: ObjectName | null;
}

interface GivenDelegation {
  readonly name: ObjectName;
  /** Subjects. */
  readonly principal: Did;
  readonly delegator: Did;
  readonly delegate: Did;
}

/** Signs the acts that gestures stand for, and remembers what was signed, so that later gestures can point at it. */
export class Crowd {
  readonly #town: Town;
  #submolts: { name: ObjectName; owner: Did }[] = [];
  #items: SignedItem[] = [];
  #acts: { name: ObjectName; actor: Did; audience: ObjectName | undefined }[] = [];
  /** Those whose words can be erased. */
  #said: { name: ObjectName; actor: Did; audience: ObjectName | undefined }[] = [];
  #words = 0;
  readonly #shifting = Array.from({ length: SHIFTING }, (_, i) => new ShiftingAgent(`agent ${i}`));
  /** Keys that were given up. */
  readonly #retired: Signatory[] = [];
  /** What the DID logs might have become as well. */
  readonly #forks: ShiftingAgent[] = [];
  #delegations: GivenDelegation[] = [];

  /** Founds two submolts with a few posts and a comment in each; one of the founders has a DID log. */
  constructor(town: Town) {
    this.#town = town;
    town.submitGroup(this.#shifting.map((agent) => town.sign(agent.key, agent.statement)));
    for (const [founder, slug] of [
      [0, 'tides'],
      [AGENTS - 1, 'rocks'],
    ] as const) {
      const founding = this.#signAs(this.#agent(founder), found(slug));
      const group = [founding];
      for (let author = 0; author < AGENTS; author += 1) {
        const words = post(founding.name, this.#newWords(), this.#newWords());
        group.push(this.#signAs(this.#agent(author), words));
      }
      const reply = comment(founding.name, group[2]!.name, this.#newWords());
      group.push(this.#signAs(this.#agent(0), reply));
      for (const object of group) this.#remember(object);
      town.submitGroup(group);
    }
  }

  /** Words that occur nowhere else. */
  #newWords(): string {
    this.#words += 1;
    return `words ${this.#words}.`;
  }

  #agent(n: number): Did {
    return STEADY[n] ?? this.#shifting[n - STEADY.length]!.did;
  }

  /** As the agent that had this DID at some time signs now. */
  #signAs(actor: Did, draft: ActivityDraft): VerifiedObject {
    const agent = this.#shifting.find(({ subject }) => subject === subjectOf(actor));
    return this.#town.sign(agent?.key ?? actor, draft);
  }

  #shift({ actor, kind, pick, submolt, variant }: Shift): VerifiedObject {
    const agent = this.#shifting[actor % SHIFTING]!;
    const { key } = agent;
    if (kind !== 'pretend') {
      this.#retired.push(key);
      if (kind === 'rotate') agent.rotate();
      else agent.move(`host-${pick % 3}.example`);
      return this.#town.sign(agent.key, agent.statement);
    }
    if (variant === 0) return this.#town.sign(key, agent.statement);
    if (variant === 1) {
      this.#forks.push(agent.copy().rotate());
      const fork = this.#forks[pick % this.#forks.length]!;
      return this.#town.sign(fork.key, fork.statement);
    }
    const audience = this.#submolts[submolt % this.#submolts.length]!.name;
    const old = this.#retired[pick % (this.#retired.length + 1)];
    return this.#town.sign(old ?? key, post(audience, this.#newWords(), this.#newWords()));
  }

  sign(gesture: Gesture): VerifiedObject {
    const object = isShift(gesture)
      ? this.#shift(gesture)
      : this.#signAs(...this.#perhapsUnder(gesture, ...this.#draft(gesture as Deed)));
    this.#remember(object);
    return object;
  }

  /** The act by a delegate of the agent whose it is, now and then by somebody who is none. */
  #perhapsUnder(
    { by, other, variant }: Gesture,
    actor: Did,
    draft: ActivityDraft,
  ): readonly [Did, ActivityDraft] {
    const given = this.#delegations.filter(({ principal }) => principal === subjectOf(actor));
    const delegation = by === null ? undefined : given[by % given.length];
    if (delegation === undefined || !('audience' in draft)) return [actor, draft];
    const signer = variant === 3 && by === 5 ? this.#agent(other) : delegation.delegate;
    return [this.#nowCalled(signer), under(delegation.name, draft)];
  }

  #nowCalled(agent: Did): Did {
    return this.#shifting.find(({ subject }) => subject === agent)?.did ?? agent;
  }

  /** Below another delegation if the actor has one to pass on; mostly within it. */
  #delegation({ actor, other, pick, submolt, variant }: Gesture): readonly [Did, ActivityDraft] {
    const delegator = this.#agent(actor);
    const passed = this.#delegations.filter(({ delegate }) => delegate === subjectOf(delegator));
    const parent = variant < 2 ? passed[pick % (passed.length + 1)] : undefined;
    const submolts = this.#submolts
      .slice(0, 2)
      .map(({ name }) => name)
      .sort();
    const target = submolts[submolt % 2]!;
    const allowedAction = [['post', 'vote'], ['vote'], ['moderate', 'post', 'vote'], ['post']][
      pick % 4
    ] as Capability['allowedAction'];
    const given: Partial<Capability> = {
      allowedAction,
      expires: formatDateTime(Math.floor(this.#town.now / 1000) + (pick % 8 === 7 ? 600 : 86_400)),
      invocationTarget: pick % 3 === 0 ? [target] : '*',
      parentCapability: parent?.name ?? null,
    };
    return [delegator, delegation(this.#agent(other), given)];
  }

  /** Lets time pass, submits the gestures as one group, and forgets what was refused. */
  submit(gestures: readonly Gesture[], watch?: (gesture: Gesture, decision: Decision) => void) {
    for (const { wait } of gestures) this.#town.now += wait * 1000;
    const refused = new Set<ObjectName>();
    const pending = [...gestures];
    this.#town.submitGroup(
      gestures.map((gesture) => this.sign(gesture)),
      ({ name }, decision) => {
        if (decision.kind !== 'accept') refused.add(name);
        watch?.(pending.shift()!, decision);
      },
    );
    this.#submolts = this.#submolts.filter((submolt) => !refused.has(submolt.name));
    this.#items = this.#items.filter((item) => !refused.has(item.name));
    this.#acts = this.#acts.filter((act) => !refused.has(act.name));
    this.#said = this.#said.filter((act) => !refused.has(act.name));
    this.#delegations = this.#delegations.filter(({ name }) => !refused.has(name));
  }

  #remember({ name, activity }: VerifiedObject): void {
    const { type } = activity;
    const by = this.#delegations.find((link) => link.name === instrumentOf(activity));
    const actor = by === undefined ? activity.actor : this.#nowCalled(by.principal);
    const audience = 'audience' in activity ? activity.audience : undefined;
    if (['Like', 'Dislike', 'Follow', 'Block', 'Update'].includes(type)) {
      this.#acts.push({ name, actor, audience });
    }
    if (remainsOf(activity) !== null) this.#said.push({ name, actor, audience });
    if (delegates(activity)) {
      const { delegate, delegator, parent } = grantOf(activity) ?? {};
      if (delegate === undefined || delegator === undefined) return;
      const above = this.#delegations.find((link) => link.name === parent);
      const principal = above?.principal ?? delegator;
      this.#delegations.push({ name, principal, delegator, delegate });
    }
    if (type !== 'Create') return;
    if (audience === undefined) {
      this.#submolts.push({ name, owner: actor });
    } else {
      const parent = activity.object.type === 'Note' ? activity.object.inReplyTo : null;
      this.#items.push({ name, author: actor, submolt: audience, parent });
    }
  }

  /** Mostly the submolt of the item and its author where the act is theirs, so that most acts are accepted. */
  #draft(gesture: Deed): readonly [Did, ActivityDraft] {
    const { kind, pick, variant } = gesture;
    const actor = this.#agent(gesture.actor);
    const other = this.#agent(gesture.other);
    const submolt = this.#submolts[gesture.submolt % this.#submolts.length]!.name;
    const item = this.#items[pick % (this.#items.length + 1)];
    const object = item?.name ?? nthName(4_000_000 + pick);
    const audience = item !== undefined && pick % 16 !== 15 ? item.submolt : submolt;
    const author = variant === 0 ? actor : (item?.author ?? actor);
    const founder = this.#submolts.find(({ name }) => name === audience)?.owner;
    const owner = variant === 0 ? actor : (founder ?? actor);
    const said = this.#newWords();
    const words = pick % 3 === 0 ? `${said} @${other}` : said;
    switch (kind) {
      case 'found':
        return [actor, found(`slug-${pick % 3}`, pick % 8 === 0 ? did('elsewhere') : NODE)];
      case 'describe':
        return [
          owner,
          {
            ...{ type: 'Update', audience, target: audience },
            object: { type: 'Group', preferredUsername: 'tides', name: words },
          } as ActivityDraft,
        ];
      case 'post':
        return [actor, post(submolt, words, words)];
      case 'comment':
        return [actor, comment(audience, object, words)];
      case 'vote':
        return [actor, { type: variant === 0 ? 'Dislike' : 'Like', audience, object }];
      case 'undo': {
        const act = this.#acts[pick % (this.#acts.length + 1)];
        const named = { type: 'Undo', object: act?.name ?? object } as const;
        const by = variant === 0 ? actor : (act?.actor ?? actor);
        return [by, act?.audience ? { ...named, audience: act.audience } : named];
      }
      case 'edit': {
        const draft = item?.parent
          ? comment(audience, item.parent, words)
          : post(audience, words, words);
        return [author, { ...draft, type: 'Update', target: object } as ActivityDraft];
      }
      case 'delete':
        return [author, { type: 'Delete', audience, object }];
      case 'unsay': {
        // The latest ones too: what is said of a submolt stands until it is said anew.
        const at =
          variant < 2 ? this.#said.length - 1 - (pick % 4) : pick % (this.#said.length + 1);
        const act = this.#said[at];
        const named = { type: 'Delete', object: act?.name ?? object } as const;
        const by = variant % 2 === 0 ? NODE : (act?.actor ?? actor);
        const reason = pick % 8 === 7 ? {} : { reason: reasonOf('legal') };
        const to = act?.audience === undefined ? {} : { audience: act.audience };
        return [by, { ...named, ...to, ...reason }];
      }
      case 'remove':
        return [owner, { type: 'Remove', audience, object, origin: audience }];
      case 'restore':
        return [owner, { type: 'Add', audience, object, target: audience }];
      case 'mark':
      case 'unmark': {
        const type = kind === 'mark' ? 'Add' : 'Remove';
        const target = LABELS[variant]!;
        const onPost = target === LOCKED || target === PINNED;
        const posts = this.#items.filter((it) => it.submolt === audience && it.parent === null);
        const labelled = onPost ? posts[pick % (posts.length + 1)]?.name : other;
        return [owner, { type, audience, object: labelled ?? object, target }];
      }
      case 'role': {
        const type = variant < 2 ? 'Add' : 'Remove';
        return [owner, { type, audience, object: other, target: MODERATORS }];
      }
      case 'ban': {
        const ban = { type: 'Block', audience, object: other, target: audience } as const;
        const end = formatDateTime(Math.floor(this.#town.now / 1000) + 3600);
        return [owner, variant < 3 ? { ...ban, endTime: end } : ban];
      }
      case 'outlaw': {
        const end = formatDateTime(Math.floor(this.#town.now / 1000) + 1200);
        return [variant < 3 ? NODE : actor, { type: 'Block', object: other, endTime: end }];
      }
      case 'report':
        return [actor, { type: 'Flag', audience, object, content: words }];
      case 'subscribe':
        return [actor, { type: 'Follow', audience: submolt, object: submolt }];
      case 'follow':
        return [actor, { type: 'Follow', object: other }];
      case 'profile':
        return [actor, { type: 'Update', object: { type: 'Service', name: `name ${pick}` } }];
      case 'own':
      case 'disown': {
        // Few of them, so that they are accepted again, and ended by strangers too.
        const text = claim({ owner: did(`owner-${pick % 2}`), agent: actor, until: OWNED_UNTIL });
        if (kind === 'own') return [variant === 0 ? other : actor, acceptance(text)];
        return [variant < 2 ? actor : did(`owner-${variant % 2}`), withdrawal(text)];
      }
      case 'delegate':
        return this.#delegation(gesture);
      case 'revoke': {
        const link = this.#delegations[pick % (this.#delegations.length + 1)];
        const by = variant === 0 ? actor : (link?.delegator ?? actor);
        return [this.#nowCalled(by), { type: 'Undo', object: link?.name ?? object }];
      }
      case 'move':
        // Rarely by the owner: nothing is accepted in a submolt afterwards.
        return [
          pick === 5 && variant === 1 ? owner : NODE,
          { type: 'Move', audience, object: audience, origin: NODE, target: did('elsewhere') },
        ];
    }
  }
}

/** Groups of gestures, as a sequencer would form them; long enough for wars over one post. */
export const sessions = fc.array(fc.array(gesture, { minLength: 1, maxLength: 6, size: 'max' }), {
  minLength: 1,
  maxLength: 50,
  size: 'max',
});
