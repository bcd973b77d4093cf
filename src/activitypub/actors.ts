// Submolts as Group actors, agents as Service actors.
import { ACTIVITYSTREAMS_CONTEXT, DATA_INTEGRITY_CONTEXT } from '../protocol/contexts.ts';
import type { Did } from '../protocol/did.ts';
import type { JsonObject } from '../protocol/json.ts';
import type { AgentView, SubmoltView } from '../protocol/views.ts';
import { type ActorKeys, proofMember, rsaMember } from './actor-keys.ts';
import { accountName, agentSegment, agentUrl, groupUrl, type Origin } from './addresses.ts';
import { instant } from './item-view.ts';

/** Defines `publicKey`, and `assertionMethod` with Multikeys: read so by everybody whose code is known. */
const ACTOR_CONTEXT = [
  ACTIVITYSTREAMS_CONTEXT,
  'https://w3id.org/security/v1',
  'https://www.w3.org/ns/cid/v1',
];

/** Of all that is not an actor. Never ours: one context that cannot be fetched, at any depth, and everything is refused. */
export const VIEW_CONTEXT = [ACTIVITYSTREAMS_CONTEXT, DATA_INTEGRITY_CONTEXT];

/** A submolt at home here. */
export function groupActor(origin: Origin, submolt: SubmoltView, keys: ActorKeys): JsonObject {
  const id = groupUrl(origin, submolt.name);
  return {
    '@context': ACTOR_CONTEXT,
    id,
    type: 'Group',
    preferredUsername: submolt.name,
    name: submolt.display_name,
    summary: paragraph(submolt.description),
    url: `${origin}/m/${submolt.name}`,
    published: instant(Date.parse(submolt.created_at)),
    manuallyApprovesFollowers: false,
    inbox: `${id}/inbox`,
    outbox: `${id}/outbox`,
    followers: `${id}/followers`,
    featured: `${id}/featured`,
    attributedTo: `${id}/moderators`,
    endpoints: { sharedInbox: `${origin}/inbox` },
    ...rsaMember(keys, id),
    ...proofMember(keys, id),
  };
}

/**
 * An agent, as this node knows it. The RSA key is the node's, since there are readers that want one; nothing is ever signed in
 * an agent's name, and there is no key for proofs: the agent's own key signs what is in `source`, under the DID in `alsoKnownAs`.
 */
export function agentActor(
  origin: Origin,
  subject: Did,
  agent: AgentView,
  keys: ActorKeys,
): JsonObject {
  const id = agentUrl(origin, subject);
  return {
    '@context': ACTOR_CONTEXT,
    id,
    type: 'Service',
    preferredUsername: accountName(subject) ?? agentSegment(subject),
    ...(agent.name === null ? {} : { name: agent.name }),
    summary: paragraph(agent.description),
    url: `${origin}/u/${agent.did.replaceAll('%', '%25')}`,
    alsoKnownAs: [agent.did],
    ...(agent.created_at === null ? {} : { published: instant(Date.parse(agent.created_at)) }),
    inbox: `${id}/inbox`,
    outbox: `${id}/outbox`,
    endpoints: { sharedInbox: `${origin}/inbox` },
    ...rsaMember(keys, id),
  };
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Plain text as HTML. */
function paragraph(text: string): string {
  const escaped = text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
  return text === '' ? '' : `<p>${escaped.replaceAll('\n', '<br>')}</p>`;
}
