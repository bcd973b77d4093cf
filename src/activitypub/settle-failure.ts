// What is done about an inbox that has not taken something: tried again later, put aside, or told nothing more.
import { record } from '../commands/admit.ts';
import type { FederationEvent } from '../federation/perform-task.ts';
import { retryDelay } from '../federation/retry.ts';
import type { Statement } from '../store/database.ts';
import { inboxFailed } from '../store/foreign-followers.ts';
import type { ForeignInbox } from '../store/queries/foreign-followers.ts';
import { deleteOldDeadLetters, insertDeadLetter } from '../store/write-peers.ts';
import type { ActivityPubContext } from './context.ts';
import type { Delivered, SignatureForms } from './deliver.ts';
import type { Payloads } from './payloads.ts';

/** What the worker lends to each piece of its work. */
export interface Telling {
  readonly forms: SignatureForms;
  readonly payloads: Payloads;
  readonly signal: AbortSignal;
  readonly counted: (kind: Delivered['kind']) => void;
  readonly report: (event: FederationEvent) => void;
  /** The inbox is not to be tried again before another plan. */
  readonly failed: (inbox: number) => void;
  /** The inbox has been told of everything in the log before `next`. */
  readonly told: (log: number, inbox: number, next: number) => void;
}

/** After so many milliseconds in which an inbox took nothing, its followers have to follow again. */
const PATIENCE_MS = 7 * 86_400_000;

export interface Place {
  readonly inbox: ForeignInbox;
  /** What it was about, for the operator. */
  readonly log: string;
  readonly index: number | null;
}

/** `then`: what is written beside the dead letter where this one thing is refused for good, and where there is no hope left. */
export async function settleFailure(
  context: ActivityPubContext,
  { failed: putOff, report, signal }: Telling,
  { index, inbox, log }: Place,
  failure: Exclude<Delivered, { kind: 'delivered' }>,
  then: { readonly refused: readonly Statement[]; readonly lost: readonly Statement[] },
): Promise<void> {
  // A node that stops has given up by itself.
  if (signal.aborted) return;
  if (failure.kind !== 'refused') putOff(inbox.id);
  const { now, random, sequencer } = context;
  const at = now();
  const detail = failure.detail.slice(0, 500);
  const lost = failure.kind === 'later' && at - (inbox.failingSince ?? at) > PATIENCE_MS;
  if (failure.kind === 'later' && !lost) {
    const wait = failure.retryAfterMs ?? retryDelay(inbox.failures + 1, random);
    const failed = inboxFailed(inbox.id, { error: detail, at, retryAt: at + wait });
    report({ event: 'unreachable', peer: inbox.host, detail });
    return record(context, sequencer, [failed]);
  }
  const code = failure.kind === 'refused' ? 'activity_refused' : 'inbox_lost';
  const letter = insertDeadLetter(
    { peer: null, origin: log, index, code, detail, bytes: null },
    at,
  );
  const refused = failure.kind === 'refused';
  report({ event: refused ? 'refused' : 'dropped', peer: inbox.host, detail });
  const write = refused ? then.refused : then.lost;
  await record(context, sequencer, [letter, deleteOldDeadLetters(), ...write]);
}
