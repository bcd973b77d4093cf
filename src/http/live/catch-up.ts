// Brings a reader who is behind to where all others are: it reads for itself, at its own pace.
import { comparePlaces, endOf } from '../../store/arrivals.ts';
import type { Database } from '../../store/database.ts';
import { findAddressees } from '../../store/queries/addressees.ts';
import { isForgotten } from '../../store/queries/arrival-places.ts';
import { type Arrival, readArrivals } from '../../store/queries/arrivals.ts';
import { readStreamItems, readVoteCounts } from '../../store/queries/stream-items.ts';
import { formatMark, type Mark } from './event-id.ts';
import { tellingOf } from './frames.ts';
import type { Lane } from './lane.ts';
import { onceFrame, type Reader } from './reader.ts';

/** Entries that are looked at in one go, and items whose words are in memory at once. */
const PAGE = 128;
const ITEMS = 16;

export interface CatchUp {
  readonly db: Database;
  /** Milliseconds. */
  readonly now: () => number;
  readonly markOf: (arrival: Arrival) => Mark;
  readonly lane: Lane;
  /** True once the reader is where all others are, and gets what they get. */
  readonly join: (reader: Reader) => boolean;
}

/** Fulfils when the reader has caught up, takes no more, or has gone. */
export async function catchUp(reader: Reader, parts: CatchUp): Promise<void> {
  while (reader.channel.hasRoom && !reader.live) await parts.lane.run(() => goOn(reader, parts));
}

async function goOn(reader: Reader, parts: CatchUp): Promise<void> {
  if (!reader.channel.isOpen) return;
  await reader.refresh();
  if (reader.mark.votes < reader.mark.place.version) return tellEarlierVotes(reader, parts.db);
  const arrivals = await readArrivals(parts.db, reader.mark.place, PAGE);
  // What came after that place was forgotten while it was being read: the reader learns so when it comes back.
  if (await isForgotten(parts.db, reader.mark.place)) {
    throw new RangeError('the order of arrival is forgotten up to beyond this reader');
  }
  if (arrivals.length === 0) parts.join(reader);
  else await tellPage(reader, arrivals, parts);
}

/** Votes that came before its place and were not told when it was there. */
async function tellEarlierVotes(reader: Reader, db: Database): Promise<void> {
  const { mark } = reader;
  const from = reader.votesFrom ?? endOf(mark.votes);
  const page = await readArrivals(db, from, PAGE);
  const earlier = page.filter(({ place }) => comparePlaces(place, mark.place) <= 0);
  await tellCounts(reader, earlier, db);
  const last = earlier.at(-1)?.place;
  if (last === undefined || earlier.length < PAGE) {
    reader.votesFrom = null;
    reader.mark = { ...mark, votes: mark.place.version };
    return;
  }
  // Its batch may have more of them.
  reader.votesFrom = last;
  reader.mark = { ...mark, votes: Math.max(mark.votes, last.version - 1) };
}

async function tellCounts(
  reader: Reader,
  arrivals: readonly Arrival[],
  db: Database,
): Promise<void> {
  const items = arrivals.flatMap(({ item, kind }) =>
    kind === 'voted' && reader.wants('votes', item) ? item.object : [],
  );
  if (items.length === 0) return;
  reader.tellCounts([...(await readVoteCounts(db, [...new Set(items)])).values()]);
}

async function tellPage(
  reader: Reader,
  arrivals: readonly Arrival[],
  { db, markOf, now }: CatchUp,
): Promise<void> {
  // Counts come first: they say how things stand now, so whoever comes back to any place of this page has them.
  await tellCounts(reader, arrivals, db);
  const addressees =
    reader.scope.notified === null ? new Map() : await findAddressees(db, arrivals);
  for (let at = 0; at < arrivals.length; at += ITEMS) {
    const some = arrivals.slice(at, at + ITEMS);
    const wanted = some.filter((arrival) => reader.wantsWords(arrival));
    const items = await readStreamItems(
      db,
      wanted.flatMap(({ item }) => item?.object ?? []),
    );
    const notices = await reader.readNotices(some, addressees, { db, now });
    for (const arrival of some) {
      if (!reader.channel.isOpen) return;
      const { item } = arrival;
      const found = item === null ? undefined : items.get(item.object);
      const telling = found === undefined ? null : tellingOf(arrival, found);
      reader.mark = markOf(arrival);
      const id = () => formatMark(reader.mark);
      const told = telling === null || reader.tell(telling, item, onceFrame(telling, id));
      const room = reader.tellNotices(arrival, notices, id) && told;
      if (reader.heeds(arrival) || !room) return;
    }
  }
}
