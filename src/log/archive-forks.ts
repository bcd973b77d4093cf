// Makes evidence of what an archive contradicts: signed heads and receipts that its own checkpoint does not continue.
import { equalBytes } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { type JsonObject, type JsonValue, parseIJson } from '../protocol/json.ts';
import type { EntryChain } from './archive-entries.ts';
import type { ReceiptsHonoured } from './archive-receipts.ts';
import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import { verifyEvidence } from './evidence.ts';
import {
  type EvidenceKeys,
  type EvidenceParts,
  encodeEvidence,
  MAX_DOCUMENTS,
  ownSignatureOnly,
  type TrueRoot,
  type TwoLeaves,
} from './evidence-file.ts';
import { encodeKeyChain, type KeyChain } from './key-chain.ts';
import { formatVerifierKey, type NoteVerifier } from './note-key.ts';

export interface ForkContext {
  readonly crypto: Crypto;
  /** The archive's checkpoint. */
  readonly note: string;
  readonly checkpoint: Checkpoint;
  /** Those that may sign for the log. */
  readonly logKeys: readonly NoteVerifier[];
  readonly chain: KeyChain | null;
  /** Of the home, if it is a did:web. */
  readonly documents: readonly JsonObject[];
}

interface Contradiction {
  readonly note: string;
  readonly trueRoot?: TrueRoot;
  readonly leaves?: TwoLeaves;
}

/** The first contradiction that stands by itself: whoever is shown it need not trust the archive, nor whoever shows it. */
export async function findEvidence(
  context: ForkContext,
  entries: EntryChain,
  receipts: ReceiptsHonoured,
): Promise<JsonObject | null> {
  for (const one of [...(await entries.forks()), ...(await receipts.broken())]) {
    const evidence = await convict(context, one);
    if (evidence !== null) return evidence;
  }
  return null;
}

async function convict(context: ForkContext, one: Contradiction): Promise<JsonObject | null> {
  const { checkpoint, crypto, note } = context;
  const [theirs, ours] = [await open(context, one.note), await open(context, note)];
  if (theirs === null || ours === null) return null;
  const { leaves = null, trueRoot = null } = one;
  // Of two roots for one size there is nothing to prove.
  const proof = theirs.size === checkpoint.size ? {} : { trueRoot, leaves };
  const parts = { origin: checkpoint.origin, heads: [theirs.note, ours.note] as const, ...proof };
  const ordered = theirs.size > checkpoint.size ? turned(parts) : parts;
  const signers = [theirs.signer, ours.signer];
  if (theirs.size > checkpoint.size) signers.reverse();
  for (const keys of keysOf(signers, context)) {
    const needed = 'vkeys' in keys ? {} : { documents: context.documents.slice(-MAX_DOCUMENTS) };
    const file = encodeEvidence({ ...ordered, keys, ...needed });
    const parsed = parseIJson(file);
    if ((await verifyEvidence(file, crypto)).ok && parsed.ok) return parsed.value as JsonObject;
  }
  return null;
}

async function open({ checkpoint, crypto, logKeys }: ForkContext, source: string) {
  const opened = await openCheckpoint(source, logKeys, crypto, checkpoint.origin);
  // Of several keys that have signed the one counts that signs on.
  const signer = opened.ok ? opened.signatures.at(-1)?.verifier : undefined;
  const note = signer === undefined ? null : ownSignatureOnly(source, [signer]);
  if (!opened.ok || signer === undefined || note === null) return null;
  return { signer, note, size: opened.checkpoint.size };
}

type Headed = Omit<EvidenceParts, 'keys'>;

/** The smaller head stands first. */
function turned({ heads: [first, second], leaves = null, origin }: Headed): Headed {
  if (leaves === null) return { origin, heads: [second, first] };
  const { hashes, index, proofs } = leaves;
  return {
    origin,
    heads: [second, first],
    leaves: { index, hashes: [hashes[1], hashes[0]], proofs: [proofs[1], proofs[0]] },
  };
}

/** By the home's own statements if they name these keys; otherwise whose they are is for the reader to know. */
function keysOf(signers: readonly NoteVerifier[], { chain }: ForkContext): EvidenceKeys[] {
  const vkeys = [...new Set(signers.map(formatVerifierKey))];
  if (chain === null) return [{ vkeys }];
  const parsed = parseIJson(encodeKeyChain(chain.statements.map(({ bytes }) => bytes)));
  const isStated = ({ publicKey }: NoteVerifier) =>
    chain.keys.some((key) => equalBytes(key, publicKey));
  if (!parsed.ok || !signers.every(isStated)) return [{ vkeys }];
  return [{ keyStatement: parsed.value as JsonObject | JsonValue[] }, { vkeys }];
}
