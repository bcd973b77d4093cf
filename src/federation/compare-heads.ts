// Compares heads of one log that no replica here settles: the tree under the largest is fetched, tile by tile, where it is needed.
import { record } from '../commands/admit.ts';
import { logVerifiers } from '../commands/log-keys.ts';
import { ownSignatureOnly } from '../log/evidence-file.ts';
import type { LogHead } from '../store/logs.ts';
import { findLog } from '../store/queries/logs.ts';
import {
  deleteSeenHeads,
  readSeenHead,
  type SeenHead,
  selectSeenHeads,
} from '../store/seen-heads.ts';
import { compareKept } from './compare-kept.ts';
import type { FederationContext } from './context.ts';
import { findKeptForks } from './kept-forks.ts';
import type { PeerFailure } from './peer-client.ts';
import { readRemoteTree } from './remote-tree.ts';
import { convict, findTrueRoot, settleSeen } from './settle-heads.ts';

export type Comparison =
  | { readonly kind: 'settled' }
  /** Nobody who was asked has the tree under the largest head. */
  | { readonly kind: 'unproven'; readonly failure: PeerFailure };

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
  const forks = log === null ? [] : await findKeptForks(context, log);
  if (log !== null && forks.length > 0) {
    await compareKept(context, { log, forks }, seen, home);
    return { kind: 'settled' };
  }
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
  const { crypto } = context;
  const largest = heads.at(-1) as SeenHead;
  const { origin, size } = largest;
  const read = await readRemoteTree(context, url, largest, async (reader) => {
    for (const head of heads) {
      if (head === largest || head.size === size) continue;
      const trueRoot = await findTrueRoot(head, size, reader, crypto);
      if (trueRoot === 'same' || trueRoot === null) continue;
      return { head, trueRoot };
    }
    return null;
  });
  if (!read.ok) return read;
  if (read.value === null) return null;
  const { head, trueRoot } = read.value;
  const pair = [head.note, largest.note] as const;
  await convict(context, origin, {
    heads: pair,
    trueRoot,
    shown: head === own ? [largest.note] : pair,
  });
  return null;
}
