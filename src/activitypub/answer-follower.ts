// Answers a Follow: the group accepts it, and from then on its follower is told.
import { record } from '../commands/admit.ts';
import { toBase64url, utf8 } from '../protocol/bytes.ts';
import { deleteUnanswered, inboxAnswered, setAccepted } from '../store/foreign-followers.ts';
import type { WaitingFollower } from '../store/queries/foreign-followers.ts';
import { groupUrl } from './addresses.ts';
import type { ActivityPubContext } from './context.ts';
import { deliver, encodeActivity } from './deliver.ts';
import { settleFailure, type Telling } from './settle-failure.ts';

const REFUSED = { kind: 'refused', detail: 'there is no inbox to answer to' } as const;

export async function answerFollower(
  context: ActivityPubContext,
  telling: Telling,
  follower: WaitingFollower,
): Promise<void> {
  const { actor: to, answerTo, follow, followedAt, inbox, log, slug } = follower;
  const actor = groupUrl(context.origin, slug);
  // The same however often it is tried; another one for who has left and comes again with a Follow of the same id.
  const id = toBase64url(context.crypto.sha256(utf8(`${to}\n${follow}\n${followedAt}`)));
  const accept = {
    id: `${actor}/accepts/${id}`,
    type: 'Accept',
    actor,
    to: [to],
    // Bare: a context or a proof inside would be read with ours around it.
    object: { id: follow, type: 'Follow', actor: to, object: actor },
  };
  const body = encodeActivity(context, accept);
  const delivered = await deliver(context, { actor, url: answerTo, body, forms: telling.forms });
  telling.counted(delivered.kind);
  const { sequencer } = context;
  if (delivered.kind === 'delivered') {
    return record(context, sequencer, [setAccepted(follower), inboxAnswered(inbox.id)]);
  }
  const place = { inbox, log, index: null };
  // Of one actor alone: the inbox of its host may be in order, and others be told there.
  const failure = delivered.kind === 'later' && delivered.status === 404 ? REFUSED : delivered;
  const drop = deleteUnanswered(follower);
  await settleFailure(context, telling, place, failure, { refused: drop, lost: drop });
}
