// Two signed heads of one log that cannot both be true, as a file that convicts the log to anybody, without a connection.
import { equalBytes, fromBase64, toBase64 } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { type Did, didMethod } from '../protocol/did.ts';
import { keysFor } from '../protocol/did-document.ts';
import { type CanonicalBytes, canonicalize } from '../protocol/jcs.ts';
import { isObject, type JsonObject, type JsonValue, parseIJson } from '../protocol/json.ts';
import { didKeyResolver, type KeyResolver } from '../protocol/object.ts';
import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import { verifyConsistency } from './consistency.ts';
import { verifyKeyChain } from './key-chain.ts';
import { formatNote, parseNote } from './note.ts';
import { NOTE_ED25519, type NoteVerifier, noteVerifier } from './note-key.ts';

const EVIDENCE_FORMAT = 'exuvia-evidence-v1';
/** Bytes of a file. */
const MAX_EVIDENCE = 131_072;

/** Shows what the smaller head should have been: the larger one does lead through this root. */
export interface TrueRoot {
  readonly root: Uint8Array;
  /** Consistency proof from there to the larger head. */
  readonly proof: readonly Uint8Array[];
}

export interface EvidenceParts {
  readonly origin: string;
  /** The home's signed statement of the key that signs its logs; the list of all where the key has changed. */
  readonly keyStatement: JsonObject | JsonValue[];
  /** Signed notes, the one of the smaller size first. */
  readonly heads: readonly [string, string];
  /** Null where the sizes are equal. */
  readonly trueRoot: TrueRoot | null;
  /** The home's DID document; null for a did:key, which needs none. */
  readonly document: JsonObject | null;
}

/** The file: JSON in JCS form. */
export function encodeEvidence(parts: EvidenceParts): CanonicalBytes {
  const { document, heads, keyStatement, origin, trueRoot } = parts;
  return canonicalize({
    format: EVIDENCE_FORMAT,
    log: origin,
    keyStatement,
    heads: [...heads],
    ...(trueRoot === null
      ? {}
      : {
          consistency: { root: toBase64(trueRoot.root), proof: trueRoot.proof.map(toBase64) },
        }),
    ...(document === null ? {} : { document }),
  });
}

export type EvidenceVerdict =
  | {
      readonly ok: true;
      readonly origin: string;
      readonly home: Did;
      /** The smaller one first. */
      readonly heads: readonly [Checkpoint, Checkpoint];
      /** What says that the log key is the home's: its own DID, or the document that the file brings. */
      readonly keyFrom: 'did' | 'document';
      /** A head is signed with a key that the home has replaced: if that was stolen, the thief can have made the head. */
      readonly replacedKey: boolean;
    }
  | {
      readonly ok: false;
      /**
       * `malformed`: not such a file. `key_statement_refused`: nobody has stated the key. `head_refused`: a head is not signed by it,
       * or of another log. `no_contradiction`: both heads may be true.
       */
      readonly reason: 'malformed' | 'key_statement_refused' | 'head_refused' | 'no_contradiction';
      readonly detail: string;
    };

type Refusal = Extract<EvidenceVerdict, { ok: false }>;

/** Verifies a file by itself. Never throws. */
export async function verifyEvidence(bytes: Uint8Array, crypto: Crypto): Promise<EvidenceVerdict> {
  const parts = parseEvidence(bytes);
  if ('ok' in parts) return parts;
  const { document, origin } = parts;
  const key = await openStatement(parts, crypto);
  if ('ok' in key) return key;
  const verifiers = key.logKeys.map((one) => noteVerifier(origin, NOTE_ED25519, one, crypto));
  const [first, second] = await Promise.all(
    parts.heads.map((note) => openCheckpoint(note, verifiers, crypto, origin)),
  );
  if (!first?.ok || !second?.ok) {
    const which = first?.ok ? 'second' : 'first';
    const refused = first?.ok ? second : first;
    return refuse('head_refused', `the ${which} head: ${refused?.ok ? '' : refused?.detail}`);
  }
  const heads = [first.checkpoint, second.checkpoint] as const;
  const harmless = findHarmless(heads, parts.trueRoot, crypto);
  if (harmless !== null) return refuse('no_contradiction', harmless);
  return {
    ok: true,
    origin,
    home: key.home,
    heads,
    keyFrom: document === null ? 'did' : 'document',
    replacedKey: [first, second].some(({ signatures }) =>
      signatures.every(({ verifier }) => verifier !== verifiers.at(-1)),
    ),
  };
}

/** Why both heads may be true; null if they cannot. */
function findHarmless(
  [first, second]: readonly [Checkpoint, Checkpoint],
  trueRoot: TrueRoot | null,
  crypto: Crypto,
): string | null {
  if (first.size === second.size) {
    return equalBytes(first.root, second.root) ? 'both heads say the same' : null;
  }
  if (first.size > second.size) return 'the larger head stands first';
  if (trueRoot === null)
    return 'nothing shows that the larger head does not go on from the smaller';
  const { proof, root } = trueRoot;
  if (!verifyConsistency(first.size, second.size, root, second.root, proof, crypto)) {
    return 'the proof does not lead to the larger head';
  }
  return equalBytes(root, first.root) ? 'the larger head goes on from the smaller' : null;
}

/** The note with the log's own signature alone: what others have added proves nothing against the log. */
export function ownSignatureOnly(note: string, { keyId, name }: NoteVerifier): string | null {
  const parsed = parseNote(note);
  if (!parsed.ok) return null;
  const own = parsed.note.signatures.find((line) => line.name === name && line.keyId === keyId);
  return own === undefined ? null : formatNote({ text: parsed.note.text, signatures: [own] });
}

function parseEvidence(bytes: Uint8Array): EvidenceParts | Refusal {
  const parsed = parseIJson(bytes, { maxBytes: MAX_EVIDENCE });
  if (!parsed.ok) return refuse('malformed', parsed.detail);
  const value = parsed.value;
  if (!isObject(value) || value.format !== EVIDENCE_FORMAT) {
    return refuse('malformed', `not ${EVIDENCE_FORMAT}`);
  }
  const { consistency = null, document = null, heads, keyStatement = null, log } = value;
  if (typeof log !== 'string' || !(isObject(keyStatement) || Array.isArray(keyStatement))) {
    return refuse('malformed', 'log or keyStatement is missing');
  }
  const [first, second, ...more] = Array.isArray(heads) ? heads : [];
  if (typeof first !== 'string' || typeof second !== 'string' || more.length > 0) {
    return refuse('malformed', 'heads are not two notes');
  }
  const trueRoot = consistency === null ? null : parseTrueRoot(consistency);
  if (trueRoot === undefined) return refuse('malformed', 'consistency is not a root and a proof');
  if (document !== null && !isObject(document)) return refuse('malformed', 'document is no object');
  return { origin: log, keyStatement, heads: [first, second], trueRoot, document };
}

function parseTrueRoot(value: JsonValue): TrueRoot | undefined {
  if (!isObject(value) || typeof value.root !== 'string' || !Array.isArray(value.proof)) {
    return undefined;
  }
  const root = fromBase64(value.root);
  const proof = value.proof.map((hash) => (typeof hash === 'string' ? fromBase64(hash) : null));
  const whole = proof.filter((hash) => hash !== null);
  return root === null || whole.length !== proof.length ? undefined : { root, proof: whole };
}

async function openStatement(
  { document, keyStatement, origin }: EvidenceParts,
  crypto: Crypto,
): Promise<{ readonly home: Did; readonly logKeys: readonly Uint8Array[] } | Refusal> {
  const verdict = await verifyKeyChain(keyStatement, { crypto, resolveKey: keysOf(document) });
  if (!verdict.ok) return refuse('key_statement_refused', verdict.detail);
  const { home, keys: logKeys } = verdict.chain;
  const host = didMethod(home) === 'web' ? home.slice('did:web:'.length) : null;
  if (host !== null && !origin.startsWith(`${decodeURIComponent(host)}/log/`)) {
    return refuse('head_refused', `${origin} is no log of ${home}`);
  }
  return { home, logKeys };
}

/** A did:key needs no document; that of a did:web stands in the file. */
function keysOf(document: JsonObject | null): KeyResolver {
  return async (did, id) => {
    if (didMethod(did) === 'key') return didKeyResolver(did, id);
    const found = keysFor(document, did, 'assertionMethod');
    const key = found.ok ? found.keys.find((candidate) => candidate.id === id) : undefined;
    if (key !== undefined) return { ok: true, publicKey: key.publicKey };
    const detail = `the file has no document that lists ${id}`;
    return { ok: false, reason: 'key_not_found', detail, retryable: false };
  };
}

function refuse(reason: Refusal['reason'], detail: string): Refusal {
  return { ok: false, reason, detail };
}
