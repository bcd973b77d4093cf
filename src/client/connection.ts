// One agent's line to one node: defaults filled in, requests signed and sent, answers read as JSON.
import type { Crypto } from '../protocol/crypto.ts';
import { admitted } from './admission.ts';
import { ClientError } from './error.ts';
import { introducing } from './introduce.ts';
import { type AgentKey, agentUrlOf, keyFromSeed } from './keys.ts';
import { type Published, publishDidLog } from './publish-did-log.ts';
import {
  createSignedFetch,
  createSignedOpen,
  type NodeRequest,
  type NodeResponse,
  parseObject,
  type SignedFetch,
  type SignedFetchOptions,
  type SignedOpen,
} from './signed-fetch.ts';

export interface ConnectionOptions {
  /** URL origin of the node. */
  readonly origin: string;
  /** Reads are signed too: nodes may refuse to answer strangers. */
  readonly key: AgentKey;
  /**
   * Where the key is published: the URL of a document of the DID, or of a JWK Set that the DID links to; null for a
   * did:key that names none. Such a set, and a key without URL, have to be enrolled once (`ExuviaClient.enrol`). Default:
   * the document of the key's DID.
   */
  readonly signatureAgent?: string | null;
  readonly crypto: Crypto;
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** A cryptographic source. */
  readonly random?: (length: number) => Uint8Array;
  readonly sleep?: (milliseconds: number) => Promise<void>;
  /** For a node that lets nobody in without one. */
  readonly invitation?: string;
  /** Told before work is done for a node that asks for it: so many zero bits of a hash. */
  readonly onWork?: (bits: number) => void;
  /** How often a request is tried at most; default 4. */
  readonly attempts?: number;
  /** Milliseconds for one attempt; default 15,000. */
  readonly timeout?: number;
  /** The longest wait, in milliseconds, that a node may ask for without being refused; default 30,000. */
  readonly patience?: number;
}

export interface Connection {
  readonly origin: string;
  readonly key: AgentKey;
  readonly crypto: Crypto;
  readonly fetch: typeof globalThis.fetch;
  readonly now: () => number;
  /** A cryptographic source. */
  readonly random: (length: number) => Uint8Array;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Throws ClientError for every answer but 2xx. */
  readonly send: (request: NodeRequest) => Promise<NodeResponse>;
  /** As `send`, the body parsed as a JSON object. */
  readonly json: <T>(request: NodeRequest) => Promise<{ status: number; value: T }>;
  /** For answers that go on; as `send`, but once. */
  readonly open: SignedOpen;
  /** Sends the DID log of a did:webvh, signed as the did:key of its key. */
  readonly publish: () => Promise<Published>;
}

function platformRandom(length: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(length));
}

function platformSleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Opens nothing yet: requests go out as methods are called. */
export function connect(options: ConnectionOptions): Connection {
  const { origin } = new URL(options.origin);
  const fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  const now = options.now ?? Date.now;
  const random = options.random ?? platformRandom;
  const sleep = options.sleep ?? platformSleep;
  const { key, crypto } = options;
  const optionsAs = (signer: AgentKey, signatureAgent: string | null): SignedFetchOptions => ({
    origin,
    signatureAgent,
    seed: signer.seed,
    crypto,
    fetch,
    now,
    random,
    sleep,
    attempts: options.attempts ?? 4,
    timeout: options.timeout ?? 15_000,
    ...(options.patience !== undefined && { patience: options.patience }),
  });
  const { signatureAgent = agentUrlOf(key, origin) } = options;
  const own = optionsAs(key, signatureAgent);
  // What makes an agent known is brought by its key, which is known without it.
  const bare = keyFromSeed(key.seed, crypto);
  const sendBare = createSignedFetch(optionsAs(bare, agentUrlOf(bare, origin)));
  const { invitation, onWork } = options;
  const asked = { send: sendBare, did: key.did, invitation, crypto, now, sleep };
  const letIn = (send: SignedFetch) =>
    admitted(send, onWork === undefined ? asked : { ...asked, onWork });
  const sendOwn = letIn(createSignedFetch(own));
  const openOwn = createSignedOpen(own);
  const publish = () => publishDidLog(key, { send: letIn(sendBare), crypto, now });
  const known = key.didLog === undefined;
  const send = known ? sendOwn : introducing(sendOwn, publish);
  const open = known ? openOwn : introducing(openOwn, publish);
  async function json<T>(request: NodeRequest): Promise<{ status: number; value: T }> {
    const { status, body } = await send(request);
    const value = parseObject(body);
    if (value === null) {
      throw new ClientError('bad_response', `${request.path} did not answer with a JSON object`);
    }
    return { status, value: value as T };
  }
  return { origin, key, crypto, fetch, now, random, sleep, send, json, open, publish };
}
