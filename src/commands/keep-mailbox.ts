// What an agent does with its own mailbox: marks as read, deletes, blocks; and what time does with everybody's.
import { type Did, subjectOf } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { number } from '../store/cell.ts';
import {
  countBlocks,
  deleteBlock,
  deleteConversation,
  insertBlock,
  markRead,
  readConversation,
  selectConversation,
} from '../store/conversations.ts';
import type { Row, Statement } from '../store/database.ts';
import {
  forgetMessages,
  giveUpDeliveries,
  selectMessage,
  selectUntidy,
  wipeMessage,
  wipeMessagesOf,
  wipeOldMessages,
} from '../store/messages.ts';
import { admit, type Replayed, record } from './admit.ts';
import type { Caller, CommandContext } from './context.ts';
import {
  DELIVERED_WITHIN_MS,
  type MessageLimits,
  type RefusedMessage,
  refuseMessage,
  TAKEN_WITHIN_MS,
} from './envelope-rules.ts';
import type { Sequencer } from './sequencer.ts';

export type KeepOutcome = { readonly ok: true } | RefusedMessage | Replayed;

/** Agents that one agent may have blocked. */
const MAX_BLOCKS = 1_000;
const DAY_MS = 24 * 3_600_000;
/** What is left then is for the next hour. */
const MAX_ROUNDS = 1_000;

/** Whose mailbox, and who asks. `owner` is a subject. */
export interface Keeper {
  readonly owner: Did;
  readonly caller: Caller | null;
}

/** Marks everything in the conversation up to that message as read. */
export function readConversationTo(
  context: CommandContext,
  sequencer: Sequencer,
  { caller, owner }: Keeper,
  conversation: ObjectName,
  through: ObjectName,
): Promise<KeepOutcome> {
  const reads = [selectConversation(owner, conversation), selectMessage(owner, through)];
  return admit<KeepOutcome>(context, sequencer, caller, reads, ([found, messages]) => {
    if (found?.[0] === undefined || messages?.[0] === undefined) {
      return { result: unknown(found?.[0] === undefined ? conversation : through) };
    }
    const { id } = readConversation(found[0]);
    return { result: { ok: true }, write: [markRead(id, number(messages[0], 0))] };
  });
}

/** Wipes the owner's copy of a message. What waits to be delivered is not delivered any more. */
export function dropMessage(
  context: CommandContext,
  sequencer: Sequencer,
  { caller, owner }: Keeper,
  message: ObjectName,
): Promise<KeepOutcome> {
  const reads = [selectMessage(owner, message)];
  return wiping(context, sequencer, caller, reads, ([found]) => {
    const [row]: readonly (Row | undefined)[] = found ?? [];
    return row === undefined || number(row, 1) === 1 ? null : wipeMessage(owner, message);
  });
}

/** Wipes all that the owner has of a conversation, and the conversation. The other side keeps its own. */
export function dropConversation(
  context: CommandContext,
  sequencer: Sequencer,
  { caller, owner }: Keeper,
  conversation: ObjectName,
): Promise<KeepOutcome> {
  const reads = [selectConversation(owner, conversation)];
  return wiping(context, sequencer, caller, reads, ([found]) => {
    if (found?.[0] === undefined) return null;
    const { id } = readConversation(found[0]);
    return [...wipeMessagesOf(id), deleteConversation(id)];
  });
}

/** From now on nothing of that agent is taken. */
export function blockAgent(
  context: CommandContext,
  sequencer: Sequencer,
  { caller, owner }: Keeper,
  did: Did,
): Promise<KeepOutcome> {
  const reads = [countBlocks(owner, MAX_BLOCKS)];
  return admit<KeepOutcome>(context, sequencer, caller, reads, ([count]) => {
    if (subjectOf(did) === owner) {
      return { result: refuseMessage('own_message', 'Nobody blocks themselves.') };
    }
    if (number(count?.[0] as Row, 0) >= MAX_BLOCKS) {
      return { result: refuseMessage('mailbox_full', `${MAX_BLOCKS} agents are blocked already.`) };
    }
    const block = insertBlock(owner, subjectOf(did), did, context.now());
    return { result: { ok: true }, write: [block] };
  });
}

/** Takes that back; nothing to do if it was not so. */
export function unblockAgent(
  context: CommandContext,
  sequencer: Sequencer,
  { caller, owner }: Keeper,
  did: Did,
): Promise<KeepOutcome> {
  const write = [deleteBlock(owner, subjectOf(did))];
  return admit<KeepOutcome>(context, sequencer, caller, [], () => ({
    result: { ok: true },
    write,
  }));
}

/** Wipes what is older than the node keeps, and gives up what could not be delivered: so much at a time that others can write. */
export async function tidyMailboxes(
  context: CommandContext,
  sequencer: Sequencer,
  { days }: MessageLimits,
): Promise<void> {
  const now = context.now();
  const kept = now - days * DAY_MS;
  const waiting = now - DELIVERED_WITHIN_MS;
  const gone = now - TAKEN_WITHIN_MS - DAY_MS;
  const late = 'The recipient’s node could not be reached, or had no room, for too long.';
  for (let rounds = 0; rounds < MAX_ROUNDS; rounds++) {
    const [due = []] = await context.db.batch('read', [selectUntidy(kept, waiting, gone)]);
    if (number(due[0] as Row, 0) === 0) break;
    await record(context, sequencer, [
      giveUpDeliveries(waiting, 'undeliverable', late),
      ...wipeOldMessages(kept),
      forgetMessages(gone),
    ]);
    context.db.scrub?.();
  }
}

async function wiping(
  context: CommandContext,
  sequencer: Sequencer,
  caller: Caller | null,
  reads: readonly Statement[],
  plan: (rows: readonly Row[][]) => readonly Statement[] | null,
): Promise<KeepOutcome> {
  const outcome = await admit<KeepOutcome>(context, sequencer, caller, reads, (rows) => {
    const write = plan(rows);
    if (write === null)
      return { result: refuseMessage('conversation_unknown', 'It is not there.') };
    return { result: { ok: true }, write };
  });
  // Gone from all files soon, not only from the tables.
  if (outcome.ok) context.db.scrub?.();
  return outcome;
}

function unknown(name: ObjectName): RefusedMessage {
  return refuseMessage('conversation_unknown', `${name} is not in your mailbox.`);
}
