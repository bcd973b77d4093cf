// Rows of delegations: what each gives to whom, in which nodes' and submolts' logs it stands, what revoked it.
import type { Delegation, DelegationPlace, DelegationState } from '../domain/working-set.ts';
import type { Capability } from '../protocol/capability.ts';
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { did, hexList, hexOf, name, nameOrNull, number, text, textOrNull } from './cell.ts';
import { integer, type Row, type Statement } from './database.ts';
import type { Numbering } from './numbering.ts';
import { NAMED_OBJECTS } from './objects.ts';
import { valuesList } from './values-list.ts';

/** Those named and all above them, each with its state at `node`. */
export function selectDelegations(names: Iterable<ObjectName>, node: Did): Statement {
  return {
    sql: `WITH RECURSIVE chain (id) AS (${NAMED_OBJECTS}
  UNION SELECT d.parent FROM chain CROSS JOIN delegations AS d ON d.object = chain.id WHERE d.parent IS NOT NULL
)
SELECT o.id, o.hash, g.id, g.did, e.id, e.did, p.id, p.did, d.depth, d.capability, d.key_id, n.id, n.did, r.id, r.hash
FROM chain
CROSS JOIN delegations AS d ON d.object = chain.id
JOIN objects AS o ON o.id = d.object
JOIN agents AS g ON g.id = d.delegator
JOIN agents AS e ON e.id = d.delegate
JOIN agents AS p ON p.id = d.principal
LEFT JOIN delegation_states AS s ON s.object = d.object AND s.node = (SELECT id FROM agents WHERE did = ?2)
LEFT JOIN agents AS n ON n.id = s.node
LEFT JOIN objects AS r ON r.id = s.revoked`,
    args: [hexList(names), node],
  };
}

export function readDelegation(row: Row, numbering?: Numbering): Delegation {
  const delegation: Delegation = {
    name: name(row, 1),
    delegator: did(row, 3),
    delegate: did(row, 5),
    principal: did(row, 7),
    depth: number(row, 8),
    capability: JSON.parse(text(row, 9)) as Capability,
    keyId: textOrNull(row, 10),
  };
  numbering?.learnObject(delegation.name, number(row, 0));
  numbering?.learnAgent(delegation.delegator, number(row, 2));
  numbering?.learnAgent(delegation.delegate, number(row, 4));
  numbering?.learnAgent(delegation.principal, number(row, 6));
  return delegation;
}

/** Null where the node's own log has it not. */
export function readDelegationState(row: Row, numbering?: Numbering): DelegationState | null {
  if (row[12] === null) return null;
  const node = did(row, 12);
  const revoked = nameOrNull(row, 14);
  numbering?.learnAgent(node, number(row, 11));
  if (revoked !== null) numbering?.learnObject(revoked, number(row, 13));
  return { delegation: name(row, 1), node, revoked };
}

export function selectDelegationPlaces(
  pairs: readonly (readonly [ObjectName, ObjectName])[],
): Statement {
  return {
    sql: `SELECT o.id, o.hash, s.id, s.hash FROM json_each(?1) AS k
CROSS JOIN objects AS o ON o.hash = unhex(k.value ->> 0)
CROSS JOIN objects AS s ON s.hash = unhex(k.value ->> 1)
CROSS JOIN delegation_places AS p ON p.object = o.id AND p.submolt = s.id`,
    args: [JSON.stringify(pairs.map((pair) => pair.map(hexOf)))],
  };
}

export function readDelegationPlace(row: Row, numbering: Numbering): DelegationPlace {
  const place: DelegationPlace = { delegation: name(row, 1), submolt: name(row, 3) };
  numbering.learnObject(place.delegation, number(row, 0));
  numbering.learnObject(place.submolt, number(row, 2));
  return place;
}

// What a delegation gives follows from its statement, so a row is never another one.
const delegations = valuesList(
  'INSERT INTO delegations (object, parent, delegator, delegate, principal, depth, capability, key_id) VALUES',
  8,
  'ON CONFLICT (object) DO NOTHING',
);
const states = valuesList(
  'INSERT INTO delegation_states (object, node, revoked) VALUES',
  3,
  'ON CONFLICT (object, node) DO UPDATE SET revoked = excluded.revoked',
);
const places = valuesList(
  'INSERT INTO delegation_places (object, submolt) VALUES',
  2,
  'ON CONFLICT (object, submolt) DO NOTHING',
);

export function writeDelegations(changed: Iterable<Delegation>, numbering: Numbering): Statement[] {
  return delegations(
    Array.from(changed, ({ capability, delegate, delegator, depth, keyId, name, principal }) => [
      integer(numbering.object(name)),
      capability.parentCapability === null
        ? null
        : integer(numbering.object(capability.parentCapability)),
      integer(numbering.agent(delegator)),
      integer(numbering.agent(delegate)),
      integer(numbering.agent(principal)),
      integer(depth),
      JSON.stringify(capability),
      keyId,
    ]),
  );
}

export function writeDelegationStates(
  changed: Iterable<DelegationState>,
  numbering: Numbering,
): Statement[] {
  return states(
    Array.from(changed, ({ delegation, node, revoked }) => [
      integer(numbering.object(delegation)),
      integer(numbering.agent(node)),
      revoked === null ? null : integer(numbering.object(revoked)),
    ]),
  );
}

export function writeDelegationPlaces(
  changed: Iterable<DelegationPlace>,
  numbering: Numbering,
): Statement[] {
  return places(
    Array.from(changed, ({ delegation, submolt }) => [
      integer(numbering.object(delegation)),
      integer(numbering.object(submolt)),
    ]),
  );
}
