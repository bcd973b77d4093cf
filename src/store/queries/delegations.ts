// Delegations as this node knows them: chains to send to homes, and what agents have given and been given.
import type { Delegation, DelegationState } from '../../domain/working-set.ts';
import { expiryOf } from '../../protocol/capability.ts';
import { type Did, subjectOf } from '../../protocol/did.ts';
import { idOf, type ObjectName } from '../../protocol/object-name.ts';
import type { DelegationView, LinkView } from '../../protocol/views.ts';
import { blobOrNull, did, hexList, isoTime, name } from '../cell.ts';
import type { Database, Row } from '../database.ts';
import { readDelegation, readDelegationState, selectDelegations } from '../delegations.ts';
import { shownDid } from './shown-did.ts';

export interface StoredDelegation {
  readonly delegation: Delegation;
  /** Null where `node` has not accepted it itself. */
  readonly state: DelegationState | null;
  /** As it was signed. */
  readonly bytes: Uint8Array;
}

/** The delegations of these names and all above them. */
export async function listChains(
  db: Database,
  names: Iterable<ObjectName>,
  node: Did,
): Promise<Map<ObjectName, StoredDelegation>> {
  const asked = [...names];
  if (asked.length === 0) return new Map();
  const [rows = []] = await db.batch('read', [selectDelegations(asked, node)]);
  const delegations = rows.map((row) => readDelegation(row));
  const [found = []] = await db.batch('read', [
    {
      sql: `SELECT o.hash, o.bytes FROM json_each(?1) AS k CROSS JOIN objects AS o ON o.hash = unhex(k.value)`,
      args: [hexList(delegations.map((delegation) => delegation.name))],
    },
  ]);
  const bytes = new Map(found.map((row) => [name(row, 0), blobOrNull(row, 1)]));
  const chains = new Map<ObjectName, StoredDelegation>();
  for (const [i, delegation] of delegations.entries()) {
    const signed = bytes.get(delegation.name);
    if (!signed) continue;
    const state = readDelegationState(rows[i] as Row);
    chains.set(delegation.name, { delegation, state, bytes: signed });
  }
  return chains;
}

/** The links of one of them, from the first down; empty if it is not among them. */
export function chainIn(
  chains: ReadonlyMap<ObjectName, StoredDelegation>,
  delegation: ObjectName,
): readonly StoredDelegation[] {
  const links: StoredDelegation[] = [];
  for (let next: ObjectName | null = delegation; next !== null; ) {
    const link = chains.get(next);
    if (link === undefined) return [];
    links.unshift(link);
    next = link.delegation.capability.parentCapability;
  }
  return links;
}

/** Those of the names that are delegations which `node` has accepted itself. */
export async function listAccepted(
  db: Database,
  names: readonly ObjectName[],
  node: Did,
): Promise<ReadonlySet<ObjectName>> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT o.hash FROM json_each(?1) AS k CROSS JOIN objects AS o ON o.hash = unhex(k.value)
CROSS JOIN delegation_states AS s ON s.object = o.id AND s.node = (SELECT id FROM agents WHERE did = ?2)`,
      args: [hexList(names), node],
    },
  ]);
  return new Set(rows.map((row) => name(row, 0)));
}

/** A delegation with its chain; null if `node` has not accepted it. */
export async function getDelegation(
  db: Database,
  delegation: ObjectName,
  node: Did,
): Promise<DelegationView | null> {
  const chains = await listChains(db, [delegation], node);
  return viewOf(chainIn(chains, delegation), await shown(db, chains));
}

/** What `node` knows that the agent has given and been given, the newest first, `limit` at most. */
export async function listDelegations(
  db: Database,
  agent: Did,
  node: Did,
  limit: number,
): Promise<readonly DelegationView[]> {
  const [rows = []] = await db.batch('read', [
    {
      sql: `WITH found (object) AS (
  SELECT object FROM delegations WHERE delegator = (SELECT id FROM agents WHERE did = ?1)
  UNION SELECT object FROM delegations WHERE delegate = (SELECT id FROM agents WHERE did = ?1)
)
SELECT o.hash FROM found CROSS JOIN delegation_states AS s ON s.object = found.object
  AND s.node = (SELECT id FROM agents WHERE did = ?2)
CROSS JOIN objects AS o ON o.id = found.object ORDER BY found.object DESC LIMIT ?3`,
      args: [subjectOf(agent), node, BigInt(limit)],
    },
  ]);
  const names = rows.map((row) => name(row, 0));
  const chains = await listChains(db, names, node);
  const dids = await shown(db, chains);
  return names.flatMap((one) => viewOf(chainIn(chains, one), dids) ?? []);
}

/** What the agents of these chains are called now, by subject. */
async function shown(
  db: Database,
  chains: ReadonlyMap<ObjectName, StoredDelegation>,
): Promise<ReadonlyMap<Did, Did>> {
  const agents = [...chains.values()].flatMap(({ delegation: { delegate, delegator } }) => [
    delegate,
    delegator,
  ]);
  const [rows = []] = await db.batch('read', [
    {
      sql: `SELECT a.did, ${shownDid('a')} FROM json_each(?1) AS k CROSS JOIN agents AS a ON a.did = k.value`,
      args: [JSON.stringify([...new Set(agents)])],
    },
  ]);
  return new Map(rows.map((row) => [did(row, 0), did(row, 1)]));
}

function viewOf(
  chain: readonly StoredDelegation[],
  dids: ReadonlyMap<Did, Did>,
): DelegationView | null {
  const [first] = chain;
  const last = chain.at(-1);
  if (first === undefined || last?.state === null || last === undefined) return null;
  const links = chain.map(({ delegation }): LinkView => linkView(delegation, dids));
  const revoked = chain.find(({ state }) => state !== null && state.revoked !== null);
  return {
    id: idOf(last.delegation.name),
    object: last.delegation.name,
    principal: (links[0] as LinkView).delegator,
    delegate: (links.at(-1) as LinkView).delegate,
    until: isoTime(expiryOf(last.delegation.capability)),
    revoked: revoked?.state?.revoked ?? null,
    chain: links,
  };
}

function linkView(
  { capability, delegate, delegator, name: object }: Delegation,
  dids: ReadonlyMap<Did, Did>,
): LinkView {
  return {
    object,
    delegator: dids.get(delegator) ?? delegator,
    delegate: dids.get(delegate) ?? delegate,
    actions: capability.allowedAction,
    submolts: capability.invocationTarget,
    until: isoTime(expiryOf(capability)),
  };
}

/** SQL for the links of the chain that item `i` was signed under, as JSON; null where there is none. */
export const ITEM_CHAIN = `CASE WHEN i.delegation IS NULL THEN NULL ELSE (
  WITH RECURSIVE chain (id) AS (
    SELECT i.delegation
    UNION ALL SELECT d.parent FROM chain CROSS JOIN delegations AS d ON d.object = chain.id WHERE d.parent IS NOT NULL
  )
  SELECT json_group_array(json_array(d.depth, hex(x.hash), ${shownDid('g')}, ${shownDid('q')}, json(d.capability)))
  FROM chain CROSS JOIN delegations AS d ON d.object = chain.id JOIN objects AS x ON x.id = d.object
  JOIN agents AS g ON g.id = d.delegator JOIN agents AS q ON q.id = d.delegate
) END`;
