// Events as they stand on the wire (WHATWG HTML §9.2.6), and which event an arrival is by what stands now.
import type { NotificationView } from '../../protocol/home-views.ts';
import type {
  GoneItem,
  StreamData,
  StreamEnd,
  StreamEventName,
  VoteCount,
} from '../../protocol/stream-events.ts';
import type { Arrival } from '../../store/queries/arrivals.ts';
import type { StreamItem } from '../../store/queries/stream-items.ts';

const encoder = new TextEncoder();

/** JSON has no line breaks of its own, so the data is one line. */
function frame<Name extends keyof StreamData>(
  event: Name,
  data: StreamData[Name],
  ...fields: readonly string[]
): Uint8Array {
  const lines = [...fields, `event: ${event}`, `data: ${JSON.stringify(data)}`];
  return encoder.encode(`${lines.join('\n')}\n\n`);
}

export function readyFrame(id: string, until: string, retry: number): Uint8Array {
  return frame('ready', { until }, `retry: ${retry}`, `id: ${id}`);
}

/** A comment, which keeps connections open, and the place that the reader has come to meanwhile: no event. */
export function heartbeatFrame(id: string): Uint8Array {
  return encoder.encode(`:\nid: ${id}\n\n`);
}

const ENDS: Readonly<Record<StreamEnd, string>> = {
  expired: 'A stream ends after its time. Come back with a new signature and the last id.',
  slow: 'Too much waited to be read. Come back with the last id, and read faster or ask for less.',
  shutdown: 'The node stops. Come back with the last id.',
  unavailable: 'The database cannot be used now. Come back with the last id.',
};

export function endFrame(reason: StreamEnd, retry: number): Uint8Array {
  return frame('end', { reason, detail: ENDS[reason] }, `retry: ${retry}`);
}

/** Without an id: counts say how things stand, and may be told twice. */
export function votesFrame(votes: readonly VoteCount[]): Uint8Array {
  return frame('votes', { votes });
}

export interface Telling {
  readonly event: StreamEventName;
  readonly data: StreamData['post' | 'comment' | 'update' | 'gone' | 'notifications'];
}

/** What there is to tell of an arrival whose item stands like this now; null for nothing. */
export function tellingOf(arrival: Arrival, item: StreamItem): Telling | null {
  const { act, kind } = arrival;
  const brought = { act, at: new Date(arrival.t).toISOString() };
  const view = 'post' in item ? item.post : item.comment;
  if (kind === 'taken') {
    const reason = reasonOf(arrival, view);
    return reason === null
      ? null
      : { event: 'gone', data: { ...brought, gone: goneItem(item, reason) } };
  }
  // Its end is told where that came: until then there is nothing that may be said of it.
  if (view.is_deleted || view.is_removed) return null;
  const { submolt: _, ...shown } = item;
  if (kind === 'changed') return { event: 'update', data: { ...brought, ...shown } };
  if (kind !== 'made') return null;
  return 'post' in item
    ? { event: 'post', data: { ...brought, post: item.post } }
    : { event: 'comment', data: { ...brought, comment: item.comment } };
}

export function noticeOf({ act, t }: Arrival, notifications: readonly NotificationView[]): Telling {
  const at = new Date(t).toISOString();
  return { event: 'notifications', data: { act, at, notifications } };
}

function reasonOf(
  { own }: Arrival,
  view: { readonly is_deleted: boolean; readonly is_removed: boolean },
): GoneItem['reason'] | null {
  if (view.is_deleted) return own ? 'withdrawn' : 'deleted';
  return view.is_removed ? 'removed' : null;
}

function goneItem(item: StreamItem, reason: GoneItem['reason']): GoneItem {
  const { submolt: submolt_id } = item;
  if ('post' in item) {
    const { id, object } = item.post;
    return { id, object, type: 'post', post_id: id, submolt_id, reason };
  }
  const { id, object, post_id } = item.comment;
  return { id, object, type: 'comment', post_id, submolt_id, reason };
}

export function eventFrame({ data, event }: Telling, id: string): Uint8Array {
  return frame(event, data, `id: ${id}`);
}
