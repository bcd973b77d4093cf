// Which rows acts need because of the delegations they are done under, told once the delegations are known.

import { MAX_DELEGATION_DEPTH } from '../protocol/capability.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { inNameOf } from './invocation.ts';
import { emptyKeys, keysOf, mergeKeys } from './keys.ts';
import type { ChainUse, Grant, Keys } from './working-set.ts';

type Lookup = (name: ObjectName) => Grant | undefined;

/** The links from this one up, as far as they are known. A statement that has not been judged may claim too many. */
function linksOf(first: ObjectName, lookup: Lookup): (readonly [ObjectName, Grant])[] {
  const links: (readonly [ObjectName, Grant])[] = [];
  let next: ObjectName | null = first;
  while (next !== null && links.length <= MAX_DELEGATION_DEPTH) {
    const grant = lookup(next);
    if (grant === undefined) break;
    links.push([next, grant]);
    next = grant.parent;
  }
  return links;
}

function keysOfChain({ act, delegation, submolt }: ChainUse, lookup: Lookup): Keys {
  const keys = emptyKeys();
  const links = linksOf(delegation, lookup);
  if (submolt !== null) keys.delegationPlaces.push([delegation, submolt]);
  for (const [name, { delegate, delegator, parent }] of links) {
    keys.delegations.add(name);
    if (parent !== null) keys.delegations.add(parent);
    keys.agents.add(delegate).add(delegator);
    keys.nodeBans.add(delegate).add(delegator);
    keys.identities.add(delegator);
    if (submolt === null) continue;
    keys.delegationPlaces.push([name, submolt]);
    if (parent !== null) keys.delegationPlaces.push([parent, submolt]);
    keys.identityPlaces.push([delegator, submolt]);
    keys.memberships.push([delegate, submolt]);
  }
  const [, first] = links.at(-1) ?? [];
  if (act !== null && first !== undefined) {
    mergeKeys(keys, keysOf(inNameOf(act.activity, first.delegator), act.name));
    // They are what is being told here.
    keys.chains.length = 0;
  }
  return keys;
}

/** `stored` knows the delegations that `keys.delegations` and those above them are; the group has the others. */
export function keysOfChains(keys: Keys, stored: Lookup): Keys {
  const reached = emptyKeys();
  const lookup: Lookup = (name) => keys.grants.get(name) ?? stored(name);
  for (const use of keys.chains) mergeKeys(reached, keysOfChain(use, lookup));
  return reached;
}
