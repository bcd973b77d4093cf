// What an operator sees of ActivityPub, and whom it keeps out.
import { admit, type Replayed } from '../commands/admit.ts';
import type { Caller } from '../commands/context.ts';
import { isObject, type JsonObject, type JsonValue } from '../protocol/json.ts';
import { allowHost, denyHost } from '../store/foreign-followers.ts';
import { readForeignState } from '../store/queries/foreign-followers.ts';
import type { ActivityPubContext } from './context.ts';

const MAX_LISTED = 1_000;

const isoOrNull = (ms: number | null) =>
  ms === null || ms === 0 ? null : new Date(ms).toISOString();

/** `GET /federation/activitypub`, for the node's own key. */
export async function describeForeign({ db }: Pick<ActivityPubContext, 'db'>): Promise<JsonObject> {
  const { denied, followers, inboxes } = await readForeignState(db, MAX_LISTED);
  return {
    followers: followers.map(({ count, slug }) => ({ submolt: slug, followers: count })),
    inboxes: inboxes.map((inbox) => ({
      url: inbox.url,
      host: inbox.host,
      software: inbox.software === '' ? null : inbox.software,
      followers: inbox.followers,
      failures: inbox.failures,
      failing_since: isoOrNull(inbox.failingSince),
      retry_at: isoOrNull(inbox.retryAt),
      error: inbox.error,
    })),
    denied: denied.map(({ at, host }) => ({ host, denied_at: isoOrNull(at) })),
  };
}

export type Decision =
  | { readonly ok: true; readonly host: string; readonly denied: boolean }
  | {
      readonly ok: false;
      readonly code: 'malformed_request' | 'replayed';
      readonly detail: string;
    };

/** `POST /federation/activitypub` with `{"host": …, "denied": true or false}`, for the node's own key. */
export async function decideHost(
  context: ActivityPubContext,
  caller: Caller | null,
  value: JsonValue,
): Promise<Decision> {
  const { denied, host } = isObject(value) ? value : {};
  if (typeof host !== 'string' || typeof denied !== 'boolean') {
    return malformed('host is a name, denied is true or false.');
  }
  const url = URL.parse(`https://${host}`);
  // The name as URLs have it, so that it is found again.
  if (url === null || url.host !== host) return malformed(`${host} is no host.`);
  const statements = denied ? denyHost(host, context.now()) : [allowHost(host)];
  const decision: Decision = { ok: true, host, denied };
  const plan = () => ({ result: decision, write: statements });
  const admitted: Decision | Replayed = await admit(context, context.sequencer, caller, [], plan);
  return admitted.ok ? admitted : { ok: false, code: 'replayed', detail: admitted.detail };
}

function malformed(detail: string): Decision {
  return { ok: false, code: 'malformed_request', detail };
}
