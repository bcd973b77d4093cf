// Loads a group: the rows its acts need, and what the logs, nonces and waiting objects know of them already.
import type { PaceLimits } from '../domain/pace.ts';
import type { Keys } from '../domain/working-set.ts';
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { name } from '../store/cell.ts';
import type { Row } from '../store/database.ts';
import { readEntryOf, type StoredEntry, selectEntriesOf } from '../store/entries.ts';
import { type Hold, readHold, SELECT_HOLDS } from '../store/holds.ts';
import { type Load, loadRows } from '../store/load-rows.ts';
import { type LogHead, readLog, selectLogsFor } from '../store/logs.ts';
import {
  readMissingStatement,
  selectMissingDelegations,
  selectMissingStatements,
} from '../store/missing-statements.ts';
import { type NonceKey, nonceText, readNonce, selectNonces } from '../store/nonces.ts';
import type { Numbering } from '../store/numbering.ts';
import { selectPaces } from '../store/paces.ts';
import { type PendingState, readPendingState, selectPendingStates } from '../store/pending.ts';
import type { StoredRows } from '../store/stored-rows.ts';
import { keyOf } from '../store/table.ts';
import { selectWithdrawn } from '../store/withdrawals.ts';
import type { CommandContext } from './context.ts';
import { systemOrigin } from './origin.ts';
import { Paces } from './paces.ts';

export interface GroupRequest {
  /** Home of the logs that the acts belong in. */
  readonly node: Did;
  readonly keys: Keys;
  /** The objects of the group. */
  readonly names: readonly ObjectName[];
  readonly nonces: readonly NonceKey[];
  /** Agents whose pace is limited, if any is. */
  readonly paced?: { readonly limits: PaceLimits; readonly agents: readonly Did[] } | null;
}

export interface LoadedGroup {
  readonly rows: StoredRows;
  readonly version: number;
  /** Heads of the logs that may grow: those of the keys' submolts, and this node's system log. */
  readonly heads: readonly LogHead[];
  /** Entries of the group's objects, in whatever logs they are. */
  readonly entriesOf: ReadonlyMap<ObjectName, readonly StoredEntry[]>;
  /** Those of the request's nonces that were admitted before, as `nonceText` writes them. */
  readonly nonces: ReadonlySet<string>;
  readonly pending: ReadonlyMap<ObjectName, PendingState>;
  /** Those of the group's objects that this node has dropped. */
  readonly withdrawn: ReadonlySet<ObjectName>;
  /** Null where no pace is limited. */
  readonly paces: Paces | null;
  /** Logs of this node that must not grow. */
  readonly holds: readonly Hold[];
  /** Bytes of statements that acts of the group may depend on, by `keyOf(submolt, name)`: those its log has not. */
  readonly statements: ReadonlyMap<string, Uint8Array>;
}

export async function loadGroup(
  { db, node }: CommandContext,
  request: GroupRequest,
): Promise<LoadedGroup> {
  const heads: LogHead[] = [];
  const entriesOf = new Map<ObjectName, StoredEntry[]>();
  const nonces = new Set<string>();
  const pending = new Map<ObjectName, PendingState>();
  const withdrawn = new Set<ObjectName>();
  const holds: Hold[] = [];
  const statements = new Map<string, Uint8Array>();
  const also = (numbering: Numbering): Load[] => [
    {
      statement: selectLogsFor(request.keys.submolts, systemOrigin(node)),
      take: (rows) => heads.push(...rows.map((row) => readLog(row, numbering))),
    },
    {
      statement: selectEntriesOf(request.names),
      take(rows) {
        for (const row of rows) {
          const { name, entry } = readEntryOf(row);
          entriesOf.set(name, [...(entriesOf.get(name) ?? []), entry]);
        }
      },
    },
    {
      statement: selectPendingStates(request.names),
      take(rows) {
        for (const state of rows.map(readPendingState)) pending.set(state.name, state);
      },
    },
    {
      statement: selectWithdrawn(request.names),
      take(rows) {
        for (const row of rows) withdrawn.add(name(row, 0));
      },
    },
    { statement: SELECT_HOLDS, take: (rows) => holds.push(...rows.map(readHold)) },
  ];
  const seen: Load = {
    statement: selectNonces(request.nonces),
    take: (rows: readonly Row[]) => {
      for (const row of rows) nonces.add(nonceText(readNonce(row)));
    },
  };
  let paces: Paces | null = null;
  const { paced } = request;
  const pacing: Load[] = paced
    ? [
        {
          statement: selectPaces(paced.agents),
          take(rows) {
            paces = new Paces(paced.limits, rows);
          },
        },
      ]
    : [];
  const depended = ({ delegationPlaces, identityPlaces }: Keys): Load[] => {
    // Many acts of one agent ask for one statement, which may be large.
    const [places, links] = [distinct(identityPlaces), distinct(delegationPlaces)];
    const asked = [
      ...(places.length > 0 ? [selectMissingStatements(places, request.node)] : []),
      ...(links.length > 0 ? [selectMissingDelegations(links)] : []),
    ];
    return asked.map((statement) => ({
      statement,
      take(rows) {
        for (const row of rows) {
          const { bytes, name, submolt } = readMissingStatement(row);
          statements.set(keyOf(submolt, name), bytes);
        }
      },
    }));
  };
  const loaded = await loadRows(db, {
    node: request.node,
    keys: request.keys,
    names: request.names,
    also: (numbering) => [
      ...also(numbering),
      ...(request.nonces.length > 0 ? [seen] : []),
      ...pacing,
      ...depended(request.keys),
    ],
    alsoReached: depended,
  });
  return { ...loaded, heads, entriesOf, nonces, pending, withdrawn, paces, holds, statements };
}

function distinct<Pair extends readonly [string, string]>(pairs: readonly Pair[]): Pair[] {
  return [...new Map(pairs.map((pair) => [keyOf(...pair), pair])).values()];
}
