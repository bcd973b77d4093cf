// What nodes ask of each other, and what an operator asks of the own node.
import { type PeerAnswer, refusePeer } from '../../federation/answer.ts';
import type { FederationContext } from '../../federation/context.ts';
import { describeEvidence } from '../../federation/describe-evidence.ts';
import { describePeers } from '../../federation/describe-peers.ts';
import { followSubmolt } from '../../federation/follow-submolt.ts';
import { receiveDecision } from '../../federation/receive-decision.ts';
import { receiveEntries } from '../../federation/receive-entries.ts';
import { receiveFarewell, receiveFollower } from '../../federation/receive-follower.ts';
import { receiveMessages } from '../../federation/receive-messages.ts';
import { receiveStanding } from '../../federation/receive-standing.ts';
import { receiveSubmissions } from '../../federation/receive-submissions.ts';
import { CHECKPOINTS_FIELD } from '../../protocol/checkpoints-field.ts';
import { parseDid } from '../../protocol/did.ts';
import { type JsonValue, parseIJson } from '../../protocol/json.ts';
import { listNodeBans } from '../../store/queries/node-bans.ts';
import { findPeer } from '../../store/queries/peers.ts';
import type { VerifiedCaller } from '../authenticate.ts';
import { bodyCap } from '../demand.ts';
import type { EdgeApp, EdgeContext } from '../edge.ts';
import { type Handler, mount } from '../mount.ts';
import { ownKeyOnly } from '../own-key-only.ts';
import { ParameterError, text } from '../parameters.ts';
import { refuse } from '../problem.ts';
import { success } from '../success.ts';

/** Bans in one answer. */
const MAX_BANS = 1_000;

type Receive = (
  context: FederationContext,
  caller: VerifiedCaller,
  value: JsonValue,
  /** Of the body. */
  bytes: number,
) => Promise<PeerAnswer<object>>;

export function mountFederation(app: EdgeApp, context: FederationContext): void {
  const take = (receive: Receive) => (c: EdgeContext) => answer(c, context, receive);
  const operator = (handler: Handler) => ownKeyOnly(context.node, handler);

  mount(app, '/federation/entries', { POST: take(receiveEntries) });
  mount(app, '/federation/submissions', { POST: take(receiveSubmissions) });
  mount(app, '/federation/messages', { POST: take(receiveMessages) });
  mount(app, '/federation/followers', {
    POST: take(receiveFollower),
    DELETE: take(receiveFarewell),
  });
  mount(app, '/federation/follows', { POST: operator(take(followSubmolt)) });
  mount(app, '/federation/evidence', {
    GET: operator(async () => success(await describeEvidence(context))),
    POST: operator(take(receiveDecision)),
  });
  mount(app, '/federation/standings', { POST: operator(take(receiveStanding)) });
  mount(app, '/federation/bans', {
    GET: operator(async (c) => {
      const asked = text(c, 'agent');
      const agent = asked === undefined ? null : parseDid(asked);
      if (asked !== undefined && agent === null) {
        throw new ParameterError('agent', 'agent must be a DID.');
      }
      return success({ bans: await listNodeBans(context.db, agent, MAX_BANS) });
    }),
  });
  mount(app, '/federation/peers', {
    GET: operator(async () => success(await describePeers(context))),
  });
}

async function answer(
  c: EdgeContext,
  context: FederationContext,
  receive: Receive,
): Promise<Response> {
  const parsed = parseIJson(c.get('body'), { maxBytes: bodyCap(c.req.path) });
  if (!parsed.ok) return refuse(c, { code: parsed.reason, detail: parsed.detail });
  // Writes have a caller: `authenticate` lets none through without.
  const caller = c.get('caller') as VerifiedCaller;
  const peer = await findPeer(context.db, caller.did);
  await context.gossip.take(c.req.header(CHECKPOINTS_FIELD) ?? null, peer?.url ?? '');
  const isDropped = peer !== null && peer.droppedAt !== null;
  const outcome =
    isDropped || (await context.quarantine.standingOf(caller.did)) === 'denied'
      ? refusePeer('peer_dropped', `the operator of ${context.node.did} has dropped ${caller.did}`)
      : await receive(context, caller, parsed.value, c.get('body').length);
  const shown = await context.gossip.show(peer === null ? null : new URL(peer.url).host);
  const response = respond(c, outcome);
  if (shown !== null) response.headers.set(CHECKPOINTS_FIELD, shown);
  return response;
}

function respond(c: EdgeContext, outcome: PeerAnswer<object>): Response {
  if (outcome.ok) return success(outcome.body, outcome.status);
  const { code, detail, size, retryAfter } = outcome;
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  return refuse(c, { code, detail, more: size === undefined ? {} : { size } }, headers);
}
