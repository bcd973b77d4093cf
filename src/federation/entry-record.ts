// Log entries with their bodies as nodes send them to each other: in bodies that are pulled and in batches that are pushed.
import type { ReplicatedEntry } from '../commands/apply-entries.ts';
import { SALT_SIZE } from '../log/entry.ts';
import { concatBytes, fromBase64url, toBase64url, utf8 } from '../protocol/bytes.ts';
import { parseSubject } from '../protocol/did.ts';
import { isObject, type JsonObject, type JsonValue } from '../protocol/json.ts';
import { parseObjectName } from '../protocol/object-name.ts';
import { encodeRemains, parseRemains } from '../protocol/remains.ts';
import type { StoredBody } from '../store/queries/bodies.ts';
import { isIndex } from './json-shape.ts';

/** A signed object and the salt that opens its entry, or what is left of a body that was erased. */
export type EntryBody = ReplicatedEntry['body'];

/**
 * Reads the members `o` and `s` of a body; or, of an erased one, its name `n`, the index `by` of the Delete, and for
 * a post or comment the subject `a` of its author and the parent `p`, or for another act what remains of it, `r`. Null for
 * anything else, also for a body that the other node has withdrawn: it has to be had from another.
 */
export function parseEntryBody(record: JsonObject): EntryBody | null {
  return record.o === undefined ? parseErased(record) : parseBody(record);
}

function parseBody({ o: object, s, n, by, a, p, r }: JsonObject): EntryBody | null {
  const salt = typeof s === 'string' ? fromBase64url(s) : null;
  const mixed = [n, by, a, p, r].some((member) => member !== undefined);
  if (mixed || !isObject(object) || salt?.length !== SALT_SIZE) return null;
  return { erased: false, object, salt };
}

function parseErased({ s, n, by, a, p, r }: JsonObject): EntryBody | null {
  const name = typeof n === 'string' ? parseObjectName(n) : null;
  const author = typeof a === 'string' ? parseSubject(a) : null;
  const parent = typeof p === 'string' ? parseObjectName(p) : null;
  const remains = r === undefined ? null : parseRemains(r);
  if (s !== undefined || name === null || !isIndex(by)) return null;
  if (r !== undefined && remains === null) return null;
  if ((a !== undefined && author === null) || (p !== undefined && parent === null)) return null;
  return { erased: true, name, by, author, parent, remains };
}

/** Reads one element of a pushed batch: `line` beside the body's members. */
export function parseEntryRecord(value: JsonValue): ReplicatedEntry | null {
  if (!isObject(value) || typeof value.line !== 'string') return null;
  const body = parseEntryBody(value);
  return body === null ? null : { line: utf8(value.line), body };
}

/**
 * The JSON of a stored body with `head` as its first members, such as `"i":7`: what `parseEntryBody` reads. Signed
 * bytes stand in it as they are.
 */
export function encodeEntryBody(head: string, body: StoredBody): Uint8Array {
  if (!body.erased) {
    return concatBytes(
      utf8(`{${head},"o":`),
      body.bytes,
      utf8(`,"s":"${toBase64url(body.salt)}"}`),
    );
  }
  const { author, by, name, parent, remains, withdrawal } = body;
  const a = author === null ? '' : `,"a":"${author}"`;
  const p = parent === null ? '' : `,"p":"${parent}"`;
  const r = remains === null ? '' : `,"r":${encodeRemains(remains)}`;
  const left = `"n":"${name}"${a}${p}${r}`;
  if (withdrawal !== null) {
    return concatBytes(utf8(`{${head},${left},"w":`), withdrawal, utf8('}'));
  }
  return utf8(`{${head},"by":${by},${left}}`);
}
