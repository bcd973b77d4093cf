// The proof that the head of a submolt's log stands in the system log of its home, to be checked offline.
import { fromBase64, toBase64 } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import type { Did } from '../protocol/did.ts';
import { isObject, type JsonObject, type JsonValue } from '../protocol/json.ts';
import { type KeyResolver, verifyObject } from '../protocol/object.ts';
import { type Checkpoint, formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { type HeadProof, verifyHead } from './heads.ts';
import { HASH_SIZE } from './merkle.ts';
import { formatSystemEntry, type SystemEntry, verifySystemEntry } from './system-entry.ts';

/** The head with its proof, and the entry of the system log that states the heads. */
export interface StatedHead extends HeadProof, SystemEntry {
  readonly head: Checkpoint;
}

/** `head`, `index`, `hashes`, `entry`, `proof`. */
const MEMBERS = 5;

/** What `GET /log/:id/head` answers. */
export function formatStatedHead(stated: StatedHead): JsonObject {
  const { hashes, head, index } = stated;
  return {
    head: formatCheckpoint(head),
    index,
    hashes: hashes.map(toBase64),
    ...formatSystemEntry(stated),
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
  const stated = parseHeadProof(value);
  if (stated === null) return refuse('malformed_proof', 'not what GET /log/:id/head answers');
  const { head } = stated;
  const found = verifySystemEntry(value, crypto);
  if (!found.ok) return found;
  const { authority, checkpoint, entry, object, origin } = found;
  const verdict = await verifyObject(object, { crypto, resolveKey });
  if (!verdict.ok) return refuse('not_stated', verdict.detail);
  const { activity } = verdict.object;
  const isHeads = activity.type === 'Update' && activity.object.type === 'Document';
  if (!isHeads || !verifyHead(activity.object.content, authority, head, stated, crypto)) {
    return refuse('not_stated', `${head.origin} is not among the heads of that entry`);
  }
  return { ok: true, head, node: activity.actor, t: entry.t, checkpoint, origin };
}

function parseHeadProof(value: JsonValue): (HeadProof & Pick<StatedHead, 'head'>) | null {
  if (!isObject(value) || !Array.isArray(value.hashes)) return null;
  if (Object.keys(value).length !== MEMBERS) return null;
  const { hashes, head: text, index } = value;
  const head = typeof text === 'string' ? parseCheckpoint(text) : null;
  // The leaf is what the three lines say; others would be nobody's.
  if (head?.ok === true && formatCheckpoint(head.checkpoint) !== text) return null;
  const nodes = hashes.map((hash) => (typeof hash === 'string' ? fromBase64(hash) : null));
  const whole = nodes.filter((node) => node?.length === HASH_SIZE) as Uint8Array[];
  if (head?.ok !== true || typeof index !== 'number' || whole.length !== nodes.length) return null;
  return { head: head.checkpoint, index, hashes: whole };
}

function refuse(
  reason: Extract<StatedHeadVerdict, { ok: false }>['reason'],
  detail: string,
): StatedHeadVerdict {
  return { ok: false, reason, detail };
}
