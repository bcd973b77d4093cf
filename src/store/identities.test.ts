// Rows of identities go through the database unchanged, and news from submolts' logs are found.
import { expect, test } from 'vitest';
import { Sandbox } from '../../test/sandbox.ts';
import { nthName } from '../../test/town.ts';
import { emptyKeys } from '../domain/keys.ts';
import type { StatedIdentity } from '../domain/working-set.ts';
import { type Did, parseDid, subjectOf } from '../protocol/did.ts';
import { loadRows } from './load-rows.ts';
import { insertAgents, insertObjects } from './objects.ts';
import { findIdentity, listNewerPlaces } from './queries/identities.ts';
import { writeGuarded } from './write-group.ts';
import { writeRows } from './write-rows.ts';

const did = parseDid(
  'did:webvh:QmPEQVM1JPTyrvEgBcDXwjK4TeyLGSX1PxjgyeAisdWM1p:agents.example',
) as Did;
const agent = subjectOf(did);
const submolt = nthName(1);

function stated(version: number): StatedIdentity {
  return {
    ...{ agent, did, version, versionId: `${version}-x`, deactivated: version > 2 },
    keys: [{ id: `${did}#key-${version}`, multibase: `z6Mk${version}` }],
    statement: nthName(100 + version),
  };
}

async function load(node: Sandbox) {
  const keys = emptyKeys();
  keys.identities.add(agent);
  keys.identityPlaces.push([agent, submolt]);
  return loadRows(node.db, { node: node.context.node.did, keys, names: [] });
}

test('what was put is what is loaded, and the last put stands', async () => {
  const node = await Sandbox.open();
  const home = node.context.node.did;
  const put = async (known: number | null, placed: number) => {
    const { rows, version } = await load(node);
    if (known !== null) rows.putIdentity({ ...stated(known), node: home });
    rows.putIdentityPlace({ ...stated(placed), submolt });
    const derived = writeRows(rows);
    const { newAgents, newObjects } = rows.numbering;
    await writeGuarded(node.db, version, [
      ...insertAgents(newAgents),
      ...insertObjects(newObjects),
      ...derived,
    ]);
  };
  const newer = () => listNewerPlaces(node.db, home);
  expect(await findIdentity(node.db, agent, home)).toBeNull();
  await put(null, 1);
  expect(await newer()).toEqual([{ agent, statement: stated(1).statement }]);
  await put(2, 2);
  expect(await newer()).toEqual([]);
  await put(2, 3);
  expect(await newer()).toEqual([{ agent, statement: stated(3).statement }]);
  const { rows } = await load(node);
  expect(rows.identity(agent)).toEqual({ ...stated(2), node: home });
  expect(rows.identityPlace(agent, submolt)).toEqual({ ...stated(3), submolt });
  expect(await findIdentity(node.db, agent, home)).toEqual({ ...stated(2), node: home });
  await node.close();
});
