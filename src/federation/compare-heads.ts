// Compares heads of one log that no replica here settles: the tree under the largest is fetched, tile by tile, where it is needed.
import { record } from '../commands/admit.ts';
import { logVerifiers } from '../commands/log-keys.ts';
import { ownSignatureOnly } from '../log/evidence-file.ts';

import { treeRoot } from '../log/subtree.ts';
import { tileHashReader, tilePath } from '../log/tile.ts';
import { equalBytes } from '../protocol/bytes.ts';
import type { LogHead } from '../store/logs.ts';
import { findLog } from '../store/queries/logs.ts';
import {
  deleteSeenHeads,
  readSeenHead,
  type SeenHead,
  selectSeenHeads,
} from '../store/seen-heads.ts';
import type { FederationContext } from './context.ts';
import { failure, type PeerFailure } from './peer-client.ts';
import { logPath } from './remote-log.ts';
import { convict, findTrueRoot, settleSeen } from './settle-heads.ts';

export type Comparison =
  | { readonly kind: 'settled' }
  /** Nobody who was asked has the tree under the largest head. */
  | { readonly kind: 'unproven'; readonly failure: PeerFailure };

const TILE_BYTES = 8_192;

/** The home is asked at `home`, a URL origin, then whoever has shown the largest head. */
export async function compareHeads(
  context: FederationContext,
  origin: string,
  home: string,
): Promise<Comparison> {
  await settleSeen(context, origin);
  const [log, [rows = []]] = await Promise.all([
    findLog(context.db, origin),
    context.db.batch('read', [selectSeenHeads(origin)]),
  ]);
  const seen = rows.map(readSeenHead);
  const own = await replicaHead(context, log);
  const heads = own === null ? seen : [own, ...seen];
  const largest = heads.at(-1);
  if (largest === undefined || heads.length < 2) return { kind: 'settled' };
  let last: PeerFailure | null = null;
  for (const url of new Set([home, largest.source].filter((one) => one !== ''))) {
    const tried = await compareAt(context, url, heads, own);
    if (tried === null) {
      // What the largest goes on from it speaks for; nothing else of them is needed.
      const older = seen.filter((head) => head !== largest);
      await record(context, context.sequencer, deleteSeenHeads(older));
      return { kind: 'settled' };
    }
    last = tried;
  }
  return { kind: 'unproven', failure: last as PeerFailure };
}

/** What the replica is proven under takes part in the comparison. */
async function replicaHead(
  context: FederationContext,
  log: LogHead | null,
): Promise<SeenHead | null> {
  if (log === null || log.checkpoint === null || log.signedSize === 0) return null;
  const { origin, root, signedSize: size } = log;
  const note = ownSignatureOnly(log.checkpoint, await logVerifiers(context, log));
  const known = note !== null && size === log.size;
  return known ? { origin, size, root, note, source: '', seenAt: 0 } : null;
}

/** Null when the comparison is made. */
async function compareAt(
  context: FederationContext,
  url: string,
  heads: readonly SeenHead[],
  own: SeenHead | null,
): Promise<PeerFailure | null> {
  const { client, crypto } = context;
  const largest = heads.at(-1) as SeenHead;
  const { origin, size } = largest;
  const base = `${url}${logPath(origin)}`;
  let missing: PeerFailure | null = null;
  const readTile = async (level: number, index: number, width: number) => {
    const reply = await client.read(`${base}/${tilePath(level, index, width)}`, {
      maxBytes: TILE_BYTES,
    });
    if (!reply.ok) missing ??= reply;
    return reply.ok ? reply.body : new Uint8Array(0);
  };
  const reader = tileHashReader(readTile, size, crypto);
  try {
    if (!equalBytes(await treeRoot(size, reader, crypto), largest.root)) {
      return failure({ again: true, detail: `${base} has another tree than the head of ${size}` });
    }
    for (const head of heads) {
      if (head === largest || head.size === size) continue;
      const trueRoot = await findTrueRoot(head, size, reader, crypto);
      if (trueRoot === 'same' || trueRoot === null) continue;
      const pair = [head.note, largest.note] as const;
      const shown = head === own ? [largest.note] : pair;
      await convict(context, origin, { heads: pair, trueRoot, shown });
      return null;
    }
    return null;
  } catch (error) {
    // Tiles that are missing or short make no tree.
    if (missing === null && !(error instanceof Error)) throw error;
    return missing ?? failure({ again: true, detail: `${base}: ${(error as Error).message}` });
  }
}
