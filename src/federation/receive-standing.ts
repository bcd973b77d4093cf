// The operator's word about another node, as a request of the node's own key.
import type { Caller } from '../commands/context.ts';
import { setStanding } from '../commands/set-standing.ts';
import { parseDid } from '../protocol/did.ts';
import { isObject, type JsonObject, type JsonValue } from '../protocol/json.ts';
import { type PeerAnswer, refusePeer } from './answer.ts';
import type { FederationContext } from './context.ts';
import { hasExactly, isIndex } from './json-shape.ts';

const WORDS = { allow: 'allowed', deny: 'denied', forget: null } as const;
const BELOW = /^did:web:\*(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/;

/** `POST /federation/standings` with `{"node","standing":"allow"|"deny"|"forget","objects":n|null}`. */
export async function receiveStanding(
  context: FederationContext,
  caller: Caller | null,
  value: JsonValue,
): Promise<PeerAnswer<JsonObject>> {
  const members = isObject(value) && hasExactly(value, 'node', 'standing', 'objects') ? value : {};
  const { node, objects, standing: word } = members;
  const isNode = typeof node === 'string' && (parseDid(node) !== null || BELOW.test(node));
  const isWord = typeof word === 'string' && Object.hasOwn(WORDS, word);
  if (!isNode || !isWord || (objects !== null && !isIndex(objects))) {
    const shape =
      '{"node":"<DID or did:web:*.host>","standing":"allow"|"deny"|"forget","objects":n|null}';
    return refusePeer('malformed_request', `not ${shape}`);
  }
  if (node === context.node.did) return refusePeer('malformed_request', 'that is this node itself');
  const standing = WORDS[word as keyof typeof WORDS];
  const outcome = await setStanding(context, context.sequencer, {
    node,
    standing,
    objects,
    caller,
  });
  if (!outcome.ok) return refusePeer(outcome.reason, outcome.detail);
  context.peersChanged();
  return { ok: true, status: 200, body: { node, standing, objects, peers: [...outcome.peers] } };
}
