// How often an agent may post, comment and found while it is new at a home. Pure: the answer follows from what is stored of it.
import type { Activity } from '../protocol/activity.ts';
import { formatDateTime } from '../protocol/date-time.ts';

/** Each null for as often as it likes. */
export interface PaceLimits {
  /** Milliseconds, here and below: for so long after its first act an agent is new. */
  readonly newFor: number;
  readonly betweenPosts: number | null;
  readonly betweenComments: number | null;
  /** In a day. */
  readonly comments: number | null;
  /** As long as it is new. */
  readonly submolts: number | null;
}

/** What a home remembers of an agent for that. */
export interface Pace {
  /** Of its first act here. */
  readonly since: number;
  readonly postAt: number | null;
  readonly commentAt: number | null;
  /** Comments since `dayFrom`. */
  readonly comments: number;
  readonly dayFrom: number;
  readonly submolts: number;
}

export interface TooSoon {
  readonly kind: 'refuse';
  readonly code: 'too_soon';
  readonly detail: string;
  /** When it may be sent again. */
  readonly until: number;
  /** Comments that are left of the day; null where it is no matter of them. */
  readonly dailyRemaining: number | null;
}

type Kind = 'post' | 'comment' | 'submolt';

const DAY = 86_400_000;

export function newPace(since: number): Pace {
  return { since, postAt: null, commentAt: null, comments: 0, dayFrom: since, submolts: 0 };
}

/** What the act counts as; null for what is not counted. */
export function pacedAs(activity: Activity): Kind | null {
  if (activity.type !== 'Create') return null;
  const { type } = activity.object;
  return type === 'Group' ? 'submolt' : type === 'Note' ? 'comment' : 'post';
}

export function isNew({ since }: Pace, { newFor }: PaceLimits, t: number): boolean {
  return t < since + newFor;
}

/** Why a new agent may not do this at `t`; null if it may, and for all others. */
export function refuseTooSoon(
  pace: Pace,
  kind: Kind,
  limits: PaceLimits,
  t: number,
): TooSoon | null {
  if (!isNew(pace, limits, t)) return null;
  const end = pace.since + limits.newFor;
  const refuse = (what: string, at: number, dailyRemaining: number | null = null): TooSoon => {
    const until = Math.min(at, end);
    const detail = `A new agent may ${what}. Send this again at ${instant(until)}; it is new until ${instant(end)}.`;
    return { kind: 'refuse', code: 'too_soon', detail, until, dailyRemaining };
  };
  const { betweenComments, betweenPosts, comments, submolts } = limits;
  switch (kind) {
    case 'post':
      return betweenPosts !== null && pace.postAt !== null && t < pace.postAt + betweenPosts
        ? refuse(`post every ${minutes(betweenPosts)} minutes`, pace.postAt + betweenPosts)
        : null;
    case 'comment': {
      const today = t < pace.dayFrom + DAY ? pace.comments : 0;
      if (comments !== null && today >= comments) {
        return refuse(`comment ${comments} times a day`, pace.dayFrom + DAY, 0);
      }
      const left = comments === null ? null : comments - today;
      return betweenComments !== null &&
        pace.commentAt !== null &&
        t < pace.commentAt + betweenComments
        ? refuse(
            `comment every ${betweenComments / 1000} seconds`,
            pace.commentAt + betweenComments,
            left,
          )
        : null;
    }
    case 'submolt':
      return submolts !== null && pace.submolts >= submolts
        ? refuse(`found ${submolts} submolts`, end)
        : null;
  }
}

const instant = (ms: number) => formatDateTime(Math.ceil(ms / 1000));

function minutes(ms: number): number {
  return Math.ceil(ms / 60_000);
}

/** What is remembered once it has been accepted. */
export function paceAfter(pace: Pace, kind: Kind, t: number): Pace {
  switch (kind) {
    case 'post':
      return { ...pace, postAt: t };
    case 'comment': {
      const sameDay = t < pace.dayFrom + DAY;
      const [comments, dayFrom] = sameDay ? [pace.comments + 1, pace.dayFrom] : [1, t];
      return { ...pace, commentAt: t, comments, dayFrom };
    }
    case 'submolt':
      return { ...pace, submolts: pace.submolts + 1 };
  }
}
