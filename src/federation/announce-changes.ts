// Tells a peer which agents have changed their keys and taken delegations back, so that both end there before anybody acts.
import { recordTold } from '../commands/record-told.ts';
import { type Change, listChanges } from '../store/queries/announcements.ts';
import type { FederationContext } from './context.ts';
import { encodeSubmissions, MAX_SUBMISSION_BYTES, MAX_SUBMISSIONS } from './pack-submissions.ts';
import type { PeerFailure } from './peer-client.ts';
import type { UntoldPeer } from './untold-peers.ts';

const SEND = { timeMs: 30_000, maxBytes: 1024 * 1024 } as const;

export type Announcement =
  /** What the peer makes of it is its own affair: it may know better, or not know the agent. */
  | { readonly kind: 'told' }
  /** The peer will never take it. */
  | { readonly kind: 'refused'; readonly detail: string }
  /** The peer answers, but could not tell who asks. */
  | { readonly kind: 'later' }
  | { readonly kind: 'unreachable'; readonly failure: PeerFailure };

/** One request, with the oldest changes that the peer has not been told of. */
export async function announceChanges(
  context: FederationContext,
  { newest, peer }: UntoldPeer,
): Promise<Announcement> {
  const { client, db, sequencer } = context;
  const changes = await listChanges(db, peer.id, MAX_SUBMISSIONS);
  const batch = fitting(changes);
  const last = batch.at(-1)?.index ?? newest;
  const all = batch.length === changes.length && changes.length < MAX_SUBMISSIONS;
  const told = (all ? Math.max(last, newest) : last) + 1;
  if (batch.length === 0) {
    await recordTold(context, sequencer, peer.did, told);
    return { kind: 'told' };
  }
  const body = encodeSubmissions(batch.map(({ bytes }) => bytes));
  const reply = await client.send('POST', `${peer.url}/federation/submissions`, body, SEND);
  if (!reply.ok && reply.again) return { kind: 'unreachable', failure: reply };
  if (!reply.ok && reply.problem.retryable === true) return { kind: 'later' };
  await recordTold(context, sequencer, peer.did, told);
  return reply.ok ? { kind: 'told' } : { kind: 'refused', detail: reply.detail };
}

/** As many as one request may have, at least one. */
function fitting(changes: readonly Change[]): Change[] {
  let bytes = 0;
  return changes.filter((change, i) => {
    bytes += change.bytes.length + 1;
    return i === 0 || bytes <= MAX_SUBMISSION_BYTES;
  });
}
