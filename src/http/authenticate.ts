// Finds out who is talking: the request signature first, from the header section alone, then the body it covers.
import { createMiddleware } from 'hono/factory';
import { parseContentDigest } from '../protocol/content-digest.ts';
import type { Crypto } from '../protocol/crypto.ts';
import type { Did } from '../protocol/did.ts';
import {
  REQUEST_WINDOW,
  type RequestKeyLookup,
  type VerifiedRequest,
  verifyRequest,
} from '../protocol/request-signature.ts';
import { COMPAT_ALL, type SignatureAgentCompat } from '../protocol/signature-agent.ts';
import { nonceSource } from './challenge.ts';
import {
  ADD_CHECKPOINT,
  bodyCap,
  type Demand,
  demandOf,
  takesForeignSignatures,
} from './demand.ts';
import type { Edge, EdgeContext } from './edge.ts';
import { ENROLMENTS } from './enrolment-body.ts';
import { type EnrolmentKeys, enrolmentLookup } from './enrolment-lookup.ts';
import type { Limits } from './limits.ts';
import { agentKind, type Metrics, type SignatureOutcome } from './metrics.ts';
import { type Refusal, refuse } from './problem.ts';
import { hasBody, readBody, takeWhatCame } from './read-body.ts';
import { requestCode } from './request-problems.ts';
import { type OwnOrigin, ownOrigin, rawValues } from './request-target.ts';

declare const callerBrand: unique symbol;

/** Who signed the request. Not who wrote what is inside it: the proof decides that. */
export interface VerifiedCaller {
  /** On the route of enrolments the did:key of the key that signed: there a caller is not known by anything else. */
  readonly did: Did;
  /** Thumbprint of the key, as in the signature. */
  readonly keyid: string;
  /** Signature-Agent, or null if there is none. */
  readonly agentUrl: string | null;
  /** Present on every write. */
  readonly nonce: string | null;
  /** Seconds since the epoch: after this the signature is too old, and its nonce can be forgotten. */
  readonly nonceExpires: number;
  readonly [callerBrand]: true;
}

export interface AuthenticateOptions {
  /** The configured public origin. */
  readonly origin: string;
  /** `public`: GET and HEAD under /api/v1 and /federation need no signature. */
  readonly reads: 'signed' | 'public';
  readonly lookupKey: RequestKeyLookup;
  readonly enrolmentKeys: EnrolmentKeys;
  readonly crypto: Crypto;
  /** Milliseconds. */
  readonly now: () => number;
  /** A cryptographic source, for the nonces that challenges ask for. */
  readonly random: (bytes: number) => Uint8Array;
  readonly compat?: SignatureAgentCompat;
  /** How often requests may come; without it, as often as they like. */
  readonly limits?: Limits;
  /** ActivityPub software is answered: what it signs with at its own addresses is not of this profile. */
  readonly foreignSignatures?: boolean;
  /** Told of every signature that is let in. */
  readonly metrics?: Pick<Metrics, 'accepted'>;
}

/** What every signature of this profile has among its parameters. */
const OWN_TAG = 'tag="web-bot-auth"';

const JSON_TYPES = ['application/json', 'application/ld+json', 'application/activity+json'];

/**
 * Middleware for every route. Sets `caller` and `body`, or refuses: nothing of the body is read unless the
 * signature holds, the route is open, or the key stands in it (`enrolmentLookup`).
 */
export function authenticate(options: AuthenticateOptions) {
  const own = ownOrigin(options.origin);
  const freshNonce = nonceSource(options.random);
  return createMiddleware<Edge>(async (c, next) => {
    const { incoming } = c.env;
    const { path } = c.req;
    c.set('freshNonce', freshNonce);
    const demand = demandOf(incoming.method ?? '', path, options.reads);
    const names = (name: string) => rawValues(incoming.rawHeaders, name);
    const foreign =
      options.foreignSignatures === true &&
      takesForeignSignatures(path) &&
      !names('signature-input').some((value) => value.includes(OWN_TAG));
    const isSigned = !foreign && names('signature-input').length + names('signature').length > 0;
    const tooSoon = options.limits?.arrive(c, isSigned) ?? null;
    if (tooSoon !== null) {
      await takeWhatCame(incoming);
      return refuse(c, tooSoon);
    }
    const cap = bodyCap(path);
    const framing = checkFraming(c, cap);
    if (framing !== null) return refuse(c, framing);

    const enrolling = path === ENROLMENTS ? enrolmentLookup(c, options.enrolmentKeys) : null;
    let caller: VerifiedCaller | null = null;
    let coveredDigest: string | null = null;
    let signatures: VerifiedRequest['signatures'] = [];
    if (isSigned) {
      const lookup = enrolling?.lookup ?? options.lookupKey;
      const verdict = await verifyCaller(c, { ...options, lookupKey: lookup }, own, demand);
      c.set('signature', verdict.ok ? 'verified' : verdict.outcome);
      if (!verdict.ok) {
        options.limits?.fail(c);
        await takeWhatCame(incoming);
        return refuse(c, enrolling?.refusal() ?? verdict.refusal);
      }
      ({ caller, coveredDigest, signatures } = verdict);
      const known = { signature: verdict.base, write: demand.write };
      const limited = (await options.limits?.admit(c, caller, known)) ?? null;
      if (limited !== null) {
        await takeWhatCame(incoming);
        return refuse(c, limited);
      }
    } else if (demand.signature) {
      c.set('signature', 'unverified');
      const detail =
        'The request is not signed; Accept-Signature says what a signature must cover.';
      await takeWhatCame(incoming);
      return refuse(c, { code: 'signature_missing', detail });
    }
    c.set('caller', caller);
    const early = enrolling?.body() ?? null;
    c.set('body', early ?? new Uint8Array(0));
    if (cap === 0 || early !== null) {
      countAccepted(options, caller, signatures);
      return next();
    }

    const digestField = coveredDigest ?? names('content-digest').join(', ');
    const stated = digestField === '' ? null : parseContentDigest(digestField);
    if (stated !== null && !stated.ok) {
      return refuse(c, { code: requestCode(stated.reason), detail: stated.detail });
    }
    const length = Number(incoming.headers['content-length'] ?? cap);
    const release = options.limits ? options.limits.reserve(c, caller, length) : () => undefined;
    if (release === null) {
      const detail = 'The node has as many bodies in memory as it takes, in all or of this caller.';
      return refuse(c, { code: 'overloaded', detail });
    }
    try {
      const body = await readBody(incoming, c.env.outgoing, cap, stated?.digest ?? null);
      if (!body.ok) {
        // What was signed is not what was sent.
        if (caller && body.code === 'content_digest_mismatch') c.set('signature', 'invalid');
        return refuse(c, body);
      }
      c.set('body', body.bytes);
      countAccepted(options, caller, signatures);
      await next();
    } finally {
      release();
    }
  });
}

function countAccepted(
  { metrics }: AuthenticateOptions,
  caller: VerifiedCaller | null,
  signatures: VerifiedRequest['signatures'],
): void {
  if (caller === null || metrics === undefined) return;
  for (const { form, agentUrl } of signatures) {
    metrics.accepted(form, agentKind(agentUrl, caller.did));
  }
}

/** What the header section alone says against a body. */
function checkFraming(c: EdgeContext, cap: number): Refusal | null {
  const { incoming } = c.env;
  const { headers, method } = incoming;
  if (!hasBody(incoming)) return null;
  // A body where none belongs is how one request is smuggled inside another.
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') {
    return { code: 'unexpected_body', detail: `${method} carries no body here.` };
  }
  if (cap === 0) return null;
  if (Number(headers['content-length'] ?? 0) > cap) {
    return { code: 'too_large', detail: `At most ${cap} bytes are read.` };
  }
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    return { code: 'content_encoding_refused', detail: `Content-Encoding is ${encoding}.` };
  }
  if (c.req.path === ADD_CHECKPOINT) return null;
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (!JSON_TYPES.includes(type)) {
    return { code: 'unsupported_media_type', detail: `Content-Type is ${type || 'missing'}.` };
  }
  return null;
}

type CallerVerdict =
  | {
      readonly ok: true;
      readonly caller: VerifiedCaller;
      readonly coveredDigest: string | null;
      /** SHA-256 of what was signed. */
      readonly base: Uint8Array;
      readonly signatures: VerifiedRequest['signatures'];
    }
  | { readonly ok: false; readonly outcome: SignatureOutcome; readonly refusal: Refusal };

async function verifyCaller(
  c: EdgeContext,
  options: AuthenticateOptions,
  own: OwnOrigin,
  demand: Demand,
): Promise<CallerVerdict> {
  const { incoming } = c.env;
  const { authority, scheme } = own;
  const verdict = await verifyRequest(
    {
      method: incoming.method ?? '',
      target: incoming.url ?? '',
      scheme,
      authority,
      headers: pairsOf(incoming.rawHeaders),
    },
    {
      write: demand.write,
      hasBody: hasBody(incoming),
      now: Math.floor(options.now() / 1000),
      ...REQUEST_WINDOW,
      compat: options.compat ?? COMPAT_ALL,
      loopback: scheme === 'http',
      authorities: [authority],
    },
    options.lookupKey,
    options.crypto,
  );
  if (!verdict.ok) {
    const { outcome, reason, detail } = verdict;
    return { ok: false, outcome, refusal: { code: requestCode(reason), detail } };
  }
  const { did, keyid, agentUrl, nonce, created, contentDigest, signatures } = verdict;
  const nonceExpires = created + REQUEST_WINDOW.maxAge + REQUEST_WINDOW.clockSkew;
  const caller = { did, keyid, agentUrl, nonce, nonceExpires } as VerifiedCaller;
  const { signatureBaseHash: base } = verdict;
  return { ok: true, caller, coveredDigest: contentDigest, base, signatures };
}

function pairsOf(rawHeaders: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    pairs.push([rawHeaders[i] as string, rawHeaders[i + 1] as string]);
  }
  return pairs;
}
