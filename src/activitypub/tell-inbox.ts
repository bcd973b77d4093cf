// Tells one inbox what one log has had since it was told last, act by act, in order.
import { record } from '../commands/admit.ts';
import { deleteFollowersAt, inboxAnswered, setSoftware } from '../store/foreign-followers.ts';
import {
  type FollowedLog,
  type ForeignInbox,
  isDenied,
} from '../store/queries/foreign-followers.ts';
import { askSoftware, showsPostsAlone, understands } from './ask-software.ts';
import type { ActivityPubContext } from './context.ts';
import { type Delivered, deliver } from './deliver.ts';
import type { Payload } from './payloads.ts';
import { domainsOf } from './receive-activity.ts';
import { settleFailure, type Telling } from './settle-failure.ts';

export interface Backlog {
  readonly inbox: ForeignInbox;
  readonly log: FollowedLog;
  /** The first entry that it has not been told of, and the end of what it can be told of. */
  readonly start: number;
  readonly end: number;
}

/** Acts in one go; then it is others' turn. */
const AT_A_TIME = 16;

export async function tellInbox(
  context: ActivityPubContext,
  telling: Telling,
  { end, inbox, log, start }: Backlog,
): Promise<void> {
  const { db, sequencer } = context;
  if (await isDenied(db, domainsOf(inbox.host))) {
    return record(context, sequencer, deleteFollowersAt(inbox.id));
  }
  let { software } = inbox;
  if (software === null) {
    software = await askSoftware(context, inbox.url);
    await record(context, sequencer, [setSoftware(inbox.id, software)]);
  }
  const alone = showsPostsAlone(software);
  const known = software;
  let next = start;
  for (let count = 0; count < AT_A_TIME && next < end && !telling.signal.aborted; count++) {
    const payload = await telling.payloads.next(log.id, next);
    if (payload === null) return telling.told(log.id, inbox.id, end);
    const delivered: Delivered = understands(known, payload.type)
      ? await send(context, telling, { inbox, payload, alone })
      : { kind: 'delivered' };
    if (delivered.kind !== 'delivered') {
      const place = { inbox, log: log.origin, index: payload.index };
      const lost = deleteFollowersAt(inbox.id);
      await settleFailure(context, telling, place, delivered, { refused: [], lost });
      if (delivered.kind !== 'refused') return;
    } else if (count === 0 && inbox.failures > 0) {
      await record(context, sequencer, [inboxAnswered(inbox.id)]);
    }
    next = payload.index + 1;
    telling.told(log.id, inbox.id, next);
  }
}

async function send(
  context: ActivityPubContext,
  { counted, forms }: Telling,
  {
    alone,
    inbox,
    payload,
  }: {
    readonly inbox: ForeignInbox;
    readonly payload: Payload;
    /** The software there shows posts that are announced by themselves. */
    readonly alone: boolean;
  },
): Promise<Delivered> {
  const { actor, body, boost } = payload;
  const bodies = [body, alone ? boost : null].filter((each) => each !== null);
  let delivered: Delivered = { kind: 'delivered' };
  for (const each of bodies) {
    delivered = await deliver(context, { actor, url: inbox.url, body: each, forms });
    counted(delivered.kind);
    if (delivered.kind !== 'delivered' && delivered.kind !== 'refused') return delivered;
  }
  return delivered;
}
