// The proof that the home of a submolt has said in its system log that it was founded there, and when; to be checked offline.
import type { Crypto } from '../protocol/crypto.ts';
import { canonicalize } from '../protocol/jcs.ts';
import type { JsonObject, JsonValue } from '../protocol/json.ts';
import { nameOf, type ObjectName } from '../protocol/object-name.ts';
import { type SystemEntryVerdict, verifySystemEntry } from './system-entry.ts';

/**
 * Checks everything but signatures: that a system log has an entry that commits to the very act that `submolt` is named by.
 * The act is entry 0 of the submolt's log as well, so its author's signature is checked there. `value` is what
 * `GET /log/:id/founding` answers.
 */
export function verifyStatedFounding(
  value: JsonValue,
  submolt: ObjectName | null,
  crypto: Crypto,
): SystemEntryVerdict {
  const found = verifySystemEntry(value, crypto);
  if (!found.ok) return found;
  // `entry` and `proof`, and no more.
  if (Object.keys(value as JsonObject).length !== 2) {
    return {
      ok: false,
      reason: 'malformed_proof',
      detail: 'not what GET /log/:id/founding answers',
    };
  }
  const { entry, object } = found;
  if (entry.k === 'Create' && nameOf(canonicalize(object), crypto) === submolt) return found;
  return { ok: false, reason: 'not_stated', detail: 'that entry does not found this submolt' };
}
