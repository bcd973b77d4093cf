// Finds the one flipped bit among a log's last entries that explains why they do not have the signed root.
import { leafHash, nodeHash } from '../log/merkle.ts';
import { equalBytes } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { lineOf, type StoredEntry } from '../store/entries.ts';

interface Edge {
  /** Index of the first of the entries. */
  readonly start: number;
  /** Roots of the complete subtrees before it, largest first. */
  readonly before: readonly Uint8Array[];
  /** What was signed, or stored: one of them is what the entries should lead to. */
  readonly roots: readonly Uint8Array[];
}

export interface FlippedBit {
  readonly index: number;
  readonly column: 't' | 'commitment';
}

/** Bits of a time: milliseconds to the end of the year 9999. */
const TIME_BITS = 48;

/**
 * Tries every bit of each entry's time and commitment. There are at most 255 entries behind the last full tile, so this is a
 * second's work at most; nothing else names the row, since no tile is over these entries yet.
 */
export function findFlippedBit(
  entries: readonly StoredEntry[],
  edge: Edge,
  crypto: Crypto,
): FlippedBit | null {
  const leaves = entries.map((entry) => leafHash(lineOf(entry), crypto));
  for (const [i, entry] of entries.entries()) {
    const path = pathOf(leaves, i, crypto);
    const fits = (changed: StoredEntry) => {
      const root = edgeRoot(path(leafHash(quickLine(changed), crypto)), edge.before, crypto);
      return edge.roots.some((wanted) => equalBytes(wanted, root));
    };
    for (const t of flippedTimes(entry.t)) {
      if (fits({ ...entry, t })) return { index: edge.start + i, column: 't' };
    }
    for (let bit = 0; bit < entry.commitment.length * 8; bit++) {
      const commitment = Uint8Array.from(entry.commitment);
      commitment[bit >> 3] = (commitment[bit >> 3] as number) ^ (1 << (bit & 7));
      if (fits({ ...entry, commitment })) return { index: edge.start + i, column: 'commitment' };
    }
  }
  return null;
}

/** `lineOf` without its checks: a changed time need not be one that an entry can have. */
function quickLine({ commitment, kind, t }: StoredEntry): Uint8Array {
  const c = Buffer.from(commitment).toString('base64url');
  return Buffer.from(`{"c":"${c}","k":"${kind}","t":${t},"v":1}`, 'latin1');
}

function flippedTimes(t: number): number[] {
  return Array.from({ length: TIME_BITS }, (_, bit) => Number(BigInt(t) ^ (1n << BigInt(bit))));
}

/**
 * Roots of the complete subtrees over the leaves, largest first, as a function of leaf `i`: all that does not depend on it is
 * hashed once.
 */
function pathOf(leaves: readonly Uint8Array[], i: number, crypto: Crypto) {
  const others: (readonly [left: boolean, hash: Uint8Array])[] = [];
  const roots: Uint8Array[] = [];
  let place = 0;
  for (let start = 0; start < leaves.length; ) {
    let width = 1;
    while (width * 2 <= leaves.length - start) width *= 2;
    if (i >= start && i < start + width) {
      place = roots.length;
      for (let size = 1; size < width; size *= 2) {
        const sibling = start + (Math.floor((i - start) / size) ^ 1) * size;
        const hash = complete(leaves.slice(sibling, sibling + size), crypto);
        others.push([sibling < i, hash]);
      }
    }
    roots.push(complete(leaves.slice(start, start + width), crypto));
    start += width;
  }
  return (leaf: Uint8Array): Uint8Array[] => {
    let hash = leaf;
    for (const [left, other] of others) {
      hash = left ? nodeHash(other, hash, crypto) : nodeHash(hash, other, crypto);
    }
    return roots.with(place, hash);
  };
}

/** Root of 2^n leaves. */
function complete(leaves: readonly Uint8Array[], crypto: Crypto): Uint8Array {
  let row = [...leaves];
  while (row.length > 1) {
    row = Array.from({ length: row.length / 2 }, (_, i) =>
      nodeHash(row[i * 2] as Uint8Array, row[i * 2 + 1] as Uint8Array, crypto),
    );
  }
  return row[0] as Uint8Array;
}

function edgeRoot(roots: readonly Uint8Array[], before: readonly Uint8Array[], crypto: Crypto) {
  const all = [...before, ...roots];
  return all
    .slice(0, -1)
    .reduceRight((root, hash) => nodeHash(hash, root, crypto), all.at(-1) as Uint8Array);
}
