// One activity to one inbox: signed as the inbox wants it, and what its answer means.

import { parseRetryAfter } from '../federation/retry.ts';
import { NetError } from '../net/error.ts';
import type { GuardedResponse } from '../net/guarded-fetch.ts';
import { utf8 } from '../protocol/bytes.ts';
import type { JsonObject } from '../protocol/json.ts';
import { rsaKeyId } from './actor-keys.ts';
import { proven } from './announce.ts';
import type { ActivityPubContext } from './context.ts';
import { type SignatureForm, signForeign } from './http-message.ts';

export type Delivered =
  | { readonly kind: 'delivered' }
  /** Not now. */
  | {
      readonly kind: 'later';
      readonly detail: string;
      readonly retryAfterMs: number | null;
      /** Of the answer, if there was one. */
      readonly status: number | null;
    }
  /** This one never; others may be welcome. */
  | { readonly kind: 'refused'; readonly detail: string }
  /** There is no such inbox any more. */
  | { readonly kind: 'gone'; readonly detail: string };

const TIME_MS = 10_000;
const MAX_ANSWER = 65_536;

/** Which signatures hosts take, as far as they have said: the older one unless one has asked for the newer. */
export type SignatureForms = Map<string, SignatureForm>;

/** The body of an activity, with the group's proof: the same for all inboxes. `activity.actor` is the group. */
export function encodeActivity(
  context: Pick<ActivityPubContext, 'crypto' | 'keys' | 'now'>,
  activity: JsonObject & { readonly actor: string },
): Uint8Array {
  return utf8(JSON.stringify(proven(context, activity)));
}

/** Posts `body` in the name of `actor`, a group. An answer of 401 is followed by one more try, signed the other way. */
export async function deliver(
  context: Pick<ActivityPubContext, 'crypto' | 'keys' | 'now' | 'fetch'>,
  {
    actor,
    body,
    forms,
    url,
  }: {
    readonly actor: string;
    readonly url: string;
    readonly body: Uint8Array;
    readonly forms: SignatureForms;
  },
): Promise<Delivered> {
  const { host } = new URL(url);
  const known = forms.get(host) ?? 'draft';
  const other = known === 'draft' ? 'standard' : 'draft';
  const send = (form: SignatureForm) => {
    const { keys, now } = context;
    const keyId = rsaKeyId(keys, actor);
    const sign = (bytes: Uint8Array) => keys.signRsa(bytes);
    const request = { method: 'POST', url, body, now: now(), keyId, sign } as const;
    const headers = {
      'content-type': 'application/activity+json',
      ...signForeign(request, form, context.crypto),
    };
    const limits = { timeMs: TIME_MS, maxBytes: MAX_ANSWER };
    return context.fetch.request(url, { method: 'POST', headers, body, ...limits });
  };
  try {
    const first = await send(known);
    if (first.status !== 401) return meaning(url, first, context.now());
    const second = await send(other);
    if (second.status !== 401) forms.set(host, other);
    return meaning(url, second, context.now());
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    // What was taken is taken, however much the host had to say about it.
    if (error.code === 'too_large') return { kind: 'delivered' };
    return { kind: 'later', detail: error.message, retryAfterMs: null, status: null };
  }
}

function meaning(url: string, response: GuardedResponse, now: number): Delivered {
  const { status } = response;
  const detail = `${url} answers ${status}`;
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status === 410) return { kind: 'gone', detail };
  // 401 and 404: a key that could not be fetched, a host that is being repaired.
  if (status >= 500 || [401, 404, 408, 425, 429].includes(status)) {
    const retryAfterMs = parseRetryAfter(response.header('retry-after'), now);
    return { kind: 'later', detail, retryAfterMs, status };
  }
  return { kind: 'refused', detail };
}
