// The derived state of a node in memory: the reference model the store is compared with, and a guard on keysOf.
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { grantIn } from './delegation.ts';
import { DomainError } from './error.ts';
import { emptyKeys, keysOfAct, keysOfSaid, mergeKeys } from './keys.ts';
import { keysOfChains } from './keys-of-chains.ts';
import type {
  AcceptedAct,
  AgentFollow,
  Delegation,
  DelegationPlace,
  DelegationState,
  Identity,
  IdentityPlace,
  Item,
  Keys,
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
} from './working-set.ts';

interface Tables {
  submolts: Submolt;
  items: Item;
  acts: AcceptedAct;
  votes: StandingVote;
  memberships: Membership;
  profiles: Profile;
  follows: AgentFollow;
  labels: Label;
  nodeBans: NodeBan;
  reports: Report;
  identities: Identity;
  identityPlaces: IdentityPlace;
  owners: Ownership;
  delegations: Delegation;
  delegationStates: DelegationState;
  delegationPlaces: DelegationPlace;
  mentions: Mention;
  notices: Notice;
}

/** All rows of all tables, each table in the order of its keys; `erased` are the names whose bodies are gone. */
export type Dump = { readonly [T in keyof Tables]: readonly Tables[T][] } & {
  readonly erased: readonly ObjectName[];
};

type Rows<T extends keyof Tables> = Map<string, Tables[T]>;

/** DIDs, names, slugs and label IRIs hold no spaces. */
function key(...parts: readonly string[]): string {
  return parts.join(' ');
}

function emptyTables(): { readonly [T in keyof Tables]: Rows<T> } {
  return {
    submolts: new Map(),
    items: new Map(),
    acts: new Map(),
    votes: new Map(),
    memberships: new Map(),
    profiles: new Map(),
    follows: new Map(),
    labels: new Map(),
    nodeBans: new Map(),
    reports: new Map(),
    identities: new Map(),
    identityPlaces: new Map(),
    owners: new Map(),
    delegations: new Map(),
    delegationStates: new Map(),
    delegationPlaces: new Map(),
    mentions: new Map(),
    notices: new Map(),
  };
}

export class MemoryRows {
  readonly #tables = emptyTables();
  readonly #erased = new Set<ObjectName>();
  readonly #said = new Map<string, SaidAct>();

  /**
   * A working set for entries of the logs of `node`, writing through. With `keys` it is strict, as the store
   * is: asking for a row that they do not bring and that was not put here throws `row_not_loaded`.
   */
  open(node: Did, keys?: Keys): WorkingSet {
    const tables = this.#tables;
    const erased = this.#erased;
    const saidActs = this.#said;
    const loaded = keys === undefined ? null : this.#reach(keys, node);

    // The system logs of two nodes may have one act.
    const placeOf = (name: ObjectName, log: string) => key(name, log === 'system' ? node : log);
    function check(kind: string, id: string) {
      if (loaded !== null && !loaded.has(key(kind, id))) {
        throw new DomainError('row_not_loaded', `keysOf does not cover ${kind} ${id}`);
      }
    }
    function get<T extends keyof Tables>(table: T, ...parts: readonly string[]) {
      const id = key(...parts);
      check(table, id);
      return (tables[table] as Rows<T>).get(id);
    }
    function put<T extends keyof Tables>(table: T, row: Tables[T], ...parts: readonly string[]) {
      const id = key(...parts);
      loaded?.add(key(table, id));
      const copy: Tables[T] = { ...row };
      (tables[table] as Rows<T>).set(id, Object.freeze(copy) as Tables[T]);
    }

    return {
      submolt: (name) => get('submolts', name),
      submoltBySlug(slug) {
        check('slugs', slug);
        return [...tables.submolts.values()].find((row) => row.home === node && row.slug === slug);
      },
      item: (name) => get('items', name),
      act: (name) => get('acts', name),
      edits(item) {
        check('edits', item);
        return [...tables.acts.values()]
          .filter((act) => act.type === 'Update' && act.object === item)
          .map((act) => act.name);
      },
      mentions(item) {
        check('mentions', item);
        return [...tables.mentions.values()].filter((row) => row.item === item);
      },
      vote: (agent, item) => get('votes', agent, item),
      membership: (agent, submolt) => get('memberships', agent, submolt),
      profile: (agent) => get('profiles', agent, node),
      follow: (follower, followed) => get('follows', follower, followed, node),
      label: (submolt, object, label) => get('labels', submolt, object, label),
      nodeBan: (agent) => get('nodeBans', agent, node),
      identity: (agent) => get('identities', agent, node),
      identityPlace: (agent, submolt) => get('identityPlaces', agent, submolt),
      ownership: (credential) => get('owners', credential, node),
      delegation: (name) => get('delegations', name),
      delegationState: (name) => get('delegationStates', name, node),
      delegationPlace: (name, submolt) => get('delegationPlaces', name, submolt),
      putSubmolt: (row) => put('submolts', row, row.name),
      putItem: (row) => put('items', row, row.name),
      putAct: (row) => put('acts', row, row.name),
      putVote: (row) => put('votes', row, row.agent, row.item),
      putMembership: (row) => put('memberships', row, row.agent, row.submolt),
      putProfile: (row) => put('profiles', row, row.agent, row.node),
      putFollow: (row) => put('follows', row, row.follower, row.followed, row.node),
      putLabel: (row) => put('labels', row, row.submolt, row.object, row.label),
      putNodeBan: (row) => put('nodeBans', row, row.agent, row.node),
      putIdentity: (row) => put('identities', row, row.agent, row.node),
      putIdentityPlace: (row) => put('identityPlaces', row, row.agent, row.submolt),
      putOwnership: (row) => put('owners', row, row.credential, row.node),
      putDelegation: (row) => put('delegations', row, row.name),
      putDelegationState: (row) => put('delegationStates', row, row.delegation, row.node),
      putDelegationPlace: (row) => put('delegationPlaces', row, row.delegation, row.submolt),
      putMention: (row) => put('mentions', row, row.item, row.agent),
      dropMention: (item, agent) => void tables.mentions.delete(key(item, agent)),
      putNotice(row) {
        const id = [row.about, row.topic, row.agent];
        const before = tables.notices.get(key(...id));
        if (row.topic === 'votes' && (before?.value ?? 0) >= row.value) return;
        put('notices', row, ...id);
      },
      putReport(row) {
        if (!tables.reports.has(row.act)) put('reports', row, row.act);
      },
      said(name, log) {
        check('said', name);
        return saidActs.get(placeOf(name, log));
      },
      // There are no bodies here, so no copies of any; and nothing waits: what is forwarded is not kept.
      copies: () => [],
      waits: () => false,
      putSaid(row) {
        loaded?.add(key('said', row.name));
        saidActs.set(placeOf(row.name, row.log), row);
      },
      erase(name) {
        if (tables.acts.get(name)?.type === 'Update') tables.acts.delete(name);
        const report = tables.reports.get(name);
        if (report !== undefined) put('reports', { ...report, content: '' }, name);
        erased.add(name);
      },
      dropProfile(agent) {
        check('profiles', key(agent, node));
        tables.profiles.delete(key(agent, node));
      },
      // There are no bodies here.
      withdraw() {},
    };
  }

  /** Everything, for comparisons; the rows are shared with this object and frozen. */
  dump(): Dump {
    const sorted = <T extends keyof Tables>(table: T): Tables[T][] =>
      [...(this.#tables[table] as Rows<T>)]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, row]) => row);
    return {
      submolts: sorted('submolts'),
      items: sorted('items'),
      acts: sorted('acts'),
      votes: sorted('votes'),
      memberships: sorted('memberships'),
      profiles: sorted('profiles'),
      follows: sorted('follows'),
      labels: sorted('labels'),
      nodeBans: sorted('nodeBans'),
      reports: sorted('reports'),
      identities: sorted('identities'),
      identityPlaces: sorted('identityPlaces'),
      owners: sorted('owners'),
      delegations: sorted('delegations'),
      delegationStates: sorted('delegationStates'),
      delegationPlaces: sorted('delegationPlaces'),
      mentions: sorted('mentions'),
      notices: sorted('notices'),
      erased: [...this.#erased].sort(),
    };
  }

  /** What the keys bring, as `<table> <key>`: their own rows and those reached through others (working-set.ts). */
  #reach(asked: Keys, node: Did): Set<string> {
    const { items, acts, delegations } = this.#tables;
    const keys = emptyKeys();
    mergeKeys(keys, asked);
    mergeKeys(
      keys,
      keysOfChains(asked, (name) => grantIn(delegations.get(name))),
    );
    for (const name of asked.acts) {
      const act = acts.get(name);
      if (act !== undefined) mergeKeys(keys, keysOfAct(act));
    }
    for (const act of this.#said.values()) {
      if (asked.said.has(act.name)) mergeKeys(keys, keysOfSaid(act));
    }
    const reached = new Set<string>();
    for (const name of asked.said) reached.add(key('said', name));
    for (const name of keys.delegations) {
      reached.add(key('delegations', name)).add(key('delegationStates', name, node));
    }
    for (const pair of keys.delegationPlaces) reached.add(key('delegationPlaces', ...pair));
    for (const name of keys.items) {
      reached.add(key('items', name));
      const item = items.get(name);
      if (item === undefined) continue;
      reached.add(key('items', item.root)).add(key('memberships', item.author, item.submolt));
      if (item.parent !== null) reached.add(key('items', item.parent));
    }
    for (const name of keys.submolts) reached.add(key('submolts', name));
    for (const name of keys.acts) reached.add(key('acts', name));
    for (const slug of keys.slugs) reached.add(key('slugs', slug));
    for (const name of keys.edits) reached.add(key('edits', name));
    for (const name of keys.mentions) reached.add(key('mentions', name));
    for (const pair of keys.votes) reached.add(key('votes', ...pair));
    for (const pair of keys.memberships) reached.add(key('memberships', ...pair));
    for (const pair of keys.follows) reached.add(key('follows', ...pair, node));
    for (const triple of keys.labels) reached.add(key('labels', ...triple));
    for (const did of keys.profiles) reached.add(key('profiles', did, node));
    for (const agent of keys.nodeBans) reached.add(key('nodeBans', agent, node));
    for (const agent of keys.identities) reached.add(key('identities', agent, node));
    for (const pair of keys.identityPlaces) reached.add(key('identityPlaces', ...pair));
    for (const credential of keys.ownerships) reached.add(key('owners', credential, node));
    return reached;
  }
}
