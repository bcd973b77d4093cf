// Bodies of requests about messages, and whose mailbox a request is about.
import { principalUnder } from '../commands/judge-chain.ts';
import type { FederationContext } from '../federation/context.ts';
import { parseOriginUrl } from '../federation/introduce-peer.ts';
import { type Did, parseDid, subjectOf } from '../protocol/did.ts';
import { isObject, type JsonObject, type JsonValue, parseIJson } from '../protocol/json.ts';
import { nameFromId, type ObjectName, parseObjectName } from '../protocol/object-name.ts';
import type { EdgeContext } from './edge.ts';
import { ParameterError, text } from './parameters.ts';
import type { Refusal } from './problem.ts';

type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal };

export interface PostedEnvelope {
  readonly envelope: JsonObject;
  readonly chain: readonly JsonValue[];
  /** URL origin; null if the sender leaves it to the node. */
  readonly via: string | null;
}

/** `{"envelope":{…}}`, with `chain`, a list of delegations, and `via`, a URL origin, where they apply. */
export function readPosted(c: EdgeContext): Read<PostedEnvelope> {
  const body = objectOf(c, ['chain', 'envelope', 'via']);
  if (!body.ok) return body;
  const { chain = [], envelope, via = null } = body.value;
  if (!isObject(envelope)) return malformed('envelope must be one object.', 'envelope');
  if (!Array.isArray(chain) || chain.length > 3) {
    return malformed('chain must be a list of at most 3 delegations.', 'chain');
  }
  const url = typeof via === 'string' ? parseOriginUrl(via) : null;
  if (via !== null && url === null) return malformed('via must be the URL of a node.', 'via');
  return { ok: true, value: { envelope, chain, via: url } };
}

/** `{"did":"<DID>"}`. */
export function readAgent(c: EdgeContext): Read<Did> {
  const body = objectOf(c, ['did']);
  if (!body.ok) return body;
  const did = typeof body.value.did === 'string' ? parseDid(body.value.did) : null;
  return did === null ? malformed('did must be a DID.', 'did') : { ok: true, value: did };
}

/** `{"through":"<id>"}`. */
export function readThrough(c: EdgeContext): Read<ObjectName> {
  const body = objectOf(c, ['through']);
  if (!body.ok) return body;
  const { through } = body.value;
  const name =
    typeof through === 'string' ? (nameFromId(through) ?? parseObjectName(through)) : null;
  return name === null
    ? malformed('through must be the id of a message.', 'through')
    : { ok: true, value: name };
}

/** The subject whose mailbox it is: the caller's, or that of who lets it look after theirs (`under`). */
export async function ownerOf(c: EdgeContext, context: FederationContext): Promise<Read<Did>> {
  const caller = c.get('caller');
  if (caller === null) {
    const detail = 'A mailbox is somebody’s; sign the request to say whose.';
    return { ok: false, refusal: { code: 'signature_missing', detail } };
  }
  const under = text(c, 'under');
  if (under === undefined) return { ok: true, value: subjectOf(caller.did) };
  const delegation = nameFromId(under) ?? parseObjectName(under);
  if (delegation === null)
    throw new ParameterError('under', 'under must be the id of a delegation.');
  const found = await principalUnder(context, caller.did, delegation, context.keys.resolve);
  if (found.ok) return { ok: true, value: found.principal };
  return { ok: false, refusal: { code: found.reason, detail: found.detail, path: 'under' } };
}

function objectOf(c: EdgeContext, members: readonly string[]): Read<JsonObject> {
  const parsed = parseIJson(c.get('body'));
  if (!parsed.ok) return { ok: false, refusal: { code: parsed.reason, detail: parsed.detail } };
  const { value } = parsed;
  if (!isObject(value)) return malformed('The body must be one object.');
  const unknown = Object.keys(value).find((key) => !members.includes(key));
  return unknown === undefined
    ? { ok: true, value }
    : malformed(`Only ${members.join(', ')} may stand there.`, unknown.slice(0, 64));
}

function malformed(detail: string, path?: string) {
  return { ok: false, refusal: { code: 'message_malformed', detail, path } } as const;
}
