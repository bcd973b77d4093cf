// fetch with a signature: every request is signed afresh, and only what may safely be sent again is retried.
import { toBase64url } from '../protocol/bytes.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { type RequestToSign, signRequest } from '../protocol/request-signature.ts';
import { readChallenge, type SignatureChallenge } from '../protocol/signature-challenge.ts';
import { jwkThumbprint } from '../protocol/thumbprint.ts';
import { ClientError, type Problem } from './error.ts';

export interface SignedFetchOptions {
  /** URL origin of the node, as the node itself is configured. */
  readonly origin: string;
  /** 32 bytes. */
  readonly seed: Uint8Array;
  /** Where the seed's public key is published; null for a did:key that was enrolled without a URL. */
  readonly signatureAgent: string | null;
  readonly crypto: Crypto;
  readonly fetch: typeof globalThis.fetch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A cryptographic source. */
  readonly random: (length: number) => Uint8Array;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** How often one request is tried at most. A try in which the node asks for another signature is two requests. */
  readonly attempts: number;
  /** Milliseconds for one attempt. */
  readonly timeout: number;
  /** Milliseconds, 30,000 unless told: a node that asks for a longer wait is better asked by the caller, later. */
  readonly patience?: number;
}

export interface NodeRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path and query under the origin. */
  readonly path: string;
  readonly body?: Uint8Array;
  /** Open routes need no signature, and an unsigned read says nothing about who asks. */
  readonly unsigned?: boolean;
}

export interface NodeResponse {
  readonly status: number;
  readonly body: Uint8Array;
}

export type SignedFetch = (request: NodeRequest) => Promise<NodeResponse>;

/** A read whose answer has no end of its own. */
export interface OpenRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly unsigned?: boolean;
  /** Ends the answer, and the wait for it. */
  readonly signal: AbortSignal;
}

/** Gives the answer with its body unread. Throws ClientError for every answer but 2xx; nothing is tried twice. */
export type SignedOpen = (request: OpenRequest) => Promise<Response>;

/** Verifiers of two client generations allow no clock skew. */
const BACK_DATE = 2;
const LIFETIME = 120;
const NONCE_BYTES = 64;
const MAX_WAIT = 30_000;
const RETRY_STATUS = new Set([429, 502, 503, 504]);

function signedHeaders(
  request: NodeRequest,
  url: string,
  challenge: SignatureChallenge | null,
  options: SignedFetchOptions,
): Record<string, string> {
  const { seed, signatureAgent, crypto, now, random } = options;
  const created = Math.floor(now() / 1000) - BACK_DATE;
  const toSign: RequestToSign = {
    method: request.method,
    url,
    ...(request.body && { body: request.body, contentType: 'application/json' }),
  };
  const asked = challenge?.nonce ?? false;
  const own = request.method === 'GET' && !asked ? null : toBase64url(random(NONCE_BYTES));
  return signRequest(
    toSign,
    {
      seed,
      signatureAgent,
      created,
      expires: created + LIFETIME,
      nonce: typeof asked === 'string' ? asked : own,
      challenge,
    },
    crypto,
  );
}

/** The JSON object that a body spells, or null. */
export function parseObject(body: Uint8Array): object | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

function errorOf(status: number, body: Uint8Array, wait: number | null): ClientError {
  const problem: Problem = parseObject(body) ?? {};
  const message = problem.detail ?? problem.title ?? `the node answered ${status}`;
  // RFC 9457 §3.1.2: the member only repeats the status of the answer, which is what counts.
  return new ClientError(problem.code ?? 'bad_response', message, {
    problem: { ...problem, status },
    retryAfter: wait,
  });
}

/** RFC 9110 §10.2.3: seconds or a date. */
function retryAfter(field: string | null, now: number): number | null {
  if (field === null) return null;
  if (/^\d+$/.test(field)) return Number(field) * 1000;
  const date = Date.parse(field);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** Doubles from 250 ms, with jitter so that agents who failed together do not return together. */
function backOff(attempt: number, random: SignedFetchOptions['random']): number {
  const [byte = 0] = random(1);
  return 250 * 2 ** attempt * (0.5 + byte / 510);
}

/** What the node asks to have signed instead, if that can be done: RFC 9421 §5. */
function challengeOf(
  request: NodeRequest,
  { status, headers }: Response,
  { seed, crypto, signatureAgent }: SignedFetchOptions,
): SignatureChallenge | null {
  const field = headers.get('accept-signature');
  // Who asks without saying who they are is not talked into it.
  if (field === null || request.unsigned) return null;
  // 429 with this field wants another nonce; with Retry-After it wants another time.
  if (status !== 403 && (status !== 429 || headers.has('retry-after'))) return null;
  const keyid = jwkThumbprint(crypto.publicKeyOf(seed), crypto);
  const read = readChallenge(field, { keyid, hasBody: request.body !== undefined });
  if (!read.ok) return null;
  const { components } = read.challenge;
  // Who has no URL cannot cover one.
  const needsUrl = components.some(({ name }) => name === 'signature-agent');
  return needsUrl && signatureAgent === null ? null : read.challenge;
}

type Outcome =
  | { readonly done: true; readonly response: NodeResponse }
  | { readonly done: false; readonly error: ClientError; readonly wait: number | null };

async function attemptOnce(
  request: NodeRequest,
  url: string,
  options: SignedFetchOptions,
  challenge: SignatureChallenge | null = null,
): Promise<Outcome> {
  const headers = request.unsigned ? {} : signedHeaders(request, url, challenge, options);
  let response: Response;
  let body: Uint8Array;
  try {
    response = await options.fetch(url, {
      method: request.method,
      headers,
      ...(request.body && { body: request.body as Uint8Array<ArrayBuffer> }),
      // A signature is for one authority and one target; a redirect would carry it elsewhere.
      redirect: 'error',
      signal: AbortSignal.timeout(options.timeout),
    });
    body = new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    const late = cause instanceof Error && cause.name === 'TimeoutError';
    const error = late
      ? new ClientError('timeout', `no answer from ${options.origin} in time`, { cause })
      : new ClientError('network', `cannot reach ${options.origin}`, { cause });
    return { done: false, error, wait: null };
  }
  if (response.ok) return { done: true, response: { status: response.status, body } };
  const wait = retryAfter(response.headers.get('retry-after'), options.now());
  const error = errorOf(response.status, body, wait);
  // Once: a node that asks again, for the same or for something else, might never be content.
  const asked = challenge === null ? challengeOf(request, response, options) : null;
  if (asked !== null) return attemptOnce(request, url, options, asked);
  if (!RETRY_STATUS.has(response.status)) throw error;
  if (wait !== null && wait > (options.patience ?? MAX_WAIT)) throw error;
  return { done: false, error, wait };
}

/** Makes the function through which a client opens answers that go on. `timeout` is for their beginning. */
export function createSignedOpen(options: SignedFetchOptions): SignedOpen {
  async function open(
    request: OpenRequest,
    challenge: SignatureChallenge | null,
  ): Promise<Response> {
    const url = urlOf(request.path, options);
    const { path, unsigned = false } = request;
    const read: NodeRequest = { method: 'GET', path, unsigned };
    const signed = unsigned ? {} : signedHeaders(read, url, challenge, options);
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), options.timeout);
    let response: Response;
    try {
      response = await options.fetch(url, {
        headers: { ...signed, ...request.headers },
        redirect: 'error',
        signal: AbortSignal.any([request.signal, late.signal]),
      });
      if (response.ok) return response;
      const wait = retryAfter(response.headers.get('retry-after'), options.now());
      const error = errorOf(response.status, new Uint8Array(await response.arrayBuffer()), wait);
      const asked = challenge === null ? challengeOf(read, response, options) : null;
      if (asked === null) throw error;
      return await open(request, asked);
    } catch (cause) {
      if (cause instanceof ClientError || request.signal.aborted) throw cause;
      throw new ClientError('network', `cannot reach ${options.origin}`, { cause });
    } finally {
      clearTimeout(timer);
    }
  }
  return (request) => open(request, null);
}

function urlOf(path: string, options: SignedFetchOptions): string {
  const { href, origin } = new URL(path, options.origin);
  // A path such as `//host` is a URL of another host, which would get a request signed for it.
  if (origin === new URL(options.origin).origin) return href;
  throw new ClientError('invalid_argument', `${path} is not a path of the node`);
}

/**
 * Makes the function through which a client talks to its node. A write that is retried carries the same body
 * under a fresh nonce: the node knows the object by its hash, so it is accepted once however often it comes.
 * A 403 or 429 with Accept-Signature is answered, once in a try, by the signature that it asks for.
 * Throws ClientError for every answer but 2xx.
 */
export function createSignedFetch(options: SignedFetchOptions): SignedFetch {
  return async (request) => {
    const url = urlOf(request.path, options);
    let last: ClientError | null = null;
    for (let attempt = 0; attempt < options.attempts; attempt++) {
      const outcome = await attemptOnce(request, url, options);
      if (outcome.done) return outcome.response;
      last = outcome.error;
      if (attempt + 1 < options.attempts) {
        await options.sleep(outcome.wait ?? backOff(attempt, options.random));
      }
    }
    throw last ?? new ClientError('invalid_argument', 'attempts must be at least 1');
  };
}
