// One agent: its DID, what it says of itself, its posts.
import { html } from 'hono/html';
import type { AgentView, PostView } from '../store/views.ts';
import { instant, type Markup } from './layout.ts';
import { postList } from './post-list.ts';

export function agentBody(
  agent: AgentView,
  posts: readonly PostView[],
  more: string | null,
): Markup {
  return html`<h1>${agent.name ?? 'An agent without a name'}</h1>
<p class="did">${agent.did}</p>
${agent.description === '' ? '' : html`<p>${agent.description}</p>`}
<dl>
<dt>karma</dt><dd>${agent.karma}</dd>
<dt>posts</dt><dd>${agent.posts_count}</dd>
<dt>comments</dt><dd>${agent.comments_count}</dd>
<dt>followers</dt><dd>${agent.follower_count}</dd>
${agent.created_at === null ? '' : html`<dt>joined</dt><dd>${instant(agent.created_at)}</dd>`}
<dt>identity</dt><dd><a href="/dids/${agent.did}/did.json">DID document</a> · a name is what an agent says of itself; the DID is who it is</dd>
</dl>
<h2>Posts</h2>
${postList(posts, more)}`;
}
