// Learns who a node is: its DID, its name and the key that signs its logs, by its own signed statement.
import { encodeKeyChain, verifyKeyChain } from '../log/key-chain.ts';
import type { ObjectKeys } from '../net/object-keys.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { type Did, didMethod, didWebToUrl, parseDid, publicKeyOfDidKey } from '../protocol/did.ts';
import { isObject, type JsonValue, parseIJson } from '../protocol/json.ts';
import { WITNESS_KEYS } from '../protocol/labels.ts';
import { type VerifyContext, verifyObject } from '../protocol/object.ts';
import { createFormerKeys, type FormerDocument } from './former-keys.ts';
import type { PeerClient, PeerFailure } from './peer-client.ts';

export interface DiscoveredNode {
  readonly did: Did;
  /** URL origin, without a trailing slash. */
  readonly origin: string;
  /** What the node calls itself, at most 100 characters. */
  readonly name: string;
  /** 32-byte key that signs all its checkpoints now. */
  readonly logKey: Uint8Array;
  /** The signed `Add` that says so, and those of the keys before it (`encodeKeyChain`). */
  readonly keyStatement: Uint8Array;
  readonly systemLog: string;
  /** Key with which it cosigns; null for a node that does not say. */
  readonly witnessKey: Uint8Array | null;
  /** Documents of it that stand no more, under which it has stated some of this. */
  readonly formerDocuments: readonly FormerDocument[];
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
  const former = createFormerKeys(deps.client, deps.keys, did, origin);
  const reader = { crypto: deps.crypto, resolveKey: former.resolve };
  const log = await openLogKeys(reader, did, keyStatement ?? null);
  if (!log.ok) return unopened(origin, log);
  const witness =
    witnessStatement === null ? null : await openWitness(reader, did, witnessStatement);
  if (witness !== null && !witness.ok) return unopened(origin, witness);
  const witnessKey = witness?.key ?? null;
  const { bytes, key: logKey } = log;
  return {
    ok: true,
    node: {
      ...{ did, origin, name, logKey, keyStatement: bytes, systemLog, witnessKey },
      formerDocuments: former.used(),
    },
  };
}

type Unopened = { readonly ok: false; readonly detail: string; readonly retryable: boolean };
type Opened = { readonly ok: true; readonly key: Uint8Array };

/** The keys that `did` itself has put under its log keys, one after the other. */
async function openLogKeys(
  reader: VerifyContext,
  did: Did,
  value: JsonValue,
): Promise<(Opened & { readonly bytes: Uint8Array }) | Unopened> {
  const verdict = await verifyKeyChain(value, reader);
  if (!verdict.ok) return { ...verdict, detail: `keyStatement: ${verdict.detail}` };
  const { home, keys: stated, statements } = verdict.chain;
  const key = stated.at(-1);
  if (home !== did || key === undefined) {
    return { ok: false, detail: 'keyStatement names no key of this node', retryable: false };
  }
  return { ok: true, key, bytes: encodeKeyChain(statements.map((one) => one.bytes)) };
}

/** The key that `did` itself has put under its witness keys. */
async function openWitness(
  reader: VerifyContext,
  did: Did,
  value: JsonValue,
): Promise<Opened | Unopened> {
  const verdict = await verifyObject(value, reader);
  if (!verdict.ok) {
    const detail = `witnessStatement: ${verdict.detail}`;
    return { ok: false, detail, retryable: verdict.retryable ?? false };
  }
  const { activity } = verdict.object;
  const stated = activity.type === 'Add' && activity.target === WITNESS_KEYS ? activity : null;
  const subject = stated && parseDid(stated.object);
  const key = subject && publicKeyOfDidKey(subject);
  if (key === null || activity.actor !== did || !reader.crypto.acceptsKey(key)) {
    const detail = 'witnessStatement names no such key of this node';
    return { ok: false, detail, retryable: false };
  }
  return { ok: true, key };
}

function unopened(origin: string, { detail, retryable }: Unopened): Discovery {
  return retryable
    ? { ok: false, reason: 'unreachable', detail, failure: null }
    : invalid(origin, detail);
}

/** Whether a node with that DID can be at that URL origin. */
export function belongsTo(did: Did, origin: string): boolean {
  return origin.startsWith('https:')
    ? didWebToUrl(did) === `${origin}/.well-known/did.json`
    : didMethod(did) === 'key';
}

function invalid(origin: string, why: string): Discovery {
  return { ok: false, reason: 'invalid', detail: `the description of ${origin}: ${why}` };
}
