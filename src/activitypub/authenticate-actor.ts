// Whether an activity is its actor's: by the signature of the request, or by a proof inside, under keys that the actor's host shows.
import { verify } from 'node:crypto';
import { canonicalize } from '../protocol/jcs.ts';
import { isObject, type JsonObject } from '../protocol/json.ts';
import { verifyProof } from '../protocol/proof.ts';
import type { ViewContext } from './context.ts';
import type { ActorCache, GoneActor } from './fetch-actor.ts';
import { type ForeignRequest, findSignatures, isSigned, MAX_AGE } from './http-message.ts';
import type { RemoteActor } from './remote-actor.ts';

export type Authenticated =
  /** `signed`: the very bytes that a key of the actor has signed; the same only for the same message, sent again. */
  | { readonly ok: true; readonly actor: RemoteActor; readonly signed: Uint8Array }
  /** The actor's host says that there is no such actor: nobody can sign for it any more. */
  | { readonly ok: false; readonly reason: 'gone'; readonly detail: string }
  | {
      readonly ok: false;
      readonly reason: 'foreign_signature_missing' | 'foreign_signature_invalid';
      readonly detail: string;
    }
  | {
      readonly ok: false;
      readonly reason: 'actor_unusable' | 'actor_unreachable';
      readonly detail: string;
    };

/**
 * `activity` is what the body says, through the gate for JSON; `actor` the URL it names. What cannot be right whatever the keys are is
 * refused before any connection is made. A known key that does not fit is asked for anew once, since keys change.
 */
export async function authenticateActor(
  context: Pick<ViewContext, 'crypto' | 'now'> & { readonly actors: ActorCache },
  request: ForeignRequest,
  activity: JsonObject,
  actor: string,
): Promise<Authenticated> {
  const claim = readClaim(context, request, activity);
  if (!claim.ok) return claim;
  let detail = '';
  for (const refresh of [false, true]) {
    const found = await context.actors.get(actor, { refresh });
    if (!found.ok) {
      const reason = found.retryable ? 'actor_unreachable' : 'actor_unusable';
      return { ok: false, reason, detail: found.detail };
    }
    if (isGone(found.document)) {
      return { ok: false, reason: 'gone', detail: `there is no ${actor} any more` };
    }
    const verdict = await claim.check(found.document);
    if (typeof verdict !== 'string') return { ok: true, actor: found.document, signed: verdict };
    detail = verdict;
  }
  return { ok: false, reason: 'foreign_signature_invalid', detail };
}

function isGone(actor: RemoteActor | GoneActor): actor is GoneActor {
  return 'gone' in actor;
}

interface Claim {
  readonly ok: true;
  /** What a key of the actor has signed, or what is wrong. */
  readonly check: (actor: RemoteActor) => Promise<Uint8Array | string>;
}

function readClaim(
  { crypto, now }: Pick<ViewContext, 'crypto' | 'now'>,
  request: ForeignRequest,
  activity: JsonObject,
): Claim | Extract<Authenticated, { reason: `foreign_signature_${string}` }> {
  const seconds = Math.floor(now() / 1000);
  if (isSigned(request)) {
    // A request that is signed is signed rightly: whoever knocks with another signature next is told so by the refusal.
    const found = findSignatures(request, seconds, crypto);
    if (!found.ok) return { ok: false, reason: 'foreign_signature_invalid', detail: found.detail };
    return {
      ok: true,
      check: async ({ id, rsaKeys }) => {
        for (const { base, keyId, signature } of found.signatures) {
          const key = rsaKeys.get(keyId);
          if (key !== undefined && verify('sha256', base, key, signature)) return base;
        }
        return `no RSA key that ${id} shows has made the signature of the request`;
      },
    };
  }
  const { proof } = activity;
  if (!isObject(proof)) {
    const detail = 'neither is the request signed nor does the activity have a proof';
    return { ok: false, reason: 'foreign_signature_missing', detail };
  }
  const created = typeof proof.created === 'string' ? Date.parse(proof.created) / 1000 : Number.NaN;
  // Without a request that is fresh the proof has to be: whoever has seen it could send it again.
  if (!(Math.abs(seconds - created) <= MAX_AGE)) {
    const detail = `the proof is not of the last ${MAX_AGE} s`;
    return { ok: false, reason: 'foreign_signature_invalid', detail };
  }
  // A signature of the older kind was put on after the proof.
  const { signature: _, ...proven } = activity;
  return {
    ok: true,
    check: async ({ id, proofKeys }) => {
      const key = proofKeys.get(String(proof.verificationMethod));
      if (key === undefined) return `${id} does not show the key of the proof`;
      const verdict = await verifyProof(proven, key, crypto);
      return verdict.ok ? canonicalize(proven) : verdict.detail;
    },
  };
}
