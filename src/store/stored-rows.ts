// A working set over loaded rows: gives them to the rules, collects what the rules put, forgets nothing else.

import { isDid } from '../domain/subject.ts';
import type {
  AcceptedAct,
  AgentFollow,
  Delegation,
  DelegationPlace,
  DelegationState,
  Identity,
  IdentityPlace,
  Item,
  Label,
  Membership,
  Mention,
  NodeBan,
  Notice,
  Ownership,
  Profile,
  Report,
  SaidAct,
  StandingVote,
  Submolt,
  WorkingSet,
} from '../domain/working-set.ts';
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { type Remains, remainsOf } from '../protocol/remains.ts';
import type { StoredItem } from './items.ts';
import type { Numbering } from './numbering.ts';
import { asOf, type PlacedAct } from './said-acts.ts';
import { Signers } from './signers.ts';
import { type Skeleton, skeletonOf } from './skeletons.ts';
import { keyOf, Table } from './table.ts';

/** One body to erase, and the entry whose act erases it. */
export interface Erasure {
  readonly name: ObjectName;
  /** Number of the log that has both entries. */
  readonly log: number;
  /** Index of the Delete. */
  readonly by: number;
}

/** One body to drop from this node alone. */
export interface Withdrawal extends Erasure {
  /** Null for a post or comment. */
  readonly remains: Remains | null;
}

/** Rows for entries of the logs of one home node. `load-rows.ts` fills it, `write-rows.ts` writes what was put. */
export class StoredRows implements WorkingSet {
  readonly node: Did;
  readonly numbering: Numbering;
  readonly submolts = new Table<Submolt>('submolt');
  readonly slugs = new Table<Submolt>('slug');
  readonly items = new Table<Item>('item');
  readonly acts = new Table<AcceptedAct>('act');
  readonly editLists = new Table<readonly ObjectName[]>('edits of');
  /** Profile texts in replicas of other nodes' system logs, by agent. */
  readonly foreignTexts = new Map<Did, ObjectName[]>();
  /** Objects that wait for another home, and the submolt. */
  readonly waiting = new Map<ObjectName, ObjectName>();
  readonly saidActs = new Table<readonly PlacedAct[]>('words of');
  readonly votes = new Table<StandingVote>('vote');
  readonly mentionRows = new Table<Mention>('mention');
  /** Whom an item mentions, as loaded and put. */
  readonly mentionLists = new Table<readonly Mention[]>('mentions of');
  readonly notices = new Table<Notice>('notice');
  readonly memberships = new Table<Membership>('membership');
  readonly profiles = new Table<Profile>('profile');
  readonly follows = new Table<AgentFollow>('follow');
  readonly labels = new Table<Label>('label');
  readonly nodeBans = new Table<NodeBan>('ban from the node');
  readonly identities = new Table<Identity>('identity');
  readonly identityPlaces = new Table<IdentityPlace>('identity place');
  readonly ownerships = new Table<Ownership>('ownership');
  readonly delegations = new Table<Delegation>('delegation');
  readonly delegationStates = new Table<DelegationState>('state of delegation');
  readonly delegationPlaces = new Table<DelegationPlace>('delegation place');
  readonly reports = new Map<ObjectName, Report>();
  readonly skeletons = new Map<ObjectName, Skeleton>();
  readonly erasures: Erasure[] = [];
  /** Bodies that the node whose system log is applied has dropped; this node is that one or another. */
  readonly withdrawals: Withdrawal[] = [];
  readonly signers = new Signers();
  /** Number of the object that holds an item's words, as loaded. */
  readonly bodies = new Map<ObjectName, number>();
  #entry: { readonly log: number; readonly index: number } | null = null;

  constructor(node: Did, numbering: Numbering) {
    this.node = node;
    this.numbering = numbering;
  }

  /** Says which entry the act applied next belongs to, as erasures name it, and who signed it; null for an erased one. */
  at(log: number, index: number, signer: Did | null): void {
    this.#entry = { log, index };
    if (signer !== null) this.signers.add(log, signer);
  }

  submolt(name: ObjectName): Submolt | undefined {
    return this.submolts.get(name);
  }
  submoltBySlug(slug: string): Submolt | undefined {
    return this.slugs.get(slug);
  }
  item(name: ObjectName): Item | undefined {
    return this.items.get(name);
  }
  act(name: ObjectName): AcceptedAct | undefined {
    return this.acts.get(name);
  }
  edits(of: ObjectName | Did): readonly ObjectName[] {
    return this.editLists.get(of) ?? [];
  }
  said(name: ObjectName, log: SaidAct['log']): SaidAct | undefined {
    const act = this.#placed(name, log);
    return act && asOf(act, this.#entry);
  }
  mentions(item: ObjectName): readonly Mention[] {
    return this.mentionLists.get(item) ?? [];
  }
  vote(agent: Did, item: ObjectName): StandingVote | undefined {
    return this.votes.get(keyOf(agent, item));
  }
  membership(agent: Did, submolt: ObjectName): Membership | undefined {
    return this.memberships.get(keyOf(agent, submolt));
  }
  profile(agent: Did): Profile | undefined {
    return this.profiles.get(agent);
  }
  follow(follower: Did, followed: Did): AgentFollow | undefined {
    return this.follows.get(keyOf(follower, followed));
  }
  label(submolt: ObjectName, object: ObjectName | Did, label: string): Label | undefined {
    return this.labels.get(keyOf(submolt, object, label));
  }
  nodeBan(agent: Did): NodeBan | undefined {
    return this.nodeBans.get(agent);
  }
  identity(agent: Did): Identity | undefined {
    return this.identities.get(agent);
  }
  identityPlace(agent: Did, submolt: ObjectName): IdentityPlace | undefined {
    return this.identityPlaces.get(keyOf(agent, submolt));
  }
  ownership(credential: ObjectName): Ownership | undefined {
    return this.ownerships.get(credential);
  }
  delegation(name: ObjectName): Delegation | undefined {
    return this.delegations.get(name);
  }
  delegationState(delegation: ObjectName): DelegationState | undefined {
    return this.delegationStates.get(delegation);
  }
  delegationPlace(delegation: ObjectName, submolt: ObjectName): DelegationPlace | undefined {
    return this.delegationPlaces.get(keyOf(delegation, submolt));
  }

  putSubmolt(row: Submolt): void {
    this.submolts.put(row.name, row);
    if (row.home === this.node) this.slugs.put(row.slug, row);
  }
  putItem(row: Item): void {
    this.items.put(row.name, row);
  }
  putAct(row: AcceptedAct): void {
    this.acts.put(row.name, row);
    if (row.type !== 'Update') return;
    const of = row.object;
    this.editLists.put(of, [...(this.editLists.peek(of) ?? []), row.name]);
  }
  putVote(row: StandingVote): void {
    this.votes.put(keyOf(row.agent, row.item), row);
  }
  putMembership(row: Membership): void {
    this.memberships.put(keyOf(row.agent, row.submolt), row);
  }
  putProfile(row: Profile): void {
    this.profiles.put(row.agent, row);
  }
  putFollow(row: AgentFollow): void {
    this.follows.put(keyOf(row.follower, row.followed), row);
  }
  putLabel(row: Label): void {
    this.labels.put(keyOf(row.submolt, row.object, row.label), row);
  }
  putNodeBan(row: NodeBan): void {
    this.nodeBans.put(row.agent, row);
  }
  putIdentity(row: Identity): void {
    this.identities.put(row.agent, row);
  }
  putIdentityPlace(row: IdentityPlace): void {
    this.identityPlaces.put(keyOf(row.agent, row.submolt), row);
  }
  putOwnership(row: Ownership): void {
    this.ownerships.put(row.credential, row);
  }
  putDelegation(row: Delegation): void {
    this.delegations.put(row.name, row);
  }
  putDelegationState(row: DelegationState): void {
    this.delegationStates.put(row.delegation, row);
  }
  putDelegationPlace(row: DelegationPlace): void {
    this.delegationPlaces.put(keyOf(row.delegation, row.submolt), row);
  }
  copies(of: ObjectName | Did): readonly ObjectName[] {
    if (isDid(of)) return this.foreignTexts.get(of) ?? [];
    const stands = (act: PlacedAct) => act.home !== this.node && act.by === null;
    return this.#acts(of).some((act) => act.log === 'system' && stands(act)) ? [of] : [];
  }
  waits(name: ObjectName, submolt: ObjectName): boolean {
    return this.waiting.get(name) === submolt;
  }
  putSaid(row: SaidAct): void {
    const { log, name } = row;
    const at = this.#placed(name, log)?.at ?? this.#entry;
    if (at === null) throw new Error('an act outside of an entry');
    const others = this.#acts(name).filter((act) => act.log !== log || act.home !== this.node);
    this.saidActs.put(name, [...others, { ...row, home: this.node, at, by: null }]);
  }
  putMention(row: Mention): void {
    this.mentionRows.put(keyOf(row.item, row.agent), row);
    this.mentionLists.put(row.item, [...(this.mentionLists.peek(row.item) ?? []), row]);
  }
  dropMention(item: ObjectName, agent: Did): void {
    this.mentionRows.drop(keyOf(item, agent));
    const left = (this.mentionLists.peek(item) ?? []).filter((row) => row.agent !== agent);
    this.mentionLists.put(item, left);
  }
  putNotice(row: Notice): void {
    const key = keyOf(row.about, row.topic, row.agent);
    const before = this.notices.peek(key);
    if (row.topic === 'votes' && (before?.value ?? 0) >= row.value) return;
    this.notices.put(key, row);
  }
  putReport(row: Report): void {
    if (!this.reports.has(row.act)) this.reports.set(row.act, row);
  }

  erase(name: ObjectName): void {
    if (this.#entry === null) throw new Error('an erasure outside of an entry');
    this.erasures.push({ name, log: this.#entry.log, by: this.#entry.index });
    if (this.acts.peek(name)?.type === 'Update') this.acts.drop(name);
    const item = this.items.peek(name);
    const remains = this.#remains(name);
    if (item !== undefined) {
      const { author, parent } = item;
      this.skeletons.set(name, { name, author, parent, remains: null });
      this.editLists.put(name, []);
    } else if (remains !== null) {
      this.skeletons.set(name, skeletonOf(name, remains));
      const report = this.reports.get(name);
      if (report !== undefined) this.reports.set(name, { ...report, content: '' });
    }
  }

  #acts(name: ObjectName): readonly PlacedAct[] {
    return this.saidActs.peek(name) ?? [];
  }

  /** Where a log is not that of a submolt, it is the system log of the node whose rows these are. */
  #placed(name: ObjectName, log: SaidAct['log']): PlacedAct | undefined {
    return this.#acts(name).find(
      (act) => act.log === log && (log !== 'system' || act.home === this.node),
    );
  }

  #remains(name: ObjectName): Remains | null {
    const [act] = this.#acts(name);
    return act === undefined ? null : remainsOf(act.activity);
  }

  dropProfile(agent: Did): void {
    this.profiles.drop(agent);
    this.editLists.put(agent, []);
  }

  withdraw(name: ObjectName): void {
    if (this.#entry === null) throw new Error('a withdrawal outside of an entry');
    const remains = this.#remains(name);
    this.withdrawals.push({ name, log: this.#entry.log, by: this.#entry.index, remains });
  }

  /** The items put in this group, each with the object that holds its words now. */
  *changedItems(): Generator<StoredItem> {
    const edited = new Map<ObjectName, ObjectName>();
    for (const act of this.acts.changed()) {
      if (act.type === 'Update') edited.set(act.object as ObjectName, act.name);
    }
    for (const item of this.items.changed()) {
      const edit = item.deleted ? item.name : edited.get(item.name);
      const body =
        edit === undefined
          ? (this.bodies.get(item.name) ?? this.numbering.object(item.name))
          : this.numbering.object(edit);
      yield { item, body };
    }
  }

  loadedItem(name: ObjectName): StoredItem | undefined {
    const item = this.items.loaded(name);
    const body = this.bodies.get(name);
    return item === undefined || body === undefined ? undefined : { item, body };
  }
}
