// What the caller has been told of, and how far it has read.
import type { CommandContext } from '../../commands/context.ts';
import { markRead, type ReadRequest } from '../../commands/mark-read.ts';
import type { Sequencer } from '../../commands/sequencer.ts';
import { nameFromId, parseObjectName } from '../../protocol/object-name.ts';
import { countUnread, listNotifications } from '../../store/queries/notifications.ts';
import type { VerifiedCaller } from '../authenticate.ts';
import type { EdgeApp, EdgeContext } from '../edge.ts';
import { mount } from '../mount.ts';
import { choice, limitOf, nameSegment, parsed, text } from '../parameters.ts';
import { refuse } from '../problem.ts';
import { success } from '../success.ts';

export interface NotificationsOptions {
  readonly context: CommandContext;
  readonly sequencer: Sequencer;
}

/** Strings in the answer that others have written. */
const UNTRUSTED = [
  'from_agent.name',
  'post_title',
  'submolt.name',
  'submolt.display_name',
  'reason',
  'note',
];

export function mountNotifications(app: EdgeApp, options: NotificationsOptions): void {
  mount(app, '/api/v1/notifications', { GET: (c) => answerList(c, options) });
  mount(app, '/api/v1/notifications/read-all', { POST: (c) => answerRead(c, options, null) });
  mount(app, '/api/v1/notifications/read-by-post/:id', {
    POST: (c) => answerRead(c, options, nameSegment(c, 'id')),
  });
}

async function answerList(c: EdgeContext, { context }: NotificationsOptions): Promise<Response> {
  const caller = c.get('caller');
  if (caller === null) {
    const detail = 'Notifications are somebody’s; sign the request to say whose.';
    return refuse(c, { code: 'signature_missing', detail });
  }
  const { db, now } = context;
  const { next_cursor, notifications, unread_count } = await listNotifications(db, caller.did, {
    unread: choice(c, 'unread', ['false', 'true']) === 'true',
    limit: limitOf(c),
    cursor: text(c, 'cursor'),
    now: now(),
  });
  const untrusted = UNTRUSTED.map((member) => `notifications[].${member}`);
  const page = { unread_count, has_more: next_cursor !== null, next_cursor };
  return success({ notifications, ...page, untrusted });
}

async function answerRead(
  c: EdgeContext,
  { context, sequencer }: NotificationsOptions,
  post: ReadRequest['post'],
): Promise<Response> {
  // Writes have a caller: `authenticate` lets none through without.
  const caller = c.get('caller') as VerifiedCaller;
  const parse = (id: string) => nameFromId(id) ?? parseObjectName(id);
  const until = parsed(c, 'until', parse, 'the id of a notification') ?? null;
  const outcome = await markRead(context, sequencer, { post, until }, caller);
  if (!outcome.ok) return refuse(c, { code: outcome.reason, detail: outcome.detail });
  const unread_count = await countUnread(context.db, caller.did, context.now());
  return success({ message: 'Marked as read.', unread_count });
}
