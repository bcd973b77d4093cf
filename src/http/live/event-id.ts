// Ids of events: the place that a reader has come to, in a form that holds over restarts and for this node alone.
import { toBase64url, utf8 } from '../../protocol/bytes.ts';
import type { Crypto } from '../../protocol/crypto.ts';
import type { Did } from '../../protocol/did.ts';
import type { Place } from '../../store/arrivals.ts';
import type { Database } from '../../store/database.ts';
import { findNewestPlace, findPlace, type KnownPlace } from '../../store/queries/arrival-places.ts';

/** How far a reader has come. */
export interface Mark {
  readonly place: Place;
  /** Makes the place one of this node's history: of its DID and of the commitment that stands there. */
  readonly check: string;
  /** Of votes all have been told that came with this version or before. */
  readonly votes: number;
}

type MarkRefusal = 'event_id_malformed' | 'event_id_unknown' | 'event_id_too_old';

export type MarkVerdict =
  | { readonly ok: true; readonly mark: Mark }
  | { readonly ok: false; readonly code: MarkRefusal; readonly detail: string };

interface Marker {
  readonly crypto: Pick<Crypto, 'sha256'>;
  readonly did: Did;
}

const FORM = /^(\d{1,15})\.(\d{1,15})\.(\d{1,15})\.(\d{1,15})\.([\w-]{8})$/;

export function formatMark({ check, place, votes }: Mark): string {
  return `${place.version}.${place.log}.${place.index}.${votes}.${check}`;
}

/** The mark of a reader who has been told everything up to and with this place. */
export function markAt({ commitment, place }: KnownPlace, { crypto, did }: Marker): Mark {
  const hash = crypto.sha256(new Uint8Array([...utf8(`exuvia-event-v1\0${did}\0`), ...commitment]));
  return { place, check: toBase64url(hash.subarray(0, 6)), votes: place.version };
}

/** Where a new reader begins: behind everything that is there; null in a node that has nothing. */
export async function newestMark(db: Database, marker: Marker): Promise<Mark | null> {
  const newest = await findNewestPlace(db);
  return newest === null ? null : markAt(newest, marker);
}

/** Reads an id that a reader brings back. */
export async function readMark(db: Database, id: string, marker: Marker): Promise<MarkVerdict> {
  const match = FORM.exec(id);
  const [version, log, index, votes] = (match?.slice(1, 5) ?? []).map(Number);
  if (version === undefined || log === undefined || index === undefined || votes === undefined) {
    return refused('event_id_malformed', 'No event of a node has such an id.');
  }
  const found = await findPlace(db, { version, log, index });
  if (found === 'old') {
    return refused('event_id_too_old', 'What came after that event is no longer listed.');
  }
  const mark = found === 'unknown' ? null : markAt(found, marker);
  if (mark === null || mark.check !== match?.[5] || votes > version) {
    const detail = 'This node has sent no event with that id, or has lost what it had taken then.';
    return refused('event_id_unknown', detail);
  }
  return { ok: true, mark: { ...mark, votes } };
}

function refused(code: MarkRefusal, detail: string): MarkVerdict {
  return { ok: false, code, detail };
}
