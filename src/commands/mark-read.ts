// Writes down how far an agent has read what it was told of.
import { type Did, subjectOf } from '../protocol/did.ts';
import { idOf, type ObjectName } from '../protocol/object-name.ts';
import { number } from '../store/cell.ts';
import type { Row } from '../store/database.ts';
import { COUNTED, unreadOf, unreadStatement } from '../store/queries/notifications.ts';
import {
  addReader,
  deleteOvertaken,
  insertReadMark,
  selectNumber,
  selectPostNumber,
} from '../store/queries/read-marks.ts';
import { admit, type Replayed } from './admit.ts';
import type { Caller, CommandContext } from './context.ts';
import type { Sequencer } from './sequencer.ts';

/** Marks of everything have this number instead of a post's. */
const EVERYTHING = 0;

export interface ReadRequest {
  /** The post whose thread is read; null for everything. */
  readonly post: ObjectName | null;
  /** The newest notification that was seen, by its act: what came after it stays unread. Null for all that there is now. */
  readonly until: ObjectName | null;
}

export type MarkOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'not_found'; readonly detail: string }
  | Replayed;

/** Marks notifications as read. No mark is made where nothing is unread, so that there are no more marks than things to mark. */
export function markRead(
  context: CommandContext,
  sequencer: Sequencer,
  { post, until }: ReadRequest,
  caller: Caller,
): Promise<MarkOutcome> {
  const agent: Did = subjectOf(caller.did);
  const reads = [
    selectNumber(until),
    unreadStatement(agent, context.now()),
    ...(post === null ? [] : [selectPostNumber(post)]),
  ];
  return admit<MarkOutcome>(context, sequencer, caller, reads, ([last, unread = [], found]) => {
    const upto = last?.[0];
    if (upto === undefined) return { result: missing('notification', until) };
    const thread = post === null ? EVERYTHING : numberOf(found);
    if (thread === null) return { result: missing('post', post) };
    const open = unreadOf(unread);
    // Behind a full window there may be more of the thread.
    const inThread = unread.length >= COUNTED || open.some((told) => told.post === thread);
    const marks = thread === EVERYTHING ? unread.length > 0 : inThread;
    const mark = [addReader(agent), insertReadMark(agent, thread, number(upto, 0))];
    return { result: { ok: true }, write: marks ? [...mark, deleteOvertaken(agent)] : [] };
  });
}

function numberOf(rows: readonly Row[] = []): number | null {
  return rows[0] === undefined ? null : number(rows[0], 0);
}

function missing(what: string, object: ObjectName | null): MarkOutcome {
  const detail = `There is no ${what} ${object === null ? '' : idOf(object)} here.`;
  return { ok: false, reason: 'not_found', detail };
}
