// Before a node signs anything: asks its peers whether they hold heads of its logs that it has signed and does not have.
import type { CommandContext } from '../commands/context.ts';
import { holdStatements, type UnknownHead } from '../commands/hold-logs.ts';
import { judgeOwnHead } from '../commands/own-heads.ts';
import { listPeers } from '../store/queries/peers.ts';
import { askOwnHeads } from './ask-own-heads.ts';
import type { PeerClient } from './peer-client.ts';

/** Those in contact last know most. */
const MAX_PEERS = 16;

export interface Known {
  /** URL origins of nodes to ask besides the peers in the database. */
  readonly urls: readonly string[];
  /** Notes that this node has kept outside of its database, and the name of the file they are in. */
  readonly kept: { readonly notes: readonly string[]; readonly source: string };
}

export interface Guarded {
  readonly asked: number;
  /** URL origins of those that have answered; who is silent holds up nothing. */
  readonly answered: ReadonlySet<string>;
  /** What this node has signed and does not have. */
  readonly unknown: readonly UnknownHead[];
}

/**
 * Holds all logs of this node (`hold-logs.ts`) if somebody has a head of one, signed by its own key, that does not belong to what is
 * stored: a database restored from an old copy would sign a second history over it.
 */
export async function guardRollback(
  context: CommandContext,
  client: Pick<PeerClient, 'read'>,
  { kept, urls }: Known,
): Promise<Guarded> {
  const { db, node } = context;
  const peers = (await listPeers(db))
    .toSorted((a, b) => (b.contactedAt ?? 0) - (a.contactedAt ?? 0))
    .slice(0, MAX_PEERS)
    .map(({ url }) => url);
  const sources = [...new Set([...peers, ...urls])].filter((url) => url !== node.origin);
  const answers = await Promise.all(sources.map((url) => askOwnHeads(client, node, url)));
  const shown = [
    kept,
    ...answers.map((answer, i) => ({
      notes: answer.ok ? answer.value : [],
      source: sources[i] as string,
    })),
  ];
  const unknown: UnknownHead[] = [];
  for (const { notes, source } of shown) {
    for (const note of notes) {
      const judged = await judgeOwnHead(context, note);
      if (judged.kind !== 'behind' && judged.kind !== 'forked') continue;
      unknown.push({ checkpoint: judged.checkpoint, note, source });
    }
  }
  if (unknown.length > 0) await db.batch('write', holdStatements(context, unknown));
  const answered = new Set(sources.filter((_, i) => answers[i]?.ok));
  return { asked: sources.length, answered, unknown };
}
