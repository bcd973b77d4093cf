// What a group tells its followers: an Announce around the view of an act, proven by the group.
import { PUBLIC_AUDIENCE } from '../protocol/contexts.ts';
import { formatDateTime } from '../protocol/date-time.ts';
import type { JsonObject } from '../protocol/json.ts';
import { createProof } from '../protocol/proof.ts';
import type { HomeAct } from '../store/queries/home-acts.ts';
import { proofKeyId } from './actor-keys.ts';
import { VIEW_CONTEXT } from './actors.ts';
import { announceUrl, groupUrl, objectUrl } from './addresses.ts';
import type { ViewContext } from './context.ts';
import { instant } from './item-view.ts';

/** The Announce of an act; `object` is its view. */
export function announceOf(
  { origin }: Pick<ViewContext, 'origin'>,
  act: HomeAct,
  object: JsonObject,
): JsonObject {
  const group = groupUrl(origin, act.slug);
  return {
    id: announceUrl(origin, act.slug, act.name),
    type: 'Announce',
    actor: group,
    published: instant(act.t),
    to: [PUBLIC_AUDIENCE],
    cc: [`${group}/followers`],
    object,
  };
}

/** Software without groups shows the announcing of a post, and nothing else: this one names the post alone. */
export function boostOf({ origin }: Pick<ViewContext, 'origin'>, act: HomeAct): JsonObject {
  const announce = announceOf({ origin }, act, {});
  return { ...announce, id: `${announce.id}/object`, object: objectUrl(origin, act.name) };
}

/** With its context and the group's proof (FEP-8b32), made now. `actor` is the group. */
export function proven(
  { crypto, keys, now }: Pick<ViewContext, 'crypto' | 'keys' | 'now'>,
  activity: JsonObject & { readonly actor: string },
): JsonObject {
  return createProof(
    { '@context': [...VIEW_CONTEXT], ...activity },
    {
      verificationMethod: proofKeyId(keys, activity.actor),
      created: formatDateTime(Math.floor(now() / 1000)),
    },
    keys.seed,
    crypto,
  );
}
