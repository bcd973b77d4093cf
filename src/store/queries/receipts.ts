// The proof of a receipt, from stored tiles: for entries that were logged before anybody asked.
import { parseCheckpoint } from '../../log/checkpoint.ts';
import { inclusionProof } from '../../log/inclusion.ts';
import { parseNote } from '../../log/note.ts';
import { formatProofFile } from '../../log/proof-file.ts';
import type { Crypto } from '../../protocol/crypto.ts';
import type { Receipt } from '../../protocol/views.ts';
import type { Database } from '../database.ts';
import { StoreError } from '../error.ts';
import { findLog, proofReader } from './logs.ts';

/** A receipt whose proof is made when it is given to somebody, unless it is at hand. */
export interface StoredReceipt extends Omit<Receipt, 'proof'> {
  readonly proof: string | null;
}

/** Completes a receipt with the proof of its entry under its checkpoint. */
export async function proveReceipt(
  db: Database,
  receipt: StoredReceipt,
  crypto: Crypto,
): Promise<Receipt> {
  if (receipt.proof !== null) return { ...receipt, proof: receipt.proof };
  const { checkpoint, index } = receipt;
  const note = parseNote(checkpoint);
  const tree = note.ok ? parseCheckpoint(note.note.text) : note;
  const log = await findLog(db, receipt.log);
  if (!tree.ok || log === null) throw new StoreError('corrupt', `no checkpoint of ${receipt.log}`);
  const { size } = tree.checkpoint;
  const hashes = await inclusionProof(index, size, proofReader(db, log, size, crypto), crypto);
  return { ...receipt, proof: formatProofFile({ extra: null, index, hashes, checkpoint }) };
}
