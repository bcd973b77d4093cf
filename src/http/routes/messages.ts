// Messages between agents: envelopes come in, mailboxes are read and kept by whose they are. Nobody here can open one.
import type { Replayed } from '../../commands/admit.ts';
import type { RefusedMessage } from '../../commands/envelope-rules.ts';
import { refuseChain } from '../../commands/judge-chain.ts';
import {
  blockAgent,
  dropConversation,
  dropMessage,
  type Keeper,
  type KeepOutcome,
  readConversationTo,
  unblockAgent,
} from '../../commands/keep-mailbox.ts';
import { sendEnvelope } from '../../commands/send-envelope.ts';
import type { FederationContext } from '../../federation/context.ts';
import { type Did, parseDid, subjectOf } from '../../protocol/did.ts';
import { idOf } from '../../protocol/object-name.ts';
import { verifyEnvelope } from '../../protocol/signed-envelope.ts';
import type { ConversationState } from '../../store/conversations.ts';
import {
  findConversation,
  findMessage,
  getMailbox,
  listBlocks,
  listConversations,
  listMessages,
} from '../../store/queries/messages.ts';
import type { VerifiedCaller } from '../authenticate.ts';
import type { EdgeApp, EdgeContext } from '../edge.ts';
import { ownerOf, readAgent, readPosted, readThrough } from '../message-body.ts';
import { type Handler, mount } from '../mount.ts';
import { choice, limitOf, nameSegment, segment, text } from '../parameters.ts';
import { refuse } from '../problem.ts';
import { success, successPage } from '../success.ts';

const STATES: readonly ['all', ...ConversationState[]] = ['all', 'open', 'requested', 'rejected'];

type OfOwner = (
  c: EdgeContext,
  context: FederationContext,
  owner: Did,
) => Response | Promise<Response>;

export function mountMessages(app: EdgeApp, context: FederationContext): void {
  const own =
    (answer: OfOwner): Handler =>
    async (c) => {
      const owner = await ownerOf(c, context);
      return owner.ok ? answer(c, context, owner.value) : refuse(c, owner.refusal);
    };
  mount(app, '/api/v1/messages', { GET: own(answerMailbox), POST: (c) => send(c, context) });
  mount(app, '/api/v1/messages/:id', { GET: own(answerMessage), DELETE: own(answerDrop) });
  mount(app, '/api/v1/conversations', { GET: own(answerConversations) });
  mount(app, '/api/v1/conversations/:id', {
    GET: own(answerConversation),
    DELETE: own(answerDropConversation),
  });
  mount(app, '/api/v1/conversations/:id/read', { POST: own(answerRead) });
  mount(app, '/api/v1/blocks', { GET: own(answerBlocks), POST: own(answerBlock) });
  mount(app, '/api/v1/blocks/:did', { DELETE: own(answerUnblock) });
}

/** The proof says whose envelope it is, and so does the request: nobody sends for another. */
async function send(c: EdgeContext, context: FederationContext): Promise<Response> {
  const body = readPosted(c);
  if (!body.ok) return refuse(c, body.refusal);
  const { chain, envelope: value, via } = body.value;
  const resolveKey = context.keys.resolve;
  const verdict = await verifyEnvelope(value, { ...context, resolveKey });
  if (!verdict.ok) {
    const { detail, path, reason: code } = verdict;
    return refuse(c, { code, detail, path });
  }
  const { verified } = verdict;
  const { envelope } = verified;
  const caller = c.get('caller') as VerifiedCaller;
  if (subjectOf(caller.did) !== subjectOf(envelope.actor)) {
    const detail = `The request is signed by ${caller.did}, the envelope by ${envelope.actor}.`;
    return refuse(c, { code: 'not_sender', detail });
  }
  if (envelope.origin !== context.node.did) {
    const detail = `This node is ${context.node.did}.`;
    return refuse(c, { code: 'other_node', detail, path: 'origin' });
  }
  const refused = await refuseChain(context, envelope, chain, resolveKey);
  if (refused !== null) return refuse(c, { code: refused.reason, detail: refused.detail });
  const sending = { verified, chain, via };
  const outcome = await sendEnvelope(context, context.sequencer, sending, context.messages, caller);
  if (!outcome.ok) return refuseOutcome(c, outcome);
  const { first, posting, status } = outcome;
  if (status === 'waiting') context.messageWaits();
  const { conversation, name: object } = posting;
  const names = { id: idOf(object), object, conversation: idOf(conversation) };
  const known = status === 'waiting' ? 202 : 200;
  return success({ ...names, status }, first && status === 'delivered' ? 201 : known);
}

async function answerMailbox(
  _: EdgeContext,
  { db, messages }: FederationContext,
  owner: Did,
): Promise<Response> {
  const { bytes, ...counts } = await getMailbox(db, owner);
  const { bytes: max_bytes, days } = messages;
  return success({ mailbox: { ...counts, bytes, max_bytes, days } });
}

async function answerMessage(
  c: EdgeContext,
  { db }: FederationContext,
  owner: Did,
): Promise<Response> {
  const name = nameSegment(c, 'id');
  const found = await findMessage(db, owner, name);
  if (found === null) return notThere(c, name);
  return success({ message: found.view });
}

async function answerConversations(
  c: EdgeContext,
  { db }: FederationContext,
  owner: Did,
): Promise<Response> {
  const state = choice(c, 'state', STATES);
  const query = { state, limit: limitOf(c), cursor: text(c, 'cursor') };
  const page = await listConversations(db, owner, query);
  return successPage('conversations', page.conversations, page);
}

async function answerConversation(
  c: EdgeContext,
  { db }: FederationContext,
  owner: Did,
): Promise<Response> {
  const name = nameSegment(c, 'id');
  const found = await findConversation(db, owner, name);
  if (found === null) return notThere(c, name);
  const page = await listMessages(db, found.row, { limit: limitOf(c), cursor: text(c, 'cursor') });
  const { messages, next_cursor } = page;
  const more = { has_more: next_cursor !== null, next_cursor };
  return success({ conversation: found.view, messages, ...more });
}

async function answerRead(
  c: EdgeContext,
  context: FederationContext,
  owner: Did,
): Promise<Response> {
  const through = readThrough(c);
  if (!through.ok) return refuse(c, through.refusal);
  const conversation = nameSegment(c, 'id');
  const { sequencer } = context;
  const keeper = keeperOf(c, owner);
  return kept(c, await readConversationTo(context, sequencer, keeper, conversation, through.value));
}

async function answerDrop(
  c: EdgeContext,
  context: FederationContext,
  owner: Did,
): Promise<Response> {
  const name = nameSegment(c, 'id');
  return kept(c, await dropMessage(context, context.sequencer, keeperOf(c, owner), name));
}

async function answerDropConversation(
  c: EdgeContext,
  context: FederationContext,
  owner: Did,
): Promise<Response> {
  const name = nameSegment(c, 'id');
  return kept(c, await dropConversation(context, context.sequencer, keeperOf(c, owner), name));
}

async function answerBlocks(
  _: EdgeContext,
  { db }: FederationContext,
  owner: Did,
): Promise<Response> {
  return success({ blocks: await listBlocks(db, owner) });
}

async function answerBlock(
  c: EdgeContext,
  context: FederationContext,
  owner: Did,
): Promise<Response> {
  const did = readAgent(c);
  if (!did.ok) return refuse(c, did.refusal);
  return kept(c, await blockAgent(context, context.sequencer, keeperOf(c, owner), did.value));
}

async function answerUnblock(
  c: EdgeContext,
  context: FederationContext,
  owner: Did,
): Promise<Response> {
  const did = segment(c, 'did', parseDid, 'a DID');
  return kept(c, await unblockAgent(context, context.sequencer, keeperOf(c, owner), did));
}

function keeperOf(c: EdgeContext, owner: Did): Keeper {
  return { owner, caller: c.get('caller') };
}

function kept(c: EdgeContext, outcome: KeepOutcome): Response {
  return outcome.ok ? success({}) : refuseOutcome(c, outcome);
}

function notThere(c: EdgeContext, name: string): Response {
  const detail = `${name} is not in your mailbox.`;
  return refuse(c, { code: 'conversation_unknown', detail });
}

function refuseOutcome(c: EdgeContext, outcome: RefusedMessage | Replayed): Response {
  if ('reason' in outcome) return refuse(c, { code: outcome.reason, detail: outcome.detail });
  const { code, detail, retryAfter } = outcome;
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  return refuse(c, { code, detail }, headers);
}
