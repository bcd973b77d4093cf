// Learns who a node is: its DID, its name and the key that signs its logs, by its own signed statement.
import type { ObjectKeys } from '../net/object-keys.ts';
import type { LabelIri } from '../protocol/activity.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { type Did, didMethod, didWebToUrl, parseDid, publicKeyOfDidKey } from '../protocol/did.ts';
import type { CanonicalBytes } from '../protocol/jcs.ts';
import { isObject, type JsonValue, parseIJson } from '../protocol/json.ts';
import { LOG_KEYS, WITNESS_KEYS } from '../protocol/labels.ts';
import { verifyObject } from '../protocol/object.ts';
import type { PeerClient, PeerFailure } from './peer-client.ts';

export interface DiscoveredNode {
  readonly did: Did;
  /** URL origin, without a trailing slash. */
  readonly origin: string;
  /** What the node calls itself, at most 100 characters. */
  readonly name: string;
  /** 32-byte key that signs all its checkpoints. */
  readonly logKey: Uint8Array;
  /** The signed `Add` that says so. */
  readonly keyStatement: CanonicalBytes;
  readonly systemLog: string;
  /** Key with which it cosigns; null for a node that does not say. */
  readonly witnessKey: Uint8Array | null;
}

export type Discovery =
  | { readonly ok: true; readonly node: DiscoveredNode }
  | { readonly ok: false; readonly reason: 'invalid'; readonly detail: string }
  | {
      readonly ok: false;
      readonly reason: 'unreachable';
      readonly detail: string;
      readonly failure: PeerFailure | null;
    };

export interface DiscoveryDeps {
  readonly client: Pick<PeerClient, 'read'>;
  readonly keys: ObjectKeys;
  readonly crypto: Crypto;
}

/**
 * Fetches `<origin>/.well-known/exuvia` and believes nothing in it but what follows from the origin and from
 * the node's own proof: an https node is the did:web of its host, a loopback node a did:key of its choice.
 */
export async function discoverNode(deps: DiscoveryDeps, origin: string): Promise<Discovery> {
  const reply = await deps.client.read(`${origin}/.well-known/exuvia`);
  if (!reply.ok) return { ok: false, reason: 'unreachable', detail: reply.detail, failure: reply };
  const parsed = parseIJson(reply.body);
  if (!parsed.ok) return invalid(origin, parsed.detail);
  if (!isObject(parsed.value)) return invalid(origin, 'it is not an object');
  const { did: text, name, systemLog, keyStatement, witnessStatement = null } = parsed.value;
  const did = typeof text === 'string' ? parseDid(text) : null;
  if (did === null || !belongsTo(did, origin))
    return invalid(origin, 'did is not the node of this origin');
  if (parsed.value.origin !== origin) return invalid(origin, 'origin is another one');
  if (systemLog !== `${new URL(origin).host}/log/system`)
    return invalid(origin, 'systemLog is elsewhere');
  if (typeof name !== 'string' || name.length > 100)
    return invalid(origin, 'name is missing or too long');
  const statement = await openStatement(deps, did, LOG_KEYS, keyStatement ?? null);
  if (!statement.ok) return unopened(origin, statement);
  const witness =
    witnessStatement === null
      ? null
      : await openStatement(deps, did, WITNESS_KEYS, witnessStatement);
  if (witness !== null && !witness.ok) return unopened(origin, witness);
  const { bytes: keyBytes, key: logKey } = statement;
  const witnessKey = witness?.key ?? null;
  return {
    ok: true,
    node: { did, origin, name, logKey, keyStatement: keyBytes, systemLog, witnessKey },
  };
}

type Statement =
  | { readonly ok: true; readonly key: Uint8Array; readonly bytes: CanonicalBytes }
  | { readonly ok: false; readonly detail: string; readonly retryable: boolean };

/** The key that `did` itself has put under its log keys, or its witness keys. */
async function openStatement(
  { keys, crypto }: DiscoveryDeps,
  did: Did,
  label: LabelIri,
  value: JsonValue,
): Promise<Statement> {
  const what = label === LOG_KEYS ? 'keyStatement' : 'witnessStatement';
  const verdict = await verifyObject(value, { crypto, resolveKey: keys.resolve });
  if (!verdict.ok) {
    const detail = `${what}: ${verdict.detail}`;
    return { ok: false, detail, retryable: verdict.retryable ?? false };
  }
  const { activity, bytes } = verdict.object;
  const named = activity.type === 'Add' && activity.audience === undefined ? activity : null;
  const subject = named?.target === label ? parseDid(named.object) : null;
  const key = subject === null ? null : publicKeyOfDidKey(subject);
  if (key === null || activity.actor !== did || !crypto.acceptsKey(key)) {
    return { ok: false, detail: `${what} names no such key of this node`, retryable: false };
  }
  return { ok: true, key, bytes };
}

function unopened(
  origin: string,
  { detail, retryable }: Extract<Statement, { ok: false }>,
): Discovery {
  return retryable
    ? { ok: false, reason: 'unreachable', detail, failure: null }
    : invalid(origin, detail);
}

function belongsTo(did: Did, origin: string): boolean {
  return origin.startsWith('https:')
    ? didWebToUrl(did) === `${origin}/.well-known/did.json`
    : didMethod(did) === 'key';
}

function invalid(origin: string, why: string): Discovery {
  return { ok: false, reason: 'invalid', detail: `the description of ${origin}: ${why}` };
}
