// Proves what this node's system log says of one of its submolt logs: its head, as stated last, and its founding.
import type { StatedHead } from '../log/head-proof.ts';
import { formatHeads, proveHead, sortHeads } from '../log/heads.ts';
import { inclusionProof } from '../log/inclusion.ts';
import { formatProofFile } from '../log/proof-file.ts';
import type { SystemEntry } from '../log/system-entry.ts';
import { decodeUtf8, toBase64url } from '../protocol/bytes.ts';
import type { JsonObject } from '../protocol/json.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { findNoteOver } from '../store/cosigned.ts';
import { readHeads } from '../store/heads.ts';
import { readLeaves } from '../store/queries/bodies.ts';
import { findLog, proofReader } from '../store/queries/logs.ts';
import { findHeadsEntry } from '../store/queries/node-statements.ts';
import { findPlacement } from '../store/queries/placements.ts';
import type { CommandContext } from './context.ts';
import { systemOrigin } from './origin.ts';

/** Null for a log that is not this node's own, or that nothing is stated of yet. */
export async function proveStatedHead(
  context: CommandContext,
  origin: string,
): Promise<StatedHead | null> {
  const { crypto, db, node } = context;
  const heads = sortHeads((await readHeads(db)).stated);
  const proof = await proveHead(heads, origin, crypto);
  const entry = await findHeadsEntry(db, node.did, node.authority);
  const stated = proof && entry !== null ? await proveSystemEntry(context, entry) : null;
  if (proof === null || stated === null) return null;
  // What is written beside the log may be older than the log, after a crash or while the next heads are stated.
  const { content } = stated.object.object as JsonObject;
  if (content !== formatHeads(node.authority, heads, crypto)) return null;
  return { ...proof, head: heads[proof.index] as (typeof heads)[number], ...stated };
}

/** That this node's system log says of one of its submolts that it was founded here; null where it does not say so. */
export async function proveStatedFounding(
  context: CommandContext,
  submolt: ObjectName,
): Promise<SystemEntry | null> {
  const entry = await findPlacement(context.db, submolt);
  return entry === null ? null : proveSystemEntry(context, entry);
}

async function proveSystemEntry(
  { crypto, db, node }: CommandContext,
  index: number,
): Promise<SystemEntry | null> {
  const system = await findLog(db, systemOrigin(node));
  if (system === null) return null;
  const [leaf] = await readLeaves(db, system, index, index + 1);
  if (leaf === undefined || leaf.body.erased) return null;
  const { note: checkpoint, size } = await findNoteOver(db, system, index);
  const reader = proofReader(db, system, size, crypto);
  const hashes = await inclusionProof(index, size, reader, crypto);
  return {
    line: decodeUtf8(leaf.line),
    object: JSON.parse(decodeUtf8(leaf.body.bytes)),
    salt: toBase64url(leaf.body.salt),
    proof: formatProofFile({ extra: null, index, hashes, checkpoint }),
  };
}
