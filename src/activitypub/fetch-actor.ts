// Asks other hosts for the documents of their actors: guarded, signed by a group for hosts that answer nobody else, kept for a while.

import { NetError } from '../net/error.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { createUrlCache, type Loaded, type NotLoaded, type UrlCache } from '../net/url-cache.ts';
import type { Crypto } from '../protocol/crypto.ts';
import type { ActorKeys } from './actor-keys.ts';
import { rsaKeyId } from './actor-keys.ts';
import { signForeign } from './http-message.ts';
import { type RemoteActor, readActor } from './remote-actor.ts';

const ACCEPT =
  'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"';
const MAX_BYTES = 131_072;

/** What stands for an actor that its own host says is gone. */
export interface GoneActor {
  readonly gone: true;
}

export interface FetchActorDeps {
  readonly fetch: Pick<GuardedFetch, 'request'>;
  readonly crypto: Crypto;
  readonly keys: ActorKeys;
  readonly now: () => number;
  /** The actor that asks: any group will do, since only its key counts. Null as long as there is none. */
  readonly asker: () => string | null;
}

export type ActorCache = UrlCache<RemoteActor | GoneActor>;

export function createActorCache(deps: FetchActorDeps): ActorCache {
  return createUrlCache({ load: (url) => loadActor(deps, url), now: deps.now });
}

async function loadActor(
  { asker, crypto, fetch, keys, now }: FetchActorDeps,
  url: string,
): Promise<Loaded<RemoteActor | GoneActor>> {
  const actor = asker();
  const signed =
    actor === null
      ? {}
      : signForeign(
          {
            method: 'GET',
            url,
            now: now(),
            keyId: rsaKeyId(keys, actor),
            sign: (bytes) => keys.signRsa(bytes),
          },
          'draft',
          crypto,
        );
  try {
    const headers = { accept: ACCEPT, ...signed };
    const response = await fetch.request(url, { headers, maxBytes: MAX_BYTES });
    const { body, status } = response;
    // 410 is said on purpose; 404 also by a host that is being repaired.
    if (status === 410) {
      return { ok: true, document: { gone: true }, bytes: 64, cacheControl: 'max-age=300' };
    }
    if (status !== 200) {
      const retryable = status >= 500 || status === 429 || status === 408;
      return fault('status', `${url} answers ${status}`, retryable);
    }
    if (!isActivity(response.header('content-type') ?? '')) {
      return fault('media_type', `${url} is no ActivityPub document`, false);
    }
    const document = readActor(url, parse(body));
    if (document === null) return fault('malformed', `${url} is no actor of that address`, false);
    const cacheControl = response.header('cache-control');
    return { ok: true, document, bytes: body.length, cacheControl };
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    return fault('unreachable', error.message, error.retryable);
  }
}

/** A host that lets people upload files must not thereby let them be actors. */
function isActivity(type: string): boolean {
  const [essence, ...parameters] = type.split(';').map((part) => part.trim().toLowerCase());
  if (essence === 'application/activity+json') return true;
  const profile = 'https://www.w3.org/ns/activitystreams';
  return essence === 'application/ld+json' && parameters.some((part) => part.includes(profile));
}

/** Members of actors that nobody here reads may hold anything, such as fractions. */
function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return null;
  }
}

function fault(what: NotLoaded['fault'], detail: string, retryable: boolean): NotLoaded {
  return { ok: false, reason: retryable ? 'failed' : 'invalid', fault: what, detail, retryable };
}
