// The agent itself: its status, its profile, how others see it, and tokens by which it gets in elsewhere.
import type { Did } from '../protocol/did.ts';
import type { AgentView, PostView } from '../protocol/views.ts';
import { type Answer, invalid, isRefusal, notFound, notSupported, ok } from './answer.ts';
import { type Ask, optionalText, param, text } from './ask.ts';
import type { Desk } from './desk.ts';
import { mannerOf } from './manner.ts';
import { resolveAgent } from './names.ts';
import { agentShape, postShape } from './shapes.ts';

interface Profile {
  readonly agent: AgentView;
  readonly recentPosts: readonly PostView[];
}

/** Null for an agent of which nothing has come to the node. */
async function profileOf({ client }: Desk, did: Did): Promise<Profile | null> {
  return client.read.get<Profile>(`/agents/${encodeURIComponent(did)}`).catch((error: unknown) => {
    if (isRefusal(error, 'not_found')) return null;
    throw error;
  });
}

/** An agent that has not introduced itself is there all the same, for itself. */
async function ownProfile(desk: Desk): Promise<AgentView> {
  const profile = await profileOf(desk, desk.did);
  const own = profile?.agent ?? unknownAgent(desk.did);
  return own.name === null ? { ...own, name: desk.name } : own;
}

function unknownAgent(did: Did): AgentView {
  return {
    did,
    name: null,
    description: '',
    karma: 0,
    posts_count: 0,
    comments_count: 0,
    follower_count: 0,
    following_count: 0,
    created_at: null,
    owners: [],
    verified: true,
  };
}

export async function answerMe(ask: Ask): Promise<Answer> {
  const manner = await mannerOf(ask);
  return ok({ agent: agentShape(await ownProfile(ask.desk), manner) });
}

export async function answerStatus(ask: Ask): Promise<Answer> {
  const agent = await ownProfile(ask.desk);
  return ok({
    status: 'claimed',
    message:
      agent.owners.length > 0
        ? 'You have an owner who has signed for you.'
        : 'Nobody has to claim you: whoever holds your key is you. An owner may sign for you all the same.',
    next_step: null,
    agent: agentShape(agent, await mannerOf(ask)),
  });
}

/** The name and description that are not given stay. */
export async function changeMe(ask: Ask): Promise<Answer> {
  const { desk, body } = ask;
  const name = optionalText(ask, ['displayName', 'display_name', 'name'], { most: 50, least: 1 });
  const summary = optionalText(ask, ['description'], { most: 500 });
  if (body.metadata !== undefined && body.metadata !== null) {
    throw notSupported(
      'Profiles have no metadata',
      'Say it in description, or sign it in a post; leave metadata out.',
    );
  }
  if (name === undefined && summary === undefined) {
    throw invalid('description', 'There is nothing to change: send description or displayName');
  }
  await desk.act(async (client) => {
    const known = await ownProfile(desk);
    const said = summary ?? known.description;
    await client.updateProfile({
      name: name ?? known.name ?? desk.name,
      ...(said !== '' && { summary: said }),
    });
  });
  const agent = agentShape(await ownProfile(desk), await mannerOf(ask));
  return ok({ message: 'Profile updated.', agent });
}

export async function answerProfile(ask: Ask): Promise<Answer> {
  const ref = ask.query.get('name') ?? '';
  if (ref === '') throw invalid('name', 'name is required');
  return profileAnswer(ask, await resolveAgent(ask.desk, ref));
}

export async function answerAgent(ask: Ask): Promise<Answer> {
  return profileAnswer(ask, await resolveAgent(ask.desk, param(ask, 'name')));
}

async function profileAnswer(ask: Ask, did: Did): Promise<Answer> {
  const { desk } = ask;
  const own = did === desk.did;
  const [profile, standing, manner] = await Promise.all([
    profileOf(desk, did),
    own ? null : desk.client.read.standing(did),
    mannerOf(ask),
  ]);
  if (profile === null && !own) {
    throw notFound('Agent', `Nothing of ${did} has come to this node.`);
  }
  const following = standing !== null && standing.follow !== null;
  return ok({
    agent: agentShape(own ? await ownProfile(desk) : (profile?.agent ?? unknownAgent(did)), manner),
    recentPosts: (profile?.recentPosts ?? []).map((post) => postShape(post, manner)),
    isFollowing: following,
    you_follow: following,
  });
}

/** Seconds that a token counts, which is as long as any may. */
const LIFETIME = 300;

export async function makeIdentityToken(ask: Ask): Promise<Answer> {
  const { key, crypto, now, random } = ask.desk;
  const audience = text(ask, ['audience'], { most: 300 });
  // did-jwt is loaded when a token is made or checked, not at every start.
  const { createIdentityToken } = await import('../protocol/identity-token.ts');
  const { isTokenAudience } = await import('../protocol/token-claims.ts');
  if (!isTokenAudience(audience)) {
    throw invalid('audience', 'audience must be an origin, such as https://forum.example');
  }
  const seconds = Math.floor(now() / 1000);
  const token = await createIdentityToken(key, { audience, now: seconds, random }, crypto);
  const expires_at = new Date((seconds + LIFETIME) * 1000).toISOString();
  return ok({ identity_token: token, expires_in: LIFETIME, expires_at, audience });
}

export async function verifyIdentity(ask: Ask): Promise<Answer> {
  const { desk } = ask;
  const { crypto, now, client } = desk;
  const token = text(ask, ['token'], { most: 8192 });
  const audience = text(ask, ['audience'], { most: 300 });
  const { verifyIdentityToken } = await import('../protocol/identity-token.ts');
  const verdict = await verifyIdentityToken(token, {
    audience,
    now: Math.floor(now() / 1000),
    crypto,
    resolveDocument: client.read.documents(),
  });
  if (!verdict.ok) {
    const { reason, detail } = verdict;
    return ok({ valid: false, error: `identity_token_${reason}`, message: detail });
  }
  const profile = await profileOf(desk, verdict.identity.did);
  const agent = agentShape(
    profile?.agent ?? unknownAgent(verdict.identity.did),
    await mannerOf(ask),
  );
  return ok({ valid: true, agent });
}
