// Rows of identities: what an agent's DID log has come to at a node, and in a submolt's log.
import type {
  Identity,
  IdentityKey,
  IdentityPlace,
  StatedIdentity,
} from '../domain/working-set.ts';
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { did, hexOf, name, number, text } from './cell.ts';
import { flag, integer, type Row, type Statement, type Value } from './database.ts';
import type { Numbering } from './numbering.ts';
import { valuesList } from './values-list.ts';

const STATED = 'a.id, a.did, o.id, o.hash, i.did, i.version, i.version_id, i.keys, i.deactivated';

/** What `node` knows of these subjects. */
export function selectIdentities(agents: Iterable<Did>, node: Did): Statement {
  return {
    sql: `SELECT ${STATED}, n.id, n.did FROM json_each(?1) AS k
CROSS JOIN agents AS a ON a.did = k.value
CROSS JOIN agents AS n ON n.did = ?2
CROSS JOIN identities AS i ON i.agent = a.id AND i.node = n.id
JOIN objects AS o ON o.id = i.statement`,
    args: [JSON.stringify([...agents]), node],
  };
}

export function selectIdentityPlaces(pairs: readonly (readonly [Did, ObjectName])[]): Statement {
  return {
    sql: `SELECT ${STATED}, s.id, s.hash FROM json_each(?1) AS k
CROSS JOIN agents AS a ON a.did = k.value ->> 0
CROSS JOIN objects AS s ON s.hash = unhex(k.value ->> 1)
CROSS JOIN identity_places AS i ON i.agent = a.id AND i.submolt = s.id
JOIN objects AS o ON o.id = i.statement`,
    args: [JSON.stringify(pairs.map(([agent, submolt]) => [agent, hexOf(submolt)]))],
  };
}

export function readIdentity(row: Row, numbering?: Numbering): Identity {
  const node = did(row, 10);
  numbering?.learnAgent(node, number(row, 9));
  return { ...readStated(row, numbering), node };
}

export function readIdentityPlace(row: Row, numbering?: Numbering): IdentityPlace {
  const submolt = name(row, 10);
  numbering?.learnObject(submolt, number(row, 9));
  return { ...readStated(row, numbering), submolt };
}

function readStated(row: Row, numbering?: Numbering): StatedIdentity {
  const stated: StatedIdentity = {
    agent: did(row, 1),
    statement: name(row, 3),
    did: did(row, 4),
    version: number(row, 5),
    versionId: text(row, 6),
    keys: JSON.parse(text(row, 7)) as readonly IdentityKey[],
    deactivated: number(row, 8) === 1,
  };
  numbering?.learnAgent(stated.agent, number(row, 0));
  numbering?.learnObject(stated.statement, number(row, 2));
  return stated;
}

const UPDATED = `DO UPDATE SET statement = excluded.statement, did = excluded.did, version = excluded.version,
  version_id = excluded.version_id, keys = excluded.keys, deactivated = excluded.deactivated`;

const identities = valuesList(
  'INSERT INTO identities (agent, node, statement, did, version, version_id, keys, deactivated) VALUES',
  8,
  `ON CONFLICT (agent, node) ${UPDATED}`,
);
const places = valuesList(
  'INSERT INTO identity_places (agent, submolt, statement, did, version, version_id, keys, deactivated) VALUES',
  8,
  `ON CONFLICT (agent, submolt) ${UPDATED}`,
);

export function writeIdentities(changed: Iterable<Identity>, numbering: Numbering): Statement[] {
  return identities(
    Array.from(changed, (row) => valuesOf(row, numbering.agent(row.node), numbering)),
  );
}

export function writeIdentityPlaces(
  changed: Iterable<IdentityPlace>,
  numbering: Numbering,
): Statement[] {
  return places(
    Array.from(changed, (row) => valuesOf(row, numbering.object(row.submolt), numbering)),
  );
}

function valuesOf(row: StatedIdentity, where: number, numbering: Numbering): Value[] {
  return [
    integer(numbering.agent(row.agent)),
    integer(where),
    integer(numbering.object(row.statement)),
    row.did,
    integer(row.version),
    row.versionId,
    JSON.stringify(row.keys),
    flag(row.deactivated),
  ];
}
