// What log entries commit to: signed bytes and salt, or what is left of an erased body.

import type { EntryKind } from '../../log/entry.ts';
import type { Did } from '../../protocol/did.ts';
import type { CanonicalBytes } from '../../protocol/jcs.ts';
import type { ObjectName } from '../../protocol/object-name.ts';
import type { Remains } from '../../protocol/remains.ts';
import {
  blob,
  blobOrNull,
  didOrNull,
  name,
  nameOrNull,
  number,
  text,
  textOrNull,
} from '../cell.ts';
import { type Database, integer, type Row, type Statement } from '../database.ts';
import { lineOf } from '../entries.ts';
import { StoreError } from '../error.ts';
import type { LogHead } from '../logs.ts';
import { readRemains } from '../skeletons.ts';

export type StoredBody =
  | {
      readonly erased: false;
      readonly name: ObjectName;
      readonly bytes: CanonicalBytes;
      readonly salt: Uint8Array;
    }
  | {
      readonly erased: true;
      readonly name: ObjectName;
      /** Index of the Delete; null where this node alone has dropped the body, by the Delete `withdrawal` of its own. */
      readonly by: number | null;
      readonly withdrawal: CanonicalBytes | null;
      /** Of an erased act that is neither post, comment nor profile: what remains of it. */
      readonly remains: Remains | null;
      /** Author of an erased Create, and its parent if it was a comment: a replica keeps the thread in shape with them. */
      readonly author: Did | null;
      readonly parent: ObjectName | null;
    };

export interface StoredLeaf {
  readonly index: number;
  /** The leaf's exact bytes. */
  readonly line: Uint8Array;
  readonly body: StoredBody;
}

/** Entries [start, end) with their bodies, in order; fewer where the log ends before. */
export async function readLeaves(
  db: Database,
  log: Pick<LogHead, 'id' | 'origin'>,
  start: number,
  end: number,
): Promise<StoredLeaf[]> {
  const [rows = []] = await db.batch('read', [leavesStatement(log.id, start, end)]);
  return rows.map((row) => ({
    index: number(row, 0),
    line: lineOf({
      kind: text(row, 1) as EntryKind,
      t: number(row, 2),
      commitment: blob(row, 3),
    }),
    body: bodyOf(row, log.origin),
  }));
}

function leavesStatement(log: number, start: number, end: number): Statement {
  return {
    sql: `SELECT e.idx, e.kind, e.t, e.commitment, e.salt, e.erased_by, o.hash, o.bytes, a.did, p.hash, d.bytes, k.remains
FROM entries AS e
JOIN objects AS o ON o.id = e.object
LEFT JOIN skeletons AS k ON k.object = e.object AND e.erased_by IS NOT NULL
LEFT JOIN agents AS a ON a.id = k.author
LEFT JOIN objects AS p ON p.id = k.parent
LEFT JOIN withdrawals AS w ON w.object = e.object AND e.erased_by = e.idx
LEFT JOIN objects AS d ON d.id = w.act
WHERE e.log = ? AND e.idx >= ? AND e.idx < ? ORDER BY e.idx`,
    args: [integer(log), integer(start), integer(end)],
  };
}

function bodyOf(row: Row, origin: string): StoredBody {
  const object = name(row, 6);
  const salt = blobOrNull(row, 4);
  if (salt === null) {
    const left = textOrNull(row, 11);
    const skeleton =
      left === null
        ? { author: didOrNull(row, 8), parent: nameOrNull(row, 9), remains: null }
        : { author: null, parent: null, remains: readRemains(left) };
    const withdrawal = blobOrNull(row, 10) as CanonicalBytes | null;
    const by = withdrawal === null ? number(row, 5) : null;
    return { erased: true, name: object, by, withdrawal, ...skeleton };
  }
  const bytes = blobOrNull(row, 7);
  if (bytes === null) {
    throw new StoreError('corrupt', `${origin}: entry ${number(row, 0)} has lost its body`);
  }
  return { erased: false, name: object, bytes: bytes as CanonicalBytes, salt };
}
