// Starts a replica of another node's submolt, named by the URL of its page there.
import type { Caller } from '../commands/context.ts';
import { type FollowOutcome, followLog } from '../commands/follow-log.ts';
import { isObject, type JsonValue, parseIJson } from '../protocol/json.ts';
import { idOf, type ObjectName, parseObjectName } from '../protocol/object-name.ts';
import { type PeerAnswer, type RefusedPeer, refusePeer } from './answer.ts';
import type { FederationContext } from './context.ts';
import type { DiscoveredNode } from './discover-node.ts';
import { introducePeer } from './introduce-peer.ts';
import { hasExactly } from './json-shape.ts';

export interface Following {
  /** `ni:` name of the act that founded the submolt. */
  readonly submolt: ObjectName;
  /** Origin of its log. */
  readonly log: string;
  /** Entries that are here already. */
  readonly size: number;
}

const PATIENCE_SECONDS = 30;

/**
 * `POST /federation/follows` with `{"submolt":"https://home/m/slug"}`: discovers the home, asks it which log the
 * submolt is, and makes an empty replica; entries come with the next pull. 202, since they come later.
 */
export async function followSubmolt(
  context: FederationContext,
  caller: Caller | null,
  value: JsonValue,
): Promise<PeerAnswer<Following>> {
  const url = isObject(value) && hasExactly(value, 'submolt') ? value.submolt : null;
  const page = typeof url === 'string' ? parsePage(url) : null;
  if (page === null) {
    return refusePeer('malformed_request', 'not {"submolt":"https://<home>/m/<slug>"}');
  }
  if (page.origin === context.node.origin) {
    return refusePeer('already_home', 'this node is the home of the submolt');
  }
  const introduced = await introducePeer(context, page.origin);
  if (!introduced.ok) return introduced;
  const found = await askForSubmolt(context, introduced.node, page.slug);
  if (!found.ok) return found;
  const { submolt } = found;
  const log = `${new URL(page.origin).host}/log/${idOf(submolt)}`;
  const followed = await followLog(context, context.sequencer, {
    peer: introduced.node.did,
    origin: log,
    submolt,
    caller,
  });
  if (!followed.ok) return refusePeer(CODES[followed.reason], followed.detail);
  context.peersChanged();
  context.wantPull(log);
  return { ok: true, status: 202, body: { submolt, log, size: followed.size } };
}

const CODES = {
  peer_unknown: 'node_invalid',
  own_log: 'already_home',
  submolt_elsewhere: 'submolt_elsewhere',
  replayed: 'replayed',
} as const satisfies Record<Extract<FollowOutcome, { ok: false }>['reason'], RefusedPeer['code']>;

/** Splits the URL of a submolt's page; null for any other URL. */
export function parsePage(text: string): { origin: string; slug: string } | null {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return null;
  const slug = /^\/m\/([a-z0-9][a-z0-9-]{0,28}[a-z0-9])\/?$/.exec(url.pathname)?.[1];
  return slug === undefined ? null : { origin: url.origin, slug };
}

type FoundSubmolt = { readonly ok: true; readonly submolt: ObjectName } | RefusedPeer;

/** What the home says is taken for a hint: the log's founding must be the act of that name, and name this home. */
async function askForSubmolt(
  { client }: FederationContext,
  home: DiscoveredNode,
  slug: string,
): Promise<FoundSubmolt> {
  // A slug alone could be that of a submolt which the other node only replicates.
  const url = `${home.origin}/api/v1/submolts/${slug}@${new URL(home.origin).host}`;
  const reply = await client.send('GET', url, null);
  if (!reply.ok) {
    return reply.again
      ? refusePeer('node_unreachable', reply.detail, { retryAfter: PATIENCE_SECONDS })
      : refusePeer('log_unknown', reply.detail);
  }
  const parsed = parseIJson(reply.body);
  const view = parsed.ok && isObject(parsed.value) ? parsed.value.submolt : null;
  const { home: named = null, object = null } = isObject(view) ? view : {};
  const submolt = typeof object === 'string' ? parseObjectName(object) : null;
  if (submolt === null || !isObject(named) || named.did !== home.did) {
    return refusePeer('node_invalid', `${url} does not describe a submolt of ${home.did}`);
  }
  return { ok: true, submolt };
}
