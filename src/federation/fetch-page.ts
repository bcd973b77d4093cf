// One page of a proven span, ready to be applied: leaves, bodies, and the keys of their authors.
import type { ReplicatedEntry } from '../commands/apply-entries.ts';
import type { ObjectKeys } from '../net/object-keys.ts';
import type { EntryBody } from './entry-record.ts';
import { fetchKeys } from './fetch-keys.ts';
import type { PeerFailure } from './peer-client.ts';
import type { Span } from './read-span.ts';
import type { Fetched, RemoteLog } from './remote-log.ts';

export type FetchedPage =
  | { readonly ok: true; readonly start: number; readonly entries: readonly ReplicatedEntry[] }
  | PeerFailure
  /** The key of an author cannot be had, and this is why. */
  | { readonly ok: false; readonly missing: string };

/** Opens connections so that applying the page need not. */
export async function fetchPage(
  remote: RemoteLog,
  keys: ObjectKeys,
  span: Span,
  page: number,
): Promise<FetchedPage> {
  const lines = await span.lines(page);
  if (!lines.ok) return lines;
  const { start, count } = span.pages[page] as Span['pages'][number];
  const bodies = await fetchBodies(remote, start, start + count);
  if (!bodies.ok) return bodies;
  const entries = lines.value.map((line, i) => ({ line, body: bodies.value[i] as EntryBody }));
  const had = await fetchKeys(keys, bodies.value);
  return had.ok ? { ok: true, start, entries } : { ok: false, missing: had.detail };
}

/** Asks for half as many at a time where they are too large together. */
async function fetchBodies(
  remote: RemoteLog,
  start: number,
  end: number,
): Promise<Fetched<readonly EntryBody[]>> {
  const whole = await remote.bodies(start, end);
  if (whole.ok || !whole.tooLarge || end - start === 1) return whole;
  const middle = start + Math.ceil((end - start) / 2);
  const first = await fetchBodies(remote, start, middle);
  if (!first.ok) return first;
  const second = await fetchBodies(remote, middle, end);
  return second.ok ? { ok: true, value: [...first.value, ...second.value] } : second;
}
