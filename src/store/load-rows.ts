// Loads what the rules may ask for: all keys of a group in one read batch, what acts bring along in a second.
import { grantIn } from '../domain/delegation.ts';
import { emptyKeys, keysOfAct, keysOfSaid, mergeKeys } from '../domain/keys.ts';
import { keysOfChains } from '../domain/keys-of-chains.ts';
import { isDid } from '../domain/subject.ts';
import type { Keys } from '../domain/working-set.ts';
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import {
  readAct,
  readEdit,
  readProfileEdit,
  selectActs,
  selectEdits,
  selectForeignTexts,
  selectProfileEdits,
} from './acts.ts';
import { name, number } from './cell.ts';
import type { Database, Row, Statement } from './database.ts';
import {
  readDelegation,
  readDelegationPlace,
  readDelegationState,
  selectDelegationPlaces,
  selectDelegations,
} from './delegations.ts';
import {
  readIdentity,
  readIdentityPlace,
  selectIdentities,
  selectIdentityPlaces,
} from './identities.ts';
import { readItem, selectItems } from './items.ts';
import { readMembership, selectMemberships } from './memberships.ts';
import { readLabel, selectLabels } from './moderation.ts';
import { readNodeBan, selectNodeBans } from './node-bans.ts';
import { readMention, selectMentions } from './notices.ts';
import { Numbering } from './numbering.ts';
import { learnAgents, learnObjects, selectAgents, selectObjects } from './objects.ts';
import { readOwnership, selectOwnerships } from './owners.ts';
import { selectWaiting } from './pending.ts';
import { readFollow, readProfile, selectFollows, selectProfiles } from './profiles.ts';
import { readSaidAct, selectSaidActs } from './said-acts.ts';
import { StoredRows } from './stored-rows.ts';
import { readSubmolt, selectSubmolts, selectSubmoltsBySlug } from './submolts.ts';
import { keyOf } from './table.ts';
import { readVote, selectVotes } from './votes.ts';

/** A statement of a read batch and what is done with its rows. */
export interface Load {
  readonly statement: Statement;
  readonly take: (rows: readonly Row[]) => void;
}

export interface LoadRequest {
  /** Home of the logs that the acts belong in. */
  readonly node: Did;
  readonly keys: Keys;
  /** Names and DIDs beyond those of the keys that rows to be written will refer to. */
  readonly names: readonly ObjectName[];
  readonly agents?: readonly Did[];
  /** Further statements of the same read batch. */
  readonly also?: (numbering: Numbering) => readonly Load[];
  /** Those of the second read batch, for the keys that the first has brought to light. */
  readonly alsoReached?: (reached: Keys) => readonly Load[];
}

export interface Loaded {
  readonly rows: StoredRows;
  /** The node's version that the rows were read at; the write batch checks that it still is. */
  readonly version: number;
}

const STATE: Statement = {
  sql: `SELECT version, (SELECT coalesce(max(id), 0) FROM objects), (SELECT coalesce(max(id), 0) FROM agents),
  (SELECT coalesce(max(id), 0) FROM logs) FROM node`,
  args: [],
};

/** Loads the rows that `request.keys` ask for, and gives every name and DID in reach its number. */
export async function loadRows(db: Database, request: LoadRequest): Promise<Loaded> {
  const numbering = new Numbering();
  const rows = new StoredRows(request.node, numbering);
  let version = Number.NaN;
  const state: Load = {
    statement: STATE,
    take([row = []]) {
      version = number(row, 0);
      const [object, agent, log] = [number(row, 1), number(row, 2), number(row, 3)];
      numbering.startAfter({ object, agent, log });
    },
  };
  const names = new Set([...namesOf(request.keys), ...request.names]);
  const agents = new Set([request.node, ...agentsOf(request.keys), ...(request.agents ?? [])]);
  await run(db, [
    state,
    { statement: selectObjects(names), take: (found) => learnObjects(found, numbering) },
    { statement: selectAgents(agents), take: (found) => learnAgents(found, numbering) },
    ...loadsOf(rows, request.keys),
    ...(request.also?.(numbering) ?? []),
  ]);
  const reached = keysOfChains(request.keys, (name) => grantIn(rows.delegations.peek(name)));
  for (const act of request.keys.acts) {
    const row = rows.act(act);
    if (row !== undefined) mergeKeys(reached, keysOfAct(row));
  }
  const ofSaid = emptyKeys();
  for (const name of request.keys.said) {
    for (const act of rows.saidActs.peek(name) ?? []) mergeKeys(ofSaid, keysOfSaid(act));
  }
  mergeKeys(reached, ofSaid);
  // Should another process write between the two batches, the version no longer fits when this group is written.
  await run(db, [
    ...(request.keys.said.size > 0 ? numbersOf(ofSaid, numbering) : []),
    ...loadsOf(rows, reached),
    ...(request.alsoReached?.(reached) ?? []),
  ]);
  return { rows, version };
}

async function run(db: Database, loads: readonly Load[]): Promise<void> {
  if (loads.length === 0) return;
  const results = await db.batch(
    'read',
    loads.map((load) => load.statement),
  );
  loads.forEach((load, i) => {
    load.take(results[i] as Row[]);
  });
}

function loadsOf(rows: StoredRows, keys: Keys): Load[] {
  const { node, numbering } = rows;
  const loads: Load[] = [];
  const each = (statement: Statement, take: (row: Row) => void) => {
    loads.push({
      statement,
      take(found) {
        for (const row of found) take(row);
      },
    });
  };
  if (keys.submolts.size > 0) {
    for (const name of keys.submolts) rows.submolts.expect(name);
    each(selectSubmolts(keys.submolts), (row) => {
      const submolt = readSubmolt(row, numbering);
      rows.submolts.fill(submolt.name, submolt);
    });
  }
  if (keys.slugs.size > 0) {
    for (const slug of keys.slugs) rows.slugs.expect(slug);
    each(selectSubmoltsBySlug(keys.slugs, node), (row) => {
      const submolt = readSubmolt(row, numbering);
      rows.slugs.fill(submolt.slug, submolt);
    });
  }
  if (keys.items.size > 0) {
    for (const name of keys.items) rows.items.expect(name);
    each(selectItems(keys.items), (row) => {
      const { item, body } = readItem(row, numbering);
      rows.items.fill(item.name, item);
      rows.bodies.set(item.name, body);
    });
  }
  if (keys.acts.size > 0) {
    for (const name of keys.acts) rows.acts.expect(name);
    each(selectActs(keys.acts), (row) => {
      const act = readAct(row, numbering);
      rows.acts.fill(act.name, act);
    });
  }
  if (keys.edits.size > 0) {
    for (const of of keys.edits) rows.editLists.expect(of);
    const add = (of: ObjectName | Did, update: ObjectName) =>
      rows.editLists.fill(of, [...(rows.editLists.loaded(of) ?? []), update]);
    const [items, agents] = parted(keys.edits);
    if (items.length > 0) {
      each(selectEdits(items), (row) => {
        const { item, update } = readEdit(row, numbering);
        add(item, update);
      });
    }
    if (agents.length > 0) {
      each(selectProfileEdits(agents, node), (row) => {
        const { agent, update } = readProfileEdit(row, numbering);
        add(agent, update);
      });
      each(selectForeignTexts(agents, node), (row) => {
        const { agent, update } = readProfileEdit(row, numbering);
        rows.foreignTexts.set(agent, [...(rows.foreignTexts.get(agent) ?? []), update]);
      });
    }
  }
  if (keys.mentions.size > 0) {
    for (const name of keys.mentions) rows.mentionLists.expect(name);
    each(selectMentions(keys.mentions), (row) => {
      const mention = readMention(row, numbering);
      const { item } = mention;
      rows.mentionLists.fill(item, [...(rows.mentionLists.loaded(item) ?? []), mention]);
    });
  }
  if (keys.said.size > 0) {
    for (const name of keys.said) rows.saidActs.expect(name);
    each(selectWaiting(keys.said), (row) => rows.waiting.set(name(row, 0), name(row, 1)));
    each(selectSaidActs(keys.said), (row) => {
      const act = readSaidAct(row, numbering);
      if (act === null) return;
      rows.saidActs.fill(act.name, [...(rows.saidActs.loaded(act.name) ?? []), act]);
    });
  }
  if (keys.votes.length > 0) {
    for (const vote of keys.votes) rows.votes.expect(keyOf(...vote));
    each(selectVotes(keys.votes), (row) => {
      const vote = readVote(row, numbering);
      rows.votes.fill(keyOf(vote.agent, vote.item), vote);
    });
  }
  if (keys.memberships.length > 0 || keys.items.size > 0) {
    loads.push(membershipsOf(rows, keys));
  }
  if (keys.profiles.size > 0) {
    for (const did of keys.profiles) rows.profiles.expect(did);
    each(selectProfiles(keys.profiles, node), (row) => {
      const profile = readProfile(row, numbering);
      rows.profiles.fill(profile.agent, profile);
    });
  }
  if (keys.follows.length > 0) {
    for (const follow of keys.follows) rows.follows.expect(keyOf(...follow));
    each(selectFollows(keys.follows, node), (row) => {
      const follow = readFollow(row, numbering);
      rows.follows.fill(keyOf(follow.follower, follow.followed), follow);
    });
  }
  if (keys.nodeBans.size > 0) {
    for (const agent of keys.nodeBans) rows.nodeBans.expect(agent);
    each(selectNodeBans(keys.nodeBans, node), (row) => {
      const ban = readNodeBan(row, numbering);
      rows.nodeBans.fill(ban.agent, ban);
    });
  }
  if (keys.identities.size > 0) {
    for (const agent of keys.identities) rows.identities.expect(agent);
    each(selectIdentities(keys.identities, node), (row) => {
      const identity = readIdentity(row, numbering);
      rows.identities.fill(identity.agent, identity);
    });
  }
  if (keys.identityPlaces.length > 0) {
    for (const place of keys.identityPlaces) rows.identityPlaces.expect(keyOf(...place));
    each(selectIdentityPlaces(keys.identityPlaces), (row) => {
      const place = readIdentityPlace(row, numbering);
      rows.identityPlaces.fill(keyOf(place.agent, place.submolt), place);
    });
  }
  if (keys.ownerships.size > 0) {
    for (const credential of keys.ownerships) rows.ownerships.expect(credential);
    each(selectOwnerships(keys.ownerships, node), (row) => {
      const ownership = readOwnership(row, numbering);
      rows.ownerships.fill(ownership.credential, ownership);
    });
  }
  if (keys.delegations.size > 0) {
    for (const name of keys.delegations) {
      rows.delegations.expect(name);
      rows.delegationStates.expect(name);
    }
    each(selectDelegations(keys.delegations, node), (row) => {
      const delegation = readDelegation(row, numbering);
      const state = readDelegationState(row, numbering);
      rows.delegations.fill(delegation.name, delegation);
      rows.delegationStates.expect(delegation.name);
      if (state !== null) rows.delegationStates.fill(delegation.name, state);
    });
  }
  if (keys.delegationPlaces.length > 0) {
    for (const place of keys.delegationPlaces) rows.delegationPlaces.expect(keyOf(...place));
    each(selectDelegationPlaces(keys.delegationPlaces), (row) => {
      const place = readDelegationPlace(row, numbering);
      rows.delegationPlaces.fill(keyOf(place.delegation, place.submolt), place);
    });
  }
  if (keys.labels.length > 0) {
    for (const label of keys.labels) rows.labels.expect(keyOf(...label));
    each(selectLabels(keys.labels), (row) => {
      const label = readLabel(row, numbering);
      rows.labels.fill(keyOf(label.submolt, label.object, label.label), label);
    });
  }
  return loads;
}

/** Of what an act speaks of, which nobody had named. */
function numbersOf(keys: Keys, numbering: Numbering): Load[] {
  return [
    { statement: selectObjects(namesOf(keys)), take: (found) => learnObjects(found, numbering) },
    { statement: selectAgents(agentsOf(keys)), take: (found) => learnAgents(found, numbering) },
  ];
}

/** Those asked for, and those of the items' authors; the items have been taken by then. */
function membershipsOf(rows: StoredRows, keys: Keys): Load {
  return {
    statement: selectMemberships(keys.memberships, keys.items),
    take(found) {
      for (const asked of keys.memberships) rows.memberships.expect(keyOf(...asked));
      for (const name of keys.items) {
        const item = rows.items.peek(name);
        if (item !== undefined) rows.memberships.expect(keyOf(item.author, item.submolt));
      }
      for (const row of found) {
        const membership = readMembership(row, rows.numbering);
        rows.memberships.fill(keyOf(membership.agent, membership.submolt), membership);
      }
    },
  };
}

/** Names apart from DIDs. */
function parted(references: Iterable<ObjectName | Did>): [ObjectName[], Did[]] {
  const names: ObjectName[] = [];
  const dids: Did[] = [];
  for (const reference of references) {
    if (isDid(reference)) dids.push(reference);
    else names.push(reference);
  }
  return [names, dids];
}

function namesOf(keys: Keys): Set<ObjectName> {
  const names = new Set<ObjectName>([
    ...keys.submolts,
    ...keys.items,
    ...keys.acts,
    ...parted(keys.edits)[0],
    ...keys.said,
    ...keys.votes.map(([, item]) => item),
    ...keys.memberships.map(([, submolt]) => submolt),
    ...keys.identityPlaces.map(([, submolt]) => submolt),
    ...keys.delegations,
  ]);
  for (const [submolt, object] of keys.labels) {
    names.add(submolt);
    if (!isDid(object)) names.add(object);
  }
  return names;
}

function agentsOf(keys: Keys): Set<Did> {
  return new Set<Did>([
    ...keys.agents,
    ...keys.profiles,
    ...keys.identities,
    ...keys.identityPlaces.map(([agent]) => agent),
    ...keys.votes.map(([agent]) => agent),
    ...keys.memberships.map(([agent]) => agent),
    ...keys.follows.flat(),
  ]);
}
