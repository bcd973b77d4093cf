// One reader of the stream: what it wants, how far it has come, and whether it is told things as they come.
import { subjectOf } from '../../protocol/did.ts';
import type { NotificationView } from '../../protocol/home-views.ts';
import type { ObjectName } from '../../protocol/object-name.ts';
import type { StreamEventName, VoteCount } from '../../protocol/stream-events.ts';
import type { Place } from '../../store/arrivals.ts';
import type { Database } from '../../store/database.ts';
import type { Addressees } from '../../store/queries/addressees.ts';
import type { Arrival, ItemPlace } from '../../store/queries/arrivals.ts';
import { findNotifications } from '../../store/queries/notifications.ts';
import type { Following } from '../../store/queries/stream-items.ts';
import type { Channel } from './channel.ts';
import type { Mark } from './event-id.ts';
import { eventFrame, noticeOf, type Telling, votesFrame } from './frames.ts';
import { type Scope, wantsItem, wantsNotice } from './scope.ts';

/** What acts tell one reader of. */
export type Notices = ReadonlyMap<ObjectName, readonly NotificationView[]>;

/** Counts in one frame. */
const COUNTS = 100;

export interface ReaderOptions {
  readonly scope: Scope;
  readonly mark: Mark;
  readonly channel: Channel;
  /** Milliseconds: when it has to come back with a new signature. */
  readonly until: number;
  /** Told of each event that is sent. */
  readonly sent: (event: StreamEventName) => void;
}

export class Reader {
  readonly scope: Scope;
  readonly channel: Channel;
  readonly until: number;
  mark: Mark;
  /** It gets what all get; else it reads for itself, from its own place on. */
  live = false;
  /** It reads for itself at this moment. */
  reading = false;
  /** From where on it looks for votes that it has not been told; null where `mark.votes` says it. */
  votesFrom: Place | null = null;
  #following: Following | null = null;
  #stale: boolean;
  readonly #sent: ReaderOptions['sent'];

  constructor({ channel, mark, scope, sent, until }: ReaderOptions) {
    this.scope = scope;
    this.channel = channel;
    this.mark = mark;
    this.until = until;
    this.#sent = sent;
    this.#stale = scope.feed !== null;
  }

  /** Reads whom it follows, if that has changed. */
  async refresh(): Promise<void> {
    if (!this.#stale || this.scope.feed === null) return;
    this.#stale = false;
    this.#following = await this.scope.feed.read();
  }

  /** True if what it wants has changed with this. */
  heeds({ agent, kind }: Arrival): boolean {
    const { feed } = this.scope;
    if (kind !== 'followed' || feed === null || agent !== subjectOf(feed.reader)) return false;
    this.#stale = true;
    return true;
  }

  wants(event: StreamEventName, item: ItemPlace | null): item is ItemPlace {
    if (item === null || this.scope.notified !== null) return false;
    if (!this.scope.events.has(event)) return false;
    return wantsItem(this.scope, item, this.#following);
  }

  /** Whether its body has to be read for this reader. */
  wantsWords({ item, kind }: Arrival): boolean {
    if (item === null || kind === null || kind === 'voted' || kind === 'followed') return false;
    if (this.scope.notified !== null) return false;
    return wantsItem(this.scope, item, this.#following);
  }

  /** Sends it, if it is wanted; `frame` is the same for all who are at this place. False once there is no more room. */
  tell({ event }: Telling, item: ItemPlace | null, frame: () => Uint8Array): boolean {
    if (!this.wants(event, item)) return this.channel.hasRoom;
    this.#sent(event);
    return this.channel.push(frame());
  }

  /** What of these the reader is told of, by the number of each act; empty for whoever wants no notices. */
  async readNotices(
    arrivals: readonly Arrival[],
    addressees: Addressees,
    { db, now }: { readonly db: Database; readonly now: () => number },
  ): Promise<Notices> {
    const { events, notified } = this.scope;
    const notices = new Map<ObjectName, NotificationView[]>();
    if (notified === null || !events.has('notifications')) return notices;
    const acts = arrivals.filter(
      ({ item, object }) =>
        addressees.get(object)?.has(notified) === true && wantsNotice(this.scope, item),
    );
    if (acts.length === 0) return notices;
    const numbers = acts.map(({ object }) => object);
    for (const notice of await findNotifications(db, notified, numbers, now())) {
      notices.set(notice.object, [...(notices.get(notice.object) ?? []), notice]);
    }
    return notices;
  }

  /** False once there is no more room. */
  tellNotices(arrival: Arrival, notices: Notices, id: () => string): boolean {
    const told = notices.get(arrival.act);
    if (told === undefined) return this.channel.hasRoom;
    this.#sent('notifications');
    return this.channel.push(eventFrame(noticeOf(arrival, told), id()));
  }

  /** False once there is no more room; all of it is sent anyway. */
  tellCounts(votes: readonly VoteCount[]): boolean {
    for (let at = 0; at < votes.length; at += COUNTS) {
      this.#sent('votes');
      this.channel.push(votesFrame(votes.slice(at, at + COUNTS)));
    }
    return this.channel.hasRoom;
  }
}

/** Made when the first reader wants it, and once. */
export function onceFrame(telling: Telling, id: () => string): () => Uint8Array {
  let frame: Uint8Array | null = null;
  return () => {
    frame ??= eventFrame(telling, id());
    return frame;
  };
}
