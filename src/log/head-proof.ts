// The proof that the head of a submolt's log stands in the system log of its home, to be checked offline.
import { fromBase64, fromBase64url, toBase64, toBase64url, utf8 } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import type { Did } from '../protocol/did.ts';
import { isObject, type JsonObject, type JsonValue } from '../protocol/json.ts';
import { type KeyResolver, verifyObject } from '../protocol/object.ts';
import { type Checkpoint, formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { commitment, parseEntry, SALT_SIZE } from './entry.ts';
import { type HeadProof, verifyHead } from './heads.ts';
import { verifyInclusion } from './inclusion.ts';
import { HASH_SIZE, leafHash } from './merkle.ts';
import { parseNote } from './note.ts';
import { parseProofFile } from './proof-file.ts';

export interface StatedHead extends HeadProof {
  readonly head: Checkpoint;
  /** The entry of the system log that states the heads, and its body. */
  readonly line: string;
  readonly object: JsonObject;
  /** base64url. */
  readonly salt: string;
  /** Proof file of that entry. */
  readonly proof: string;
}

/** What `GET /log/:id/head` answers. */
export function formatStatedHead(stated: StatedHead): JsonObject {
  const { hashes, head, index, line, object, proof, salt } = stated;
  return {
    head: formatCheckpoint(head),
    index,
    hashes: hashes.map(toBase64),
    entry: { line, o: object, s: salt },
    proof,
  };
}

export type StatedHeadVerdict =
  | {
      readonly ok: true;
      readonly head: Checkpoint;
      /** The node that stated it, and when: milliseconds, as the entry says. */
      readonly node: Did;
      readonly t: number;
      /** Signed note of the system log. Who has signed it is for the caller to check, under its own policy. */
      readonly checkpoint: string;
      readonly origin: string;
    }
  | {
      readonly ok: false;
      readonly reason: 'malformed_proof' | 'not_included' | 'commitment_mismatch' | 'not_stated';
      readonly detail: string;
    };

/** Checks everything but the signatures of the system log's note. */
export async function verifyStatedHead(
  value: JsonValue,
  { crypto, resolveKey }: { readonly crypto: Crypto; readonly resolveKey: KeyResolver },
): Promise<StatedHeadVerdict> {
  const stated = parseStatedHead(value);
  if (stated === null) return refuse('malformed_proof', 'not what GET /log/:id/head answers');
  const { head, line, object, proof, salt } = stated;
  const file = parseProofFile(proof);
  const entry = parseEntry(utf8(line));
  if (!file.ok || entry === null) return refuse('malformed_proof', 'the entry or its proof');
  const { checkpoint, hashes, index } = file.proof;
  const note = parseNote(checkpoint);
  const system = note.ok ? parseCheckpoint(note.note.text) : note;
  if (!system.ok) return refuse('malformed_proof', system.detail);
  const { origin, root, size } = system.checkpoint;
  const suffix = '/log/system';
  if (!origin.endsWith(suffix)) return refuse('not_stated', `${origin} is no system log`);
  if (!verifyInclusion(index, size, leafHash(utf8(line), crypto), hashes, root, crypto)) {
    return refuse('not_included', `entry ${index} of ${origin}`);
  }
  const verdict = await verifyObject(object, { crypto, resolveKey });
  if (!verdict.ok) return refuse('not_stated', verdict.detail);
  const { activity, bytes } = verdict.object;
  const salted = fromBase64url(salt);
  if (salted?.length !== SALT_SIZE) return refuse('malformed_proof', 'the salt');
  if (entry.c !== toBase64url(commitment(salted, bytes, crypto))) {
    return refuse('commitment_mismatch', 'the entry commits to another object');
  }
  const isHeads = activity.type === 'Update' && activity.object.type === 'Document';
  const authority = origin.slice(0, -suffix.length);
  if (!isHeads || !verifyHead(activity.object.content, authority, head, stated, crypto)) {
    return refuse('not_stated', `${head.origin} is not among the heads of that entry`);
  }
  return { ok: true, head, node: activity.actor, t: entry.t, checkpoint, origin };
}

function parseStatedHead(value: JsonValue): StatedHead | null {
  if (!isObject(value)) return null;
  const { entry, hashes, head: text, index, proof } = value;
  if (!isObject(entry) || !isObject(entry.o) || !Array.isArray(hashes)) return null;
  const { line, o: object, s: salt } = entry;
  const head = typeof text === 'string' ? parseCheckpoint(text) : null;
  const nodes = hashes.map((hash) => (typeof hash === 'string' ? fromBase64(hash) : null));
  const whole = nodes.filter((node) => node?.length === HASH_SIZE) as Uint8Array[];
  if (head?.ok !== true || typeof index !== 'number' || whole.length !== nodes.length) return null;
  if (typeof line !== 'string' || typeof salt !== 'string' || typeof proof !== 'string')
    return null;
  return { head: head.checkpoint, index, hashes: whole, line, object, salt, proof };
}

function refuse(
  reason: Extract<StatedHeadVerdict, { ok: false }>['reason'],
  detail: string,
): StatedHeadVerdict {
  return { ok: false, reason, detail };
}
