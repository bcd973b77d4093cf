// Heads: one hash over the checkpoints of all logs of a node, and the proof that one of them is among them.
import { equalBytes, utf8 } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { type Checkpoint, formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { inclusionProof, verifyInclusion } from './inclusion.ts';
import { Frontier, leafHash } from './merkle.ts';

/** `<authority>/heads`, in the place of an origin: the leaves are the texts of checkpoints. */
function headsOrigin(authority: string): string {
  return `${authority}/heads`;
}

/** In the order of their origins, by code units; origins are ASCII and none is there twice. */
export function sortHeads(heads: readonly Checkpoint[]): Checkpoint[] {
  return [...heads].sort((a, b) => (a.origin < b.origin ? -1 : 1));
}

function headLeaf(head: Checkpoint, crypto: Crypto): Uint8Array {
  return leafHash(utf8(formatCheckpoint(head)), crypto);
}

/** The text of a checkpoint over the sorted heads: how many, and their root. */
export function formatHeads(
  authority: string,
  sorted: readonly Checkpoint[],
  crypto: Crypto,
): string {
  const root = rootOf(
    sorted.map((head) => headLeaf(head, crypto)),
    crypto,
  );
  return formatCheckpoint({ origin: headsOrigin(authority), size: sorted.length, root });
}

export interface HeadProof {
  /** Place among the sorted heads. */
  readonly index: number;
  /** From the leaf's sibling up. */
  readonly hashes: readonly Uint8Array[];
}

/** Null if the log is not among the heads. */
export async function proveHead(
  sorted: readonly Checkpoint[],
  origin: string,
  crypto: Crypto,
): Promise<HeadProof | null> {
  const index = sorted.findIndex((head) => head.origin === origin);
  if (index < 0) return null;
  const leaves = sorted.map((head) => headLeaf(head, crypto));
  const read = (level: number, i: number) =>
    rootOf(leaves.slice(i * 2 ** level, (i + 1) * 2 ** level), crypto);
  return { index, hashes: await inclusionProof(index, sorted.length, read, crypto) };
}

function rootOf(leaves: readonly Uint8Array[], crypto: Crypto): Uint8Array {
  const frontier = new Frontier(crypto);
  for (const leaf of leaves) frontier.append(leaf);
  return frontier.root();
}

/** True if `heads`, a text that the node of `authority` has stated, has this head at the place that the proof says. */
export function verifyHead(
  heads: string,
  authority: string,
  head: Checkpoint,
  { hashes, index }: HeadProof,
  crypto: Crypto,
): boolean {
  const parsed = parseCheckpoint(heads);
  if (!parsed.ok) return false;
  const { origin, root, size } = parsed.checkpoint;
  if (origin !== headsOrigin(authority) || !head.origin.startsWith(`${authority}/log/`))
    return false;
  return verifyInclusion(index, size, headLeaf(head, crypto), hashes, root, crypto);
}

/** True if the two are the same heads, log by log. */
export function sameHeads(a: readonly Checkpoint[], b: readonly Checkpoint[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ origin, root, size }, i) => {
      const other = b[i] as Checkpoint;
      return other.origin === origin && other.size === size && equalBytes(other.root, root);
    })
  );
}
