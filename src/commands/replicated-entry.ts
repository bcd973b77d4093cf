// What a replica is given of each entry, and the reasons for not taking it.
import { type Did, parseDid } from '../protocol/did.ts';
import { isObject, type JsonObject } from '../protocol/json.ts';
import type { ObjectRefusal } from '../protocol/object.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import type { PlainObject } from '../protocol/plain-object.ts';
import type { Remains } from '../protocol/remains.ts';

export interface ReplicatedEntry {
  /** The leaf's bytes, not checked yet. */
  readonly line: Uint8Array;
  readonly body:
    | {
        readonly erased: false;
        readonly object: JsonObject;
        readonly plain?: never;
        readonly salt: Uint8Array;
      }
    /** One that came as its bytes, and is ordinary. Its signature is not verified yet. */
    | {
        readonly erased: false;
        readonly object?: never;
        readonly plain: PlainObject;
        readonly salt: Uint8Array;
      }
    | {
        readonly erased: true;
        readonly name: ObjectName;
        /** Index of the Delete. */
        readonly by: number;
        /** Of a Create: its author, and its parent if it was a comment. Null for an Update. */
        readonly author: Did | null;
        readonly parent: ObjectName | null;
        /** Of an act that does more than speak: what remains of it. */
        readonly remains?: Remains | null;
      };
}

/** Who a body says its author is, and under which key, which may not be the author's; null if it names nobody. */
export function namedAuthor(
  body: ReplicatedEntry['body'],
): { readonly did: Did; readonly keyId: string | null } | null {
  if (body.erased) return null;
  if (body.plain !== undefined) return { did: body.plain.actor, keyId: body.plain.keyId };
  const { actor, proof } = body.object;
  const did = typeof actor === 'string' ? parseDid(actor) : null;
  const keyId = isObject(proof) ? proof.verificationMethod : null;
  return did && { did, keyId: typeof keyId === 'string' ? keyId : null };
}

export interface EntriesRefusal {
  readonly ok: false;
  readonly reason:
    | 'log_unknown'
    | 'gap'
    | 'replayed'
    | 'checkpoint_invalid'
    | 'beyond_checkpoint'
    | 'root_mismatch'
    | 'entry_malformed'
    | 'kind_mismatch'
    | 'commitment_mismatch'
    | 'time_backwards'
    | 'too_early'
    | 'wrong_log'
    | 'duplicate_object'
    | 'erasure_unfounded'
    | 'statement_refused'
    | 'object_refused';
  readonly detail: string;
  /** The entry at fault. */
  readonly index?: number;
  /** With `gap`: how many entries the replica has. */
  readonly size?: number;
  /** With `object_refused`: why; `retryable` when a key could not be fetched now. */
  readonly objectReason?: ObjectRefusal;
  readonly retryable?: boolean;
}
