// Lets another node follow, or stop following, a log of this node.
import { addFollower, removeFollower } from '../commands/add-follower.ts';
import type { Caller } from '../commands/context.ts';
import { isObject, type JsonValue } from '../protocol/json.ts';
import { findLog } from '../store/queries/logs.ts';
import { findFollower, findPeer, listFollowers } from '../store/queries/peers.ts';
import { type PeerAnswer, type RefusedPeer, refusePeer } from './answer.ts';
import type { FederationContext } from './context.ts';
import { introducePeer, parseOriginUrl } from './introduce-peer.ts';
import { hasExactly } from './json-shape.ts';
import { noteContact } from './note-contact.ts';

/** More are welcome to pull: each follower costs this node a request for each group of entries. */
const MAX_FOLLOWERS = 1_000;
const PATIENCE_SECONDS = 3_600;
/** Nodes that strangers have named, asked who they are at the same time. */
const MAX_INTRODUCING = 8;
const SOON_SECONDS = 30;

type SizeAnswer = PeerAnswer<{ readonly size: number }>;

interface FollowerRequest {
  readonly log: string;
  /** URL origin of the follower. */
  readonly node: string;
}

/**
 * `POST /federation/followers`: 200 with the size of the log. The URL must be the caller's own, by what that URL says
 * of itself, or a stranger could have this node push to anybody.
 */
export async function receiveFollower(
  context: FederationContext,
  caller: Caller,
  value: JsonValue,
): Promise<SizeAnswer> {
  const request = parseRequest(value);
  if (request === null) return malformed();
  const { log: origin, node } = request;
  const { db } = context;
  const log = await findLog(db, origin);
  if (log === null || !log.isHome) return notHome(origin);
  const isNew = (await findFollower(db, origin, caller.did)) === null;
  const refused =
    (isNew ? await refuseCrowd(context, caller, origin) : null) ??
    (await refuseStranger(context, caller, node));
  if (refused !== null) return refused;
  await noteContact(context, caller.did);
  const request_ = { origin, peer: caller.did, caller };
  const outcome = await addFollower(context, context.sequencer, request_);
  if (!outcome.ok) {
    return outcome.reason === 'replayed'
      ? refusePeer('replayed', outcome.detail)
      : refusePeer('log_unknown', outcome.detail);
  }
  context.peersChanged();
  return { ok: true, status: 200, body: { size: outcome.size } };
}

/** `DELETE /federation/followers`, with the same body. */
export async function receiveFarewell(
  context: FederationContext,
  caller: Caller,
  value: JsonValue,
): Promise<SizeAnswer> {
  const request = parseRequest(value);
  if (request === null) return malformed();
  const { sequencer } = context;
  const outcome = await removeFollower(context, sequencer, {
    origin: request.log,
    peer: caller.did,
    caller,
  });
  if (outcome.ok) return { ok: true, status: 200, body: { size: outcome.size } };
  if (outcome.reason === 'replayed') return refusePeer('replayed', outcome.detail);
  // Who is no peer follows nothing.
  const log = await findLog(context.db, request.log);
  return log?.isHome
    ? { ok: true, status: 200, body: { size: log.signedSize } }
    : notHome(request.log);
}

async function refuseStranger(
  context: FederationContext,
  caller: Caller,
  node: string,
): Promise<RefusedPeer | null> {
  const known = await findPeer(context.db, caller.did);
  if (known?.url === node) return null;
  const { introducing } = context;
  // Who may name any host must not have this node knock at all of them at once, or at one without end.
  if (introducing.has(node) || introducing.size >= MAX_INTRODUCING) {
    const detail = 'this node is getting to know others already';
    return refusePeer('node_unreachable', detail, { retryAfter: SOON_SECONDS });
  }
  introducing.add(node);
  try {
    const introduced = await introducePeer(context, node, caller.did);
    return introduced.ok ? null : introduced;
  } finally {
    introducing.delete(node);
  }
}

async function refuseCrowd(
  { db, quarantine }: FederationContext,
  caller: Caller,
  origin: string,
): Promise<RefusedPeer | null> {
  if ((await listFollowers(db, origin)).length < MAX_FOLLOWERS) {
    return quarantine.refuseFollower(caller.did);
  }
  const detail = `${origin} has ${MAX_FOLLOWERS} followers; pull instead`;
  return refusePeer('too_many_followers', detail, { retryAfter: PATIENCE_SECONDS });
}

function parseRequest(value: JsonValue): FollowerRequest | null {
  if (!isObject(value) || !hasExactly(value, 'log', 'node')) return null;
  const { log, node } = value;
  if (typeof log !== 'string' || typeof node !== 'string') return null;
  return parseOriginUrl(node) === null ? null : { log, node };
}

function malformed(): RefusedPeer {
  return refusePeer('malformed_request', 'not {"log":"<origin>","node":"<URL origin>"}');
}

function notHome(origin: string): RefusedPeer {
  return refusePeer('log_unknown', `this node is not the home of ${origin}`);
}
