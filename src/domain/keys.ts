// Which rows an act needs, told from the act alone; what those rows bring along is said in working-set.ts.
import type { Activity, Add, Remove } from '../protocol/activity.ts';
import { LOCKED, MODERATORS, OWNERS, PINNED } from '../protocol/labels.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { grantOf } from './delegation.ts';
import { delegates, isStatement } from './matter.ts';
import { bySubject, hasDidLog, isDid } from './subject.ts';
import type { AcceptedAct, Keys, SaidAct } from './working-set.ts';

export function emptyKeys(): Keys {
  return {
    submolts: new Set(),
    items: new Set(),
    acts: new Set(),
    agents: new Set(),
    slugs: new Set(),
    edits: new Set(),
    mentions: new Set(),
    said: new Set(),
    votes: [],
    memberships: [],
    follows: [],
    labels: [],
    profiles: new Set(),
    nodeBans: new Set(),
    identities: new Set(),
    identityPlaces: [],
    ownerships: new Set(),
    delegations: new Set(),
    delegationPlaces: [],
    chains: [],
    grants: new Map(),
  };
}

/** Adds the keys of `from` to `into`; the lists of pairs may then hold a pair twice. */
export function mergeKeys(into: Keys, from: Keys): void {
  for (const name of from.submolts) into.submolts.add(name);
  for (const name of from.items) into.items.add(name);
  for (const name of from.acts) into.acts.add(name);
  for (const did of from.agents) into.agents.add(did);
  for (const slug of from.slugs) into.slugs.add(slug);
  for (const name of from.edits) into.edits.add(name);
  for (const name of from.mentions) into.mentions.add(name);
  for (const name of from.said) into.said.add(name);
  for (const did of from.profiles) into.profiles.add(did);
  for (const did of from.nodeBans) into.nodeBans.add(did);
  into.votes.push(...from.votes);
  into.memberships.push(...from.memberships);
  into.follows.push(...from.follows);
  into.labels.push(...from.labels);
  for (const agent of from.identities) into.identities.add(agent);
  into.identityPlaces.push(...from.identityPlaces);
  for (const credential of from.ownerships) into.ownerships.add(credential);
  for (const name of from.delegations) into.delegations.add(name);
  into.delegationPlaces.push(...from.delegationPlaces);
  into.chains.push(...from.chains);
  for (const [name, grant] of from.grants) into.grants.set(name, grant);
}

/** Every row that `decide` and `apply` may ask for when given this act under this name; `log` is where a statement stands. */
export function keysOf(
  signed: Activity,
  name: ObjectName,
  log: 'system' | ObjectName = 'system',
): Keys {
  const keys = emptyKeys();
  const activity = bySubject(signed);
  const { actor } = activity;
  keys.agents.add(actor);
  keys.nodeBans.add(actor);
  const audience = 'audience' in activity ? activity.audience : undefined;
  if (hasDidLog(signed.actor)) {
    keys.identities.add(actor);
    const founded = activity.type === 'Create' && activity.object.type === 'Group' ? name : null;
    const place = isStatement(activity) ? log : (audience ?? founded ?? 'system');
    if (place !== 'system') keys.identityPlaces.push([actor, place]);
  }
  if ('instrument' in activity && activity.instrument !== undefined && audience !== undefined) {
    keys.delegations.add(activity.instrument);
    const act = { activity: signed, name };
    keys.chains.push({ delegation: activity.instrument, submolt: audience, act });
  }
  if (audience !== undefined) {
    keys.submolts.add(audience);
    keys.memberships.push([actor, audience]);
  }
  switch (activity.type) {
    case 'Create':
      if (activity.object.type === 'Group') {
        keys.submolts.add(name);
        if ('target' in activity) keys.agents.add(activity.target);
        // A founding that this node has dropped has none.
        if ('preferredUsername' in activity.object)
          keys.slugs.add(activity.object.preferredUsername);
        keys.memberships.push([actor, name]);
      } else {
        keys.items.add(name);
        if (activity.object.type === 'Note') keys.items.add(activity.object.inReplyTo);
      }
      break;
    case 'Like':
    case 'Dislike':
      keys.items.add(activity.object);
      keys.votes.push([actor, activity.object]);
      break;
    case 'Undo':
      keys.acts.add(activity.object);
      if (audience === undefined) {
        keys.delegations.add(activity.object);
        keys.chains.push({ delegation: activity.object, submolt: null, act: null });
      }
      break;
    case 'Follow':
      if (isDid(activity.object)) keys.follows.push([actor, activity.object]);
      break;
    case 'Update':
      if (activity.object.type === 'Service') keys.profiles.add(actor);
      else if ('target' in activity && activity.object.type !== 'Group') {
        keys.items.add(activity.target);
        keys.mentions.add(activity.target);
      }
      break;
    case 'Delete':
      keys.edits.add(activity.object);
      if (isDid(activity.object)) keys.profiles.add(activity.object);
      else {
        keys.items.add(activity.object);
        keys.mentions.add(activity.object);
        keys.said.add(activity.object);
      }
      if (activity.origin !== undefined) keys.submolts.add(activity.origin);
      break;
    case 'Add':
    case 'Remove':
      if (delegates(signed)) addGrant(keys, signed, name, log);
      else addLabelled(keys, activity);
      break;
    case 'Block':
      if (audience === undefined) keys.nodeBans.add(activity.object);
      else keys.memberships.push([activity.object, audience]);
      break;
    case 'Flag':
      if (!isDid(activity.object)) keys.items.add(activity.object);
      break;
    case 'Move':
      keys.agents.add(activity.origin).add(activity.target);
      break;
  }
  if (typeof activity.object === 'string' && isDid(activity.object)) {
    keys.agents.add(activity.object);
  }
  return keys;
}

function addGrant(keys: Keys, activity: Add, name: ObjectName, log: 'system' | ObjectName): void {
  keys.delegations.add(name);
  const grant = grantOf(activity);
  if (grant === null) return;
  keys.grants.set(name, grant);
  if (grant.parent !== null) keys.delegations.add(grant.parent);
  keys.chains.push({ delegation: name, submolt: log === 'system' ? null : log, act: null });
}

function addLabelled(keys: Keys, { audience, object, target }: Add | Remove): void {
  if (target === OWNERS) {
    if (!isDid(object)) keys.ownerships.add(object);
    return;
  }
  if (!isDid(object)) keys.items.add(object);
  if (audience === undefined || target === undefined) return;
  if (target === MODERATORS) {
    if (isDid(object)) keys.memberships.push([object, audience]);
  } else if (target !== LOCKED && target !== PINNED && target !== audience) {
    keys.labels.push([audience, object, target]);
  }
}

/** What the row of an act brings along when it is loaded: what its Undo needs. */
export function keysOfAct(act: AcceptedAct): Keys {
  const keys = emptyKeys();
  const { actor, object, submolt, type } = act;
  switch (type) {
    case 'Like':
    case 'Dislike':
      if (isDid(object)) break;
      keys.items.add(object);
      keys.votes.push([actor, object]);
      break;
    case 'Follow':
      if (isDid(object)) keys.follows.push([actor, object]);
      else keys.memberships.push([actor, object]);
      break;
    case 'Block':
      if (!isDid(object)) break;
      if (submolt === null) keys.nodeBans.add(object);
      else keys.memberships.push([object, submolt]);
      break;
    case 'Update':
      break;
  }
  return keys;
}

/** What an act brings along whose words may be erased: what it has put there, and in whose name. */
export function keysOfSaid({ activity, log, name }: SaidAct): Keys {
  const keys = keysOf(activity, name, log);
  if ('instrument' in activity && activity.instrument !== undefined) {
    keys.delegations.add(activity.instrument);
  }
  // A tombstone is not followed to what it has erased.
  keys.said.clear();
  keys.edits.clear();
  keys.mentions.clear();
  keys.chains.length = 0;
  return keys;
}
