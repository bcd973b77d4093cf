// The form of an evidence file: two signed heads of one log, how their keys are known, and why both cannot be true.
import { fromBase64, toBase64 } from '../protocol/bytes.ts';
import { type CanonicalBytes, canonicalize } from '../protocol/jcs.ts';
import { isObject, type JsonObject, type JsonValue, parseIJson } from '../protocol/json.ts';
import { HASH_SIZE } from './merkle.ts';
import { formatNote, parseNote } from './note.ts';
import type { NoteVerifier } from './note-key.ts';

const EVIDENCE_FORMAT = 'exuvia-evidence-v1';
/** Bytes of a file. */
const MAX_EVIDENCE = 131_072;
/** Hashes of one proof: a tree of 2^53 leaves has paths of 53. */
const MAX_PROOF = 64;
/** A home that has changed its own key has stated its log keys under several documents. */
export const MAX_DOCUMENTS = 8;

/** Shows what the smaller head should have been: the larger one does lead through this root. */
export interface TrueRoot {
  readonly root: Uint8Array;
  /** Consistency proof from there to the larger head. */
  readonly proof: readonly Uint8Array[];
}

/** One leaf of the log as each of the heads has it, with the inclusion proofs. */
export interface TwoLeaves {
  readonly index: number;
  readonly hashes: readonly [Uint8Array, Uint8Array];
  readonly proofs: readonly [readonly Uint8Array[], readonly Uint8Array[]];
}

/** What says which keys are the log's. */
export type EvidenceKeys =
  /** The home's signed statement of the key that signs its logs; the list of all where the key has changed. */
  | { readonly keyStatement: JsonObject | JsonValue[] }
  /** Of the first head and of the second, one if it is the same, where only the reader can say whose they are. */
  | { readonly vkeys: readonly string[] };

export interface EvidenceParts {
  readonly origin: string;
  readonly keys: EvidenceKeys;
  /** Signed notes, the one of the smaller size first. */
  readonly heads: readonly [string, string];
  /** Null where the sizes are equal: two roots for one size need no proof. */
  readonly trueRoot?: TrueRoot | null;
  readonly leaves?: TwoLeaves | null;
  /** The home's DID document, or those under which its statements count; none for a did:key, which needs none. */
  readonly documents?: readonly JsonObject[];
}

/** JSON in JCS form. */
export function encodeEvidence(parts: EvidenceParts): CanonicalBytes {
  const { documents = [], heads, keys, leaves = null, origin, trueRoot = null } = parts;
  return canonicalize({
    format: EVIDENCE_FORMAT,
    log: origin,
    ...('vkeys' in keys ? { vkeys: [...keys.vkeys] } : keys),
    heads: [...heads],
    ...(trueRoot === null
      ? {}
      : { consistency: { root: toBase64(trueRoot.root), proof: trueRoot.proof.map(toBase64) } }),
    ...(leaves === null
      ? {}
      : {
          leaf: {
            index: leaves.index,
            hashes: leaves.hashes.map(toBase64),
            proofs: leaves.proofs.map((proof) => proof.map(toBase64)),
          },
        }),
    ...(documents.length === 0 ? {} : { documents: [...documents] }),
  });
}

export type EvidenceFile =
  | { readonly ok: true; readonly parts: Required<EvidenceParts> }
  | { readonly ok: false; readonly detail: string };

/** Reads the form alone: nothing in it has been verified. */
export function parseEvidence(bytes: Uint8Array): EvidenceFile {
  const parsed = parseIJson(bytes, { maxBytes: MAX_EVIDENCE });
  if (!parsed.ok) return malformed(parsed.detail);
  const { value } = parsed;
  if (!isObject(value) || value.format !== EVIDENCE_FORMAT) {
    return malformed(`not ${EVIDENCE_FORMAT}`);
  }
  const { consistency, documents = [], format: _, heads, leaf, log, ...named } = value;
  const { keyStatement, vkeys, ...rest } = named;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) return malformed(`it has a member ${unknown}`);
  if (typeof log !== 'string') return malformed('log is missing');
  const read = {
    keys: readKeys(keyStatement, vkeys),
    heads: isPair(heads, isText) ? heads : null,
    trueRoot: consistency === undefined ? undefined : readTrueRoot(consistency),
    leaves: leaf === undefined ? undefined : readLeaves(leaf),
    documents: isList(documents, isObject) && documents.length <= MAX_DOCUMENTS ? documents : null,
  };
  const fault = Object.entries(read).find(([, part]) => part === null)?.[0];
  if (fault !== undefined) return malformed(`${NAMES[fault]} cannot be read`);
  if (read.trueRoot && read.leaves) return malformed('consistency and leaf are two proofs');
  const { trueRoot = null, leaves = null, ...others } = read;
  return {
    ok: true,
    parts: { origin: log, trueRoot, leaves, ...others } as Required<EvidenceParts>,
  };
}

const NAMES: Record<string, string> = {
  keys: 'keyStatement or vkeys',
  heads: 'heads',
  trueRoot: 'consistency',
  leaves: 'leaf',
  documents: 'documents',
};

function readKeys(
  keyStatement: JsonValue | undefined,
  vkeys: JsonValue | undefined,
): EvidenceKeys | null {
  if (vkeys === undefined) {
    const isStated = isObject(keyStatement ?? null) || Array.isArray(keyStatement);
    return isStated ? { keyStatement: keyStatement as JsonObject | JsonValue[] } : null;
  }
  const isOneOrTwo = isList(vkeys, isText) && (vkeys.length === 1 || vkeys.length === 2);
  return isOneOrTwo && keyStatement === undefined ? { vkeys } : null;
}

function readTrueRoot(value: JsonValue): TrueRoot | null {
  if (!isObject(value)) return null;
  const root = readHash(value.root);
  const proof = readProof(value.proof);
  return root === null || proof === null ? null : { root, proof };
}

function readLeaves(value: JsonValue): TwoLeaves | null {
  if (!isObject(value) || typeof value.index !== 'number' || value.index < 0) return null;
  const { hashes, index, proofs } = value;
  if (!isPair(hashes, isText) || !isPair(proofs, (proof) => Array.isArray(proof))) return null;
  const [first, second] = hashes.map(readHash);
  const [one, two] = proofs.map(readProof);
  if (!first || !second || !one || !two) return null;
  return { index, hashes: [first, second], proofs: [one, two] };
}

function readProof(value: JsonValue | undefined): Uint8Array[] | null {
  if (!Array.isArray(value) || value.length > MAX_PROOF) return null;
  const hashes = value.map(readHash).filter((hash) => hash !== null);
  return hashes.length === value.length ? hashes : null;
}

function readHash(value: JsonValue | undefined): Uint8Array | null {
  const hash = isText(value) ? fromBase64(value) : null;
  return hash?.length === HASH_SIZE ? hash : null;
}

function isText(value: JsonValue | undefined): value is string {
  return typeof value === 'string';
}

function isList<T extends JsonValue>(
  value: JsonValue | undefined,
  is: (item: JsonValue) => item is T,
): value is T[] {
  return Array.isArray(value) && value.every(is);
}

function isPair<T extends JsonValue>(
  value: JsonValue | undefined,
  is: (item: JsonValue) => item is T,
): value is [T, T] {
  return isList(value, is) && value.length === 2;
}

/**
 * The note with the log's own signature alone, that of the last of these keys: what others have added proves nothing against
 * the log. Null if none of the keys has signed.
 */
export function ownSignatureOnly(note: string, keys: readonly NoteVerifier[]): string | null {
  const parsed = parseNote(note);
  if (!parsed.ok) return null;
  const lines = keys.map(({ keyId, name }) =>
    parsed.note.signatures.find((line) => line.name === name && line.keyId === keyId),
  );
  const own = lines.findLast((line) => line !== undefined);
  return own === undefined ? null : formatNote({ text: parsed.note.text, signatures: [own] });
}

/** The note with whatever is signed under the name of the log: with a whole panel's lines it would be too long to ride along. */
export function uncosigned(note: string): string {
  const parsed = parseNote(note);
  if (!parsed.ok) return note;
  const { signatures, text } = parsed.note;
  const origin = text.slice(0, text.indexOf('\n'));
  const own = signatures.filter(({ name }) => name === origin);
  return own.length === 0 ? note : formatNote({ text, signatures: own });
}

function malformed(detail: string): EvidenceFile {
  return { ok: false, detail };
}
