// One entry of a node's system log with its body and its proof, to be checked offline.
import { fromBase64url, toBase64url, utf8 } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { canonicalize } from '../protocol/jcs.ts';
import { isObject, type JsonObject, type JsonValue } from '../protocol/json.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { commitment, type LogEntry, parseEntry, SALT_SIZE } from './entry.ts';
import { verifyInclusion } from './inclusion.ts';
import { leafHash } from './merkle.ts';
import { parseNote } from './note.ts';
import { parseProofFile } from './proof-file.ts';

export interface SystemEntry {
  readonly line: string;
  readonly object: JsonObject;
  /** base64url. */
  readonly salt: string;
  /** Proof file of the entry. */
  readonly proof: string;
}

export function formatSystemEntry({ line, object, proof, salt }: SystemEntry): JsonObject {
  return { entry: { line, o: object, s: salt }, proof };
}

type SystemEntryFault = 'malformed_proof' | 'not_included' | 'commitment_mismatch';

export type SystemEntryVerdict =
  | {
      readonly ok: true;
      readonly entry: LogEntry;
      /** Not verified. */
      readonly object: JsonObject;
      /** Of the node whose system log it is. */
      readonly authority: string;
      readonly origin: string;
      /** Signed note of the system log. Who has signed it is for the caller to check, under its own policy. */
      readonly checkpoint: string;
    }
  | {
      readonly ok: false;
      readonly reason: SystemEntryFault | 'not_stated';
      readonly detail: string;
    };

const SUFFIX = '/log/system';

/** Checks that a system log has the entry, and that it commits to the object: everything but signatures. */
export function verifySystemEntry(value: JsonValue, crypto: Crypto): SystemEntryVerdict {
  const stated = parseSystemEntry(value);
  if (stated === null) return refuse('malformed_proof', 'not an entry and its proof');
  const { line, object, proof, salt } = stated;
  const file = parseProofFile(proof);
  const entry = parseEntry(utf8(line));
  if (!file.ok || entry === null) return refuse('malformed_proof', 'the entry or its proof');
  const { checkpoint, hashes, index } = file.proof;
  const note = parseNote(checkpoint);
  const system = note.ok ? parseCheckpoint(note.note.text) : note;
  if (!system.ok) return refuse('malformed_proof', system.detail);
  const { origin, root, size } = system.checkpoint;
  if (!origin.endsWith(SUFFIX)) return refuse('not_stated', `${origin} is no system log`);
  if (!verifyInclusion(index, size, leafHash(utf8(line), crypto), hashes, root, crypto)) {
    return refuse('not_included', `entry ${index} of ${origin}`);
  }
  const salted = fromBase64url(salt);
  if (salted?.length !== SALT_SIZE) return refuse('malformed_proof', 'the salt');
  if (entry.c !== toBase64url(commitment(salted, canonicalize(object), crypto))) {
    return refuse('commitment_mismatch', 'the entry commits to another object');
  }
  const authority = origin.slice(0, -SUFFIX.length);
  return { ok: true, entry, object, authority, origin, checkpoint };
}

function parseSystemEntry(value: JsonValue): SystemEntry | null {
  if (!isObject(value) || !isObject(value.entry) || !isObject(value.entry.o)) return null;
  const { line, o: object, s: salt, ...more } = value.entry;
  if (Object.keys(more).length > 0) return null;
  const { proof } = value;
  const isText = typeof line === 'string' && typeof salt === 'string' && typeof proof === 'string';
  return isText ? { line, object, salt, proof } : null;
}

function refuse(reason: SystemEntryFault | 'not_stated', detail: string): SystemEntryVerdict {
  return { ok: false, reason, detail };
}
