// Signed notes (c2sp.org/signed-note): strict parsing, signing, and verification against known keys.
import { concatBytes, fromBase64, fromHex, toBase64, toHex, utf8 } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { cosign, verifyCosignature } from './cosignature.ts';
import { LogError } from './error.ts';
import { COSIGNATURE_V1, isKeyName, type NoteSigner, type NoteVerifier } from './note-key.ts';

/** "MUST accept at least up to 16 signatures"; this many bound the work a stranger can cause. */
export const MAX_NOTE_SIGNATURES = 64;
/** Characters of a whole note. */
const maxNoteLength = 1_000_000;

export interface NoteSignature {
  readonly name: string;
  /** Eight hex digits. */
  readonly keyId: string;
  readonly signature: Uint8Array;
}

/** A parsed note. Its text is not to be trusted before `verifyNote` has accepted it. */
export interface Note {
  /** With its final newline, without the blank line that follows. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export type NoteResult =
  | { readonly ok: true; readonly note: Note }
  | {
      readonly ok: false;
      /** `malformed_signature`: a signature line like any other, but its base64 is no signature's one spelling. */
      readonly reason: 'malformed_note' | 'malformed_signature';
      readonly detail: string;
    };

/** Splits a note at its last blank line. Any departure from the format is a refusal. */
export function parseNote(source: string): NoteResult {
  if (source.length > maxNoteLength) return malformed('longer than any note');
  if (!source.isWellFormed()) return malformed('not valid Unicode');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what the format forbids.
  if (/[\u0000-\u0009\u000b-\u001f]/.test(source)) return malformed('control character');
  const split = source.lastIndexOf('\n\n');
  if (split < 0) return malformed('no blank line before the signatures');
  const lines = source.slice(split + 2).split('\n');
  if (lines.pop() !== '') return malformed('no newline at the end');
  if (lines.length === 0) return malformed('no signature');
  if (lines.length > MAX_NOTE_SIGNATURES) return malformed('too many signatures');
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = readSignatureLine(line);
    if (typeof signature === 'string') {
      return { ok: false, reason: signature, detail: `signature line ${signatures.length + 1}` };
    }
    signatures.push(signature);
  }
  return { ok: true, note: { text: source.slice(0, split + 1), signatures } };
}

/** Reads one line `— <name> <base64>` without its newline, as witnesses answer with. */
export function parseSignatureLine(line: string): NoteSignature | null {
  const signature = readSignatureLine(line);
  return typeof signature === 'string' ? null : signature;
}

function readSignatureLine(line: string): NoteSignature | 'malformed_note' | 'malformed_signature' {
  const [dash, name = '', encoded = '', ...rest] = line.split(' ');
  if (dash !== '—' || !isKeyName(name) || rest.length > 0) return 'malformed_note';
  const bytes = fromBase64(encoded);
  if (bytes !== null && bytes.length >= 5) {
    return { name, keyId: toHex(bytes.subarray(0, 4)), signature: bytes.slice(4) };
  }
  // Readers of loose base64 see a bad signature here, not a bad note, and witnesses must answer as they do.
  return /^[A-Za-z0-9+/]+={0,2}$/.test(encoded) ? 'malformed_signature' : 'malformed_note';
}

export function formatSignatureLine(signature: NoteSignature): string {
  const bytes = concatBytes(fromHex(signature.keyId) as Uint8Array, signature.signature);
  return `— ${signature.name} ${toBase64(bytes)}`;
}

export function formatNote(note: Note): string {
  return `${note.text}\n${note.signatures.map((line) => `${formatSignatureLine(line)}\n`).join('')}`;
}

/**
 * Signs `text`, which ends in a newline, with each signer in turn. A witness's signer
 * (`COSIGNATURE_V1`) needs `timestamp`, in seconds.
 */
export function signNote(
  text: string,
  signers: readonly NoteSigner[],
  crypto: Crypto,
  timestamp?: number,
): string {
  const signatures = signers.map((signer) => makeSignature(text, signer, crypto, timestamp));
  const source = formatNote({ text, signatures });
  const parsed = parseNote(source);
  if (!parsed.ok || parsed.note.text !== text) {
    throw new LogError('invalid_argument', 'this text cannot be a note');
  }
  return source;
}

/** One signature over a note's text, to be added to the note. */
export function makeSignature(
  text: string,
  signer: NoteSigner,
  crypto: Crypto,
  timestamp?: number,
): NoteSignature {
  const { name, keyId, type, seed } = signer;
  if (type !== COSIGNATURE_V1) return { name, keyId, signature: crypto.sign(seed, utf8(text)) };
  if (timestamp === undefined) throw new LogError('invalid_argument', 'a cosignature has a time');
  return { name, keyId, signature: cosign(text, timestamp, signer, crypto) };
}

export interface VerifiedSignature {
  readonly verifier: NoteVerifier;
  /** Seconds at which a witness signed; null for a plain signature. */
  readonly timestamp: number | null;
}

export type NoteVerdict =
  | { readonly ok: true; readonly text: string; readonly signatures: readonly VerifiedSignature[] }
  | {
      readonly ok: false;
      readonly reason: 'no_known_signature' | 'signature_invalid' | 'ambiguous_key';
      readonly detail: string;
    };

/**
 * Accepts a note that at least one of the keys signed. Signatures of unknown keys are ignored; one bad signature of a
 * known key refuses the note; a key counts once, however often its line is repeated.
 */
export async function verifyNote(
  note: Note,
  verifiers: readonly NoteVerifier[],
  crypto: Crypto,
): Promise<NoteVerdict> {
  const known = new Map<string, NoteVerifier>();
  for (const verifier of verifiers) {
    const other = known.get(identity(verifier));
    if (other !== undefined && toHex(other.publicKey) !== toHex(verifier.publicKey)) {
      return refusal('ambiguous_key', `two keys are ${verifier.name}+${verifier.keyId}`);
    }
    known.set(identity(verifier), verifier);
  }
  const accepted = new Map<string, VerifiedSignature>();
  for (const line of note.signatures) {
    const verifier = known.get(identity(line));
    if (verifier === undefined) continue;
    const verified = await verifyLine(note.text, line.signature, verifier, crypto);
    if (verified === null) return refusal('signature_invalid', `by ${line.name}+${line.keyId}`);
    if (!accepted.has(identity(line))) accepted.set(identity(line), verified);
  }
  if (accepted.size === 0) return refusal('no_known_signature', 'no known key has signed');
  return { ok: true, text: note.text, signatures: [...accepted.values()] };
}

async function verifyLine(
  text: string,
  signature: Uint8Array,
  verifier: NoteVerifier,
  crypto: Crypto,
): Promise<VerifiedSignature | null> {
  if (verifier.type === COSIGNATURE_V1) {
    const timestamp = await verifyCosignature(text, signature, verifier.publicKey, crypto);
    return timestamp === null ? null : { verifier, timestamp };
  }
  const good = await crypto.verify(verifier.publicKey, utf8(text), signature);
  return good ? { verifier, timestamp: null } : null;
}

/** A key name has no '+', so this is unambiguous. */
function identity(key: { readonly name: string; readonly keyId: string }): string {
  return `${key.name}+${key.keyId}`;
}

function malformed(detail: string): NoteResult {
  return { ok: false, reason: 'malformed_note', detail };
}

function refusal(
  reason: 'no_known_signature' | 'signature_invalid' | 'ambiguous_key',
  detail: string,
): NoteVerdict {
  return { ok: false, reason, detail };
}
