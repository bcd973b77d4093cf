// The leaves between a replica's head and a checkpoint, proven to lead to its root before any of them is used.

import type { Checkpoint } from '../log/checkpoint.ts';
import { type Frontier, leafHash } from '../log/merkle.ts';
import { concatBytes, equalBytes } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { failure, type PeerFailure } from './peer-client.ts';
import type { Fetched, RemoteLog } from './remote-log.ts';

/** Entries that are asked for, proven and applied together. */
export const PAGE_ENTRIES = 256;
/** Bytes of leaves that are kept between proof and use; what is beyond is fetched again. */
const KEPT_BYTES = 4 * 1024 * 1024;

interface Page {
  readonly start: number;
  readonly count: number;
  readonly digest: Uint8Array;
  readonly lines: readonly Uint8Array[] | null;
}

export interface Span {
  readonly ok: true;
  /** Consecutive pages of at most 256 entries; together they are the span. */
  readonly pages: readonly { readonly start: number; readonly count: number }[];
  /** Roots of the tree at those sizes in the span that were asked for. */
  readonly roots: ReadonlyMap<number, Uint8Array>;
  /** The leaves of a page, the same bytes that the root was computed from. */
  lines(page: number): Promise<Fetched<readonly Uint8Array[]>>;
}

export type SpanResult =
  | Span
  | PeerFailure
  /** The leaves do not lead from this replica's tree to the signed root. */
  | { readonly ok: false; readonly mismatch: true; readonly root: Uint8Array };

/**
 * Reads the leaves from `frontier.size` to `checkpoint.size`. Memory stays bounded however far the home is
 * ahead: of pages beyond the first few megabytes only a hash is kept, and they are read again when they are used.
 */
export async function readSpan(
  remote: RemoteLog,
  frontier: Frontier,
  checkpoint: Checkpoint,
  crypto: Crypto,
  rootsAt: ReadonlySet<number> = new Set(),
): Promise<SpanResult> {
  const tree = frontier.clone();
  const roots = new Map<number, Uint8Array>();
  const pages: Page[] = [];
  let kept = 0;
  while (tree.size < checkpoint.size) {
    const start = tree.size;
    const fetched = await remote.entries(start, Math.min(PAGE_ENTRIES, checkpoint.size - start));
    if (!fetched.ok) return fetched;
    const lines = fetched.value;
    const leaves = lines.map((line) => leafHash(line, crypto));
    for (const leaf of leaves) {
      tree.append(leaf);
      if (rootsAt.has(tree.size)) roots.set(tree.size, tree.root());
    }
    kept += lines.reduce((sum, line) => sum + line.length, 0);
    const digest = crypto.sha256(concatBytes(...leaves));
    pages.push({ start, count: lines.length, digest, lines: kept <= KEPT_BYTES ? lines : null });
  }
  const root = tree.root();
  if (!equalBytes(root, checkpoint.root)) return { ok: false, mismatch: true, root };
  return {
    ok: true,
    pages,
    roots,
    async lines(index) {
      const page = pages[index] as Page;
      if (page.lines !== null) return { ok: true, value: page.lines };
      const again = await remote.entries(page.start, page.count);
      if (!again.ok) return again;
      const leaves = again.value.map((line) => leafHash(line, crypto));
      if (equalBytes(crypto.sha256(concatBytes(...leaves)), page.digest)) return again;
      // Unsigned, so it proves nothing; but it must not be used.
      const detail = `entries from ${page.start} are not the ones given before`;
      return failure({ again: true, detail });
    },
  };
}
