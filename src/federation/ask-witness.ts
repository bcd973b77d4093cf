// Asks one witness to cosign one checkpoint (c2sp.org/tlog-witness): with a proof from what it knows, which it says itself.
import { witnessName } from '../commands/origin.ts';
import { formatAddCheckpoint } from '../log/add-checkpoint.ts';
import { parseSize } from '../log/checkpoint.ts';
import { consistencyProof } from '../log/consistency.ts';
import { type Note, type NoteSignature, parseSignatureLine, verifyNote } from '../log/note.ts';
import { COSIGNATURE_V1, noteVerifier } from '../log/note-key.ts';
import { decodeUtf8, utf8 } from '../protocol/bytes.ts';
import type { Did } from '../protocol/did.ts';
import type { LogHead } from '../store/logs.ts';
import { proofReader } from '../store/queries/logs.ts';
import type { FederationContext } from './context.ts';

/** A node that this one asks to cosign. */
export interface PanelMember {
  readonly did: Did;
  /** URL origin. */
  readonly url: string;
  readonly key: Uint8Array;
}

export type WitnessReply =
  | { readonly kind: 'cosigned'; readonly signature: NoteSignature }
  /** No answer, or none that is worth anything; perhaps later. */
  | { readonly kind: 'failed'; readonly detail: string }
  /** It has cosigned more, or something else: one of the two nodes has lost or changed a part of this log. */
  | { readonly kind: 'disputed'; readonly detail: string };

/** "Time-out 1 s": who is slower cosigns the next one. */
const LIMITS = { timeMs: 1_000, maxBytes: 16_384 } as const;
/** The size that was thought, the one it names, and once more if the log was cosigned meanwhile. */
const MAX_TRIES = 3;
/** Seconds. Verifiers count nothing that is dated beyond their clock, and blame the home for what is dated before its entries. */
const CLOCK_SKEW = 300;

/** `guess` is the size it is thought to know. */
export async function askWitness(
  context: FederationContext,
  witness: PanelMember,
  log: LogHead,
  note: Note,
  guess: number,
): Promise<WitnessReply> {
  const { client, crypto, db } = context;
  const size = log.signedSize;
  const reader = proofReader(db, log, size, crypto);
  let oldSize = Math.min(guess, size);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const proof = oldSize === 0 ? [] : await consistencyProof(oldSize, size, reader, crypto);
    const body = formatAddCheckpoint({ oldSize, proof, note: log.checkpoint ?? '' });
    const answer = await client.post(`${witness.url}/witness/add-checkpoint`, utf8(body), LIMITS);
    if (!answer.ok) return failed(answer.detail);
    const text = textOf(answer.body);
    if (answer.status === 200) return readCosignature(context, witness, note, text);
    if (answer.status === 422) return disputed(`it knows another history of ${oldSize} entries`);
    if (answer.status !== 409) return failed(`it answers ${answer.status}`);
    const known = text.endsWith('\n') ? parseSize(text.slice(0, -1)) : null;
    if (known === null || known === oldSize) return failed('it does not say what size it knows');
    if (known > size) return disputed(`it has cosigned ${known} entries, and there are ${size}`);
    oldSize = known;
  }
  return failed('it knows another size each time');
}

/** "The client MUST ignore any cosignatures from unknown keys." */
async function readCosignature(
  { crypto, now, wantRefresh }: FederationContext,
  { key, url }: PanelMember,
  { text }: Note,
  answer: string,
): Promise<WitnessReply> {
  const name = witnessName({ authority: new URL(url).host });
  const verifier = noteVerifier(name, COSIGNATURE_V1, key, crypto);
  const lines = answer.split('\n').slice(0, -1).map(parseSignatureLine);
  const signature = lines.find((line) => line?.name === name && line.keyId === verifier.keyId);
  if (!signature) {
    // It may have another key by now.
    wantRefresh(new URL(url).host);
    return failed('its answer has no cosignature under its key');
  }
  const verdict = await verifyNote({ text, signatures: [signature] }, [verifier], crypto);
  if (!verdict.ok) return failed(verdict.detail);
  const timestamp = verdict.signatures[0]?.timestamp ?? 0;
  if (Math.abs(timestamp - now() / 1000) > CLOCK_SKEW) {
    return failed(`its cosignature is dated ${timestamp}, which is not now`);
  }
  return { kind: 'cosigned', signature };
}

function textOf(bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes);
  } catch {
    return '';
  }
}

function failed(detail: string): WitnessReply {
  return { kind: 'failed', detail };
}

function disputed(detail: string): WitnessReply {
  return { kind: 'disputed', detail };
}
