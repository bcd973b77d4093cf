// Requests to other nodes: signed with the node's key, over the guarded client, with answers sorted into done, later, never.
import type { NodeIdentity } from '../commands/context.ts';
import { NetError } from '../net/error.ts';
import type { GuardedFetch, GuardedRequest, GuardedResponse } from '../net/guarded-fetch.ts';
import { toBase64url, utf8 } from '../protocol/bytes.ts';
import { CHECKPOINTS_FIELD } from '../protocol/checkpoints-field.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { didMethod } from '../protocol/did.ts';
import { type JsonObject, parseIJson } from '../protocol/json.ts';
import { type RequestSigner, signRequest } from '../protocol/request-signature.ts';
import { agentUrlOfDidKey, DIRECTORY_PATH } from '../protocol/signature-agent.ts';
import { readChallenge, type SignatureChallenge } from '../protocol/signature-challenge.ts';
import { jwkThumbprint } from '../protocol/thumbprint.ts';
import type { Gossip } from './gossip.ts';
import { parseRetryAfter } from './retry.ts';

export interface PeerFailure {
  readonly ok: false;
  /** True for trouble that may pass; false when the peer has said never, or the request cannot be made. */
  readonly again: boolean;
  /** HTTP status; null if there was no answer. */
  readonly status: number | null;
  /** Members of the problem document, if the answer was one; empty otherwise. */
  readonly problem: JsonObject;
  readonly detail: string;
  /** What Retry-After asks for, capped. */
  readonly retryAfterMs: number | null;
  /** The answer was longer than `maxBytes`. */
  readonly tooLarge: boolean;
}

type PeerReply = { readonly ok: true; readonly body: Uint8Array } | PeerFailure;

interface PlainAnswer {
  readonly ok: true;
  readonly status: number;
  readonly body: Uint8Array;
}

interface PeerLimits {
  readonly timeMs?: number;
  readonly maxBytes?: number;
}

export interface PeerClient {
  /** GET of what is open to everybody: no signature, so that two nodes never wait for each other's keys. */
  read(url: string, limits?: PeerLimits): Promise<PeerReply>;
  /** POST of what is open to everybody, as the bytes are. Every answer with a status is one. */
  post(url: string, body: Uint8Array, limits?: PeerLimits): Promise<PlainAnswer | PeerFailure>;
  /**
   * Signed request; `body` is a value to be sent as JSON, or the bytes of one. If the peer asks for another signature,
   * it is sent once more, as it asks.
   */
  send(
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    body: JsonObject | Uint8Array | null,
    limits?: PeerLimits,
  ): Promise<PeerReply>;
}

export interface PeerClientDeps {
  readonly fetch: Pick<GuardedFetch, 'request'>;
  readonly crypto: Crypto;
  readonly now: () => number;
  readonly random: (bytes: number) => Uint8Array;
  readonly node: NodeIdentity;
  /** What rides on the messages to other nodes, and comes back with their answers. */
  readonly gossip?: Pick<Gossip, 'show' | 'take'>;
  /** Breaks off every request when the node stops. */
  readonly signal?: AbortSignal;
}

/** Seconds: back-dated because some verifiers allow no skew; short because it is used at once. */
const BACK_DATED = 2;
const VALID_FOR = 120;

/** Makes the client that speaks for this node. Its methods never throw. */
export function createPeerClient(deps: PeerClientDeps): PeerClient {
  const { fetch, crypto, gossip, now, random, node } = deps;
  // A did:key needs no fetch to be known; a did:web is known by its host's key directory.
  const signatureAgent =
    didMethod(node.did) === 'key'
      ? agentUrlOfDidKey(node.origin, node.did)
      : node.origin + DIRECTORY_PATH;

  const signal = deps.signal === undefined ? {} : { signal: deps.signal };

  const keyid = jwkThumbprint(crypto.publicKeyOf(node.seed), crypto);

  async function exchange(url: string, request: GuardedRequest): Promise<Exchange> {
    try {
      const response = await ask(url, request);
      return { reply: sortReply(url, response, now()), asked: askedSignature(response) };
    } catch (error) {
      return { reply: unanswered(error), asked: null };
    }
  }

  /** The heads that ride along prove themselves: each is signed, so the request's signature need not cover them. */
  async function ask(url: string, request: GuardedRequest): Promise<GuardedResponse> {
    const { host, origin } = new URL(url);
    const shown = (await gossip?.show(host)) ?? null;
    const riding = shown === null ? {} : { [CHECKPOINTS_FIELD]: shown };
    const headers = { ...request.headers, ...riding };
    const response = await fetch.request(url, { ...request, ...signal, headers });
    await gossip?.take(response.header(CHECKPOINTS_FIELD), origin);
    return response;
  }

  function unanswered(error: unknown): PeerFailure {
    if (!(error instanceof NetError)) throw error;
    const tooLarge = error.code === 'too_large';
    return failure({ again: error.retryable || tooLarge, detail: error.message, tooLarge });
  }

  /** Made afresh for every try: two requests have two nonces. */
  function signerNow(challenge: SignatureChallenge | null): RequestSigner {
    const created = Math.floor(now() / 1000) - BACK_DATED;
    const asked = challenge?.nonce;
    const nonce = typeof asked === 'string' ? asked : toBase64url(random(16));
    const { seed } = node;
    return { seed, signatureAgent, created, expires: created + VALID_FOR, nonce, challenge };
  }

  return {
    read: async (url, limits = {}) => (await exchange(url, limits)).reply,
    async post(url, body, limits = {}) {
      const headers = { 'content-type': 'text/plain; charset=utf-8' };
      try {
        const request = { ...limits, method: 'POST', headers, body } as const;
        const { status, body: answer } = await ask(url, request);
        return { ok: true, status, body: answer };
      } catch (error) {
        return unanswered(error);
      }
    },
    async send(method, url, json, limits = {}) {
      const bytes = json instanceof Uint8Array ? json : utf8(JSON.stringify(json));
      const body = json === null ? undefined : bytes;
      const content = body === undefined ? {} : { body, contentType: 'application/json' };
      const attempt = async (challenge: SignatureChallenge | null) => {
        const signed = signRequest({ method, url, ...content }, signerNow(challenge), crypto);
        const sent = body === undefined ? {} : { body };
        return exchange(url, { ...limits, method, headers: signed, ...sent });
      };
      const first = await attempt(null);
      if (first.asked === null) return first.reply;
      const read = readChallenge(first.asked, { keyid, hasBody: body !== undefined });
      // Once: a peer that asks again, for the same or for something else, might never be content.
      return read.ok ? (await attempt(read.challenge)).reply : first.reply;
    },
  };
}

interface Exchange {
  readonly reply: PeerReply;
  /** Accept-Signature of an answer that another signature might mend. */
  readonly asked: string | null;
}

/** 403, or 429 without Retry-After: that wants another nonce, not another time. */
function askedSignature(response: GuardedResponse): string | null {
  const { status } = response;
  const wanted = status === 403 || (status === 429 && response.header('retry-after') === null);
  return wanted ? response.header('accept-signature') : null;
}

function sortReply(url: string, response: GuardedResponse, now: number): PeerReply {
  const { status, body } = response;
  if (status >= 200 && status < 300) return { ok: true, body };
  const parsed = parseIJson(body);
  const isObject = parsed.ok && typeof parsed.value === 'object' && parsed.value !== null;
  const problem = isObject && !Array.isArray(parsed.value) ? (parsed.value as JsonObject) : {};
  const said = typeof problem.detail === 'string' ? `: ${problem.detail.slice(0, 300)}` : '';
  return failure({
    // 4xx means never, but for these three; what this node does not understand may be mended.
    again: status >= 500 || status === 408 || status === 425 || status === 429,
    status,
    problem,
    detail: `${url} answers ${status}${said}`,
    retryAfterMs: parseRetryAfter(response.header('retry-after'), now),
  });
}

/** A failure with everything unsaid left empty. */
export function failure(
  known: { readonly again: boolean; readonly detail: string } & Partial<PeerFailure>,
): PeerFailure {
  return { ok: false, status: null, problem: {}, retryAfterMs: null, tooLarge: false, ...known };
}
