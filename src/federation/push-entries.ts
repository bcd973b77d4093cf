// Sends a follower the entries it has not acknowledged, under the newest checkpoint.

import { removeFollower } from '../commands/add-follower.ts';
import { recordCursor } from '../commands/record-cursor.ts';
import { recordDeadLetter } from '../commands/record-dead-letter.ts';
import { concatBytes, utf8 } from '../protocol/bytes.ts';
import { isObject, parseIJson } from '../protocol/json.ts';
import type { LogHead } from '../store/logs.ts';
import type { Follower } from '../store/peers.ts';
import { readLeaves } from '../store/queries/bodies.ts';
import { findLog } from '../store/queries/logs.ts';
import type { FederationContext } from './context.ts';
import { encodeEntryBody } from './entry-record.ts';
import { isIndex } from './json-shape.ts';
import type { PeerFailure } from './peer-client.ts';
import { PAGE_ENTRIES } from './read-span.ts';
import { logPath, openRemoteLog } from './remote-log.ts';

/** Bytes of one push. */
const MAX_BYTES = 512 * 1024;
const SEND = { timeMs: 30_000 } as const;

export type Push =
  /** The follower has acknowledged this many entries; `behind` if that is not all, and it pulls the rest itself. */
  | { readonly kind: 'acknowledged'; readonly size: number; readonly behind: boolean }
  | { readonly kind: 'unreachable'; readonly failure: PeerFailure }
  /** The follower will never take it: it is no follower any more, and the reason is kept. */
  | { readonly kind: 'dropped'; readonly code: string }
  | { readonly kind: 'gone' };

/**
 * One request. A backlog that does not fit is not sent at all: an empty batch tells the follower to pull, which
 * it can prove entry by entry, while of a part of a backlog it could not.
 */
export async function pushEntries(context: FederationContext, follower: Follower): Promise<Push> {
  const log = await findLog(context.db, follower.origin);
  if (log === null || !log.isHome || log.checkpoint === null) return { kind: 'gone' };
  const start = Math.min(follower.size, log.signedSize);
  const records = await readBatch(context, log, start);
  const url = `${follower.peerUrl}/federation/entries`;
  const body = encodePush(log.origin, start, log.checkpoint, records ?? []);
  const reply = await context.client.send('POST', url, body, SEND);
  const size = acknowledged(reply.ok ? parseMembers(reply.body) : reply.problem);
  const taken = reply.ok || reply.problem.code === 'log_gap';
  if (taken && size !== null) return acknowledge(context, follower, log, size);
  if (reply.ok) return drop(context, follower, 'malformed_answer', 'the answer names no size');
  if (reply.again) return { kind: 'unreachable', failure: reply };
  const code = typeof reply.problem.code === 'string' ? reply.problem.code : `${reply.status}`;
  return drop(context, follower, code, reply.detail);
}

/** Entries from `start` to the end of the log; null if they are too many or too large for one push. */
async function readBatch(
  { db }: FederationContext,
  log: LogHead,
  start: number,
): Promise<Uint8Array[] | null> {
  if (log.signedSize - start > PAGE_ENTRIES) return null;
  const leaves = await readLeaves(db, log, start, log.signedSize);
  const records = leaves.map(({ body, line }) => {
    // A leaf is ASCII, and nothing in it but its quotes has to be escaped.
    const text = new TextDecoder().decode(line);
    return encodeEntryBody(`"line":${JSON.stringify(text)}`, body);
  });
  const bytes = records.reduce((sum, record) => sum + record.length + 1, 0);
  return bytes <= MAX_BYTES ? records : null;
}

function encodePush(
  origin: string,
  start: number,
  checkpoint: string,
  records: readonly Uint8Array[],
): Uint8Array {
  const head = JSON.stringify({ log: origin, start, checkpoint }).slice(0, -1);
  const comma = utf8(',');
  const list = records.flatMap((record, i) => (i === 0 ? [record] : [comma, record]));
  return concatBytes(utf8(`${head},"entries":[`), ...list, utf8(']}'));
}

function parseMembers(body: Uint8Array) {
  const parsed = parseIJson(body);
  return parsed.ok && isObject(parsed.value) ? parsed.value : {};
}

function acknowledged(members: ReturnType<typeof parseMembers>): number | null {
  return isIndex(members.size) ? members.size : null;
}

async function acknowledge(
  context: FederationContext,
  follower: Follower,
  log: LogHead,
  size: number,
): Promise<Push> {
  const { origin, peerDid: peer } = follower;
  // Only a home that has lost entries it signed can be behind its follower, and only its own signature says so.
  if (size > log.size) {
    const remote = openRemoteLog(
      context.client,
      follower.peerUrl + logPath(origin),
      context.crypto,
    );
    const shown = await remote.checkpoint();
    if (!shown.ok && shown.again) return { kind: 'unreachable', failure: shown };
    if (shown.ok && (await context.gossip.takeOwn(shown.value, follower.peerUrl))) {
      return { kind: 'gone' };
    }
    const detail = `the follower says that it has ${size} entries of ${log.size}, and shows no head of them`;
    return drop(context, follower, 'follower_ahead', detail);
  }
  if (size !== follower.size)
    await recordCursor(context, context.sequencer, { origin, peer, size });
  return { kind: 'acknowledged', size, behind: size < log.signedSize };
}

async function drop(
  context: FederationContext,
  { origin, peerDid: peer, size }: Follower,
  code: string,
  detail: string,
): Promise<Push> {
  const { sequencer } = context;
  const letter = { peer, origin, index: size, code, detail, bytes: null };
  await recordDeadLetter(context, sequencer, letter);
  await removeFollower(context, sequencer, { origin, peer, caller: null });
  return { kind: 'dropped', code };
}
