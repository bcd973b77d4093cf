// Proves that the head of one of this node's submolt logs is among those its system log has stated last.
import type { StatedHead } from '../log/head-proof.ts';
import { formatHeads, proveHead, sortHeads } from '../log/heads.ts';
import { inclusionProof } from '../log/inclusion.ts';
import { formatProofFile } from '../log/proof-file.ts';
import { decodeUtf8, toBase64url } from '../protocol/bytes.ts';
import { readHeads } from '../store/heads.ts';
import { readLeaves } from '../store/queries/bodies.ts';
import { findLog, proofReader } from '../store/queries/logs.ts';
import { findHeadsEntry } from '../store/queries/node-statements.ts';
import type { CommandContext } from './context.ts';
import { systemOrigin } from './origin.ts';

/** Null for a log that is not this node's own, or that nothing is stated of yet. */
export async function proveStatedHead(
  { crypto, db, node }: CommandContext,
  origin: string,
): Promise<StatedHead | null> {
  const heads = sortHeads((await readHeads(db)).stated);
  const proof = await proveHead(heads, origin, crypto);
  const entry = await findHeadsEntry(db, node.did, node.authority);
  const system = await findLog(db, systemOrigin(node));
  if (proof === null || entry === null || system === null) return null;
  const [leaf] = await readLeaves(db, system, entry, entry + 1);
  if (leaf === undefined || leaf.body.erased) return null;
  const object = JSON.parse(decodeUtf8(leaf.body.bytes));
  // What is written beside the log may be older than the log, after a crash or while the next heads are stated.
  if (object.object.content !== formatHeads(node.authority, heads, crypto)) return null;
  const { checkpoint, signedSize } = system;
  const reader = proofReader(db, system, signedSize, crypto);
  const hashes = await inclusionProof(entry, signedSize, reader, crypto);
  return {
    ...proof,
    head: heads[proof.index] as (typeof heads)[number],
    line: decodeUtf8(leaf.line),
    object,
    salt: toBase64url(leaf.body.salt),
    proof: formatProofFile({ extra: null, index: entry, hashes, checkpoint: checkpoint ?? '' }),
  };
}
