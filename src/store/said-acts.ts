// Acts whose words may be erased, read from where they stand: with their words, or as what is left of them.
import { bySubject } from '../domain/subject.ts';
import type { SaidAct } from '../domain/working-set.ts';
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { actOf, remainsOf } from '../protocol/remains.ts';
import { readActivity } from './activity-bytes.ts';
import {
  blobOrNull,
  did,
  hexList,
  name,
  nameOrNull,
  number,
  numberOrNull,
  textOrNull,
} from './cell.ts';
import type { Row, Statement } from './database.ts';
import type { Numbering } from './numbering.ts';
import { readRemains } from './skeletons.ts';

export interface PlacedAct extends SaidAct {
  /** Home of the log. */
  readonly home: Did;
  /** Number of the log, and index there. */
  readonly at: { readonly log: number; readonly index: number };
  /** Index of the Delete that has erased it there; its own where this node has dropped it. */
  readonly by: number | null;
}

// Most Deletes are of posts: their bytes stay where they are.
const HAS_FORM = `e.kind NOT IN ('Like', 'Dislike', 'Undo', 'Follow', 'Move')
AND (e.kind <> 'Create' OR l.submolt IS NULL OR l.submolt = o.id)`;

export function selectSaidActs(names: Iterable<ObjectName>): Statement {
  return {
    sql: `SELECT o.id, o.hash, s.hash, h.did, e.log, e.idx, o.bytes, e.erased_by, r.remains
FROM json_each(?1) AS k
CROSS JOIN objects AS o ON o.hash = unhex(k.value)
CROSS JOIN entries AS e ON e.object = o.id
JOIN logs AS l ON l.id = e.log
JOIN agents AS h ON h.id = l.home
LEFT JOIN objects AS s ON s.id = l.submolt
LEFT JOIN skeletons AS r ON r.object = o.id
WHERE ${HAS_FORM}`,
    args: [hexList(names)],
  };
}

/** Null for an object that has no form without words. */
export function readSaidAct(row: Row, numbering: Numbering): PlacedAct | null {
  const act = name(row, 1);
  numbering.learnObject(act, number(row, 0));
  const bytes = blobOrNull(row, 6);
  const left = textOrNull(row, 8);
  if (bytes === null && left === null) return null;
  const activity =
    bytes === null ? actOf(readRemains(left as string)) : bySubject(readActivity(bytes, act));
  if (remainsOf(activity) === null) return null;
  const at = { log: number(row, 4), index: number(row, 5) };
  const log = nameOrNull(row, 2) ?? 'system';
  return {
    name: act,
    log,
    home: did(row, 3),
    activity,
    erased: false,
    at,
    by: numberOrNull(row, 7),
  };
}

/** As it stands before the entry that is applied, or before none; undefined if it comes later. */
export function asOf(
  act: PlacedAct,
  entry: { readonly log: number; readonly index: number } | null,
): SaidAct | undefined {
  const here = entry?.log === act.at.log ? entry.index : null;
  if (here !== null && act.at.index > here) return undefined;
  // A log is replayed with what was erased later gone already.
  const { at, by } = act;
  const erased = act.erased || (by !== null && by > at.index && (here === null || by < here));
  return { name: act.name, log: act.log, activity: act.activity, erased };
}
