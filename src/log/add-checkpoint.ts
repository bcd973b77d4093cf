// Requests for a cosignature (c2sp.org/tlog-witness, add-checkpoint): the size a witness knows, the proof, the checkpoint.
import { fromBase64, toBase64 } from '../protocol/bytes.ts';
import { parseSize } from './checkpoint.ts';
import { HASH_SIZE } from './merkle.ts';

/** "The client MUST NOT send more than 63 consistency proof lines." */
const maxProofLines = 63;

export interface AddCheckpoint {
  /** Size of the checkpoint that the witness has cosigned last, 0 if none. */
  readonly oldSize: number;
  /** From `oldSize` to the size of the checkpoint. */
  readonly proof: readonly Uint8Array[];
  /** The signed note as it came, not read. */
  readonly note: string;
}

export function formatAddCheckpoint({ note, oldSize, proof }: AddCheckpoint): string {
  return `old ${oldSize}\n${proof.map((hash) => `${toBase64(hash)}\n`).join('')}\n${note}`;
}

export type AddCheckpointResult =
  | { readonly ok: true; readonly request: AddCheckpoint }
  | { readonly ok: false; readonly reason: 'malformed_request'; readonly detail: string };

export function parseAddCheckpoint(body: string): AddCheckpointResult {
  // Neither of the lines before it is empty, so the first empty line ends them.
  const split = body.indexOf('\n\n');
  if (split < 0) return malformed('no empty line before the checkpoint');
  const [old = '', ...lines] = body.slice(0, split).split('\n');
  const oldSize = old.startsWith('old ') ? parseSize(old.slice('old '.length)) : null;
  if (oldSize === null) return malformed('the first line is not old <size>');
  if (lines.length > maxProofLines) return malformed(`more than ${maxProofLines} proof lines`);
  const proof: Uint8Array[] = [];
  for (const line of lines) {
    const hash = fromBase64(line);
    if (hash?.length !== HASH_SIZE) return malformed(`proof line ${proof.length + 1}`);
    proof.push(hash);
  }
  return { ok: true, request: { oldSize, proof, note: body.slice(split + 2) } };
}

function malformed(detail: string): AddCheckpointResult {
  return { ok: false, reason: 'malformed_request', detail };
}
