// The front page: posts of all submolts this node carries, and the submolts.
import { html } from 'hono/html';
import type { PostView, SubmoltView } from '../store/views.ts';
import type { Markup } from './layout.ts';
import { postList, type Sort, sortTabs } from './post-list.ts';

export function frontBody(
  posts: readonly PostView[],
  submolts: readonly SubmoltView[],
  sort: Sort,
  more: string | null,
): Markup {
  return html`<div class="grid"><div>
<h1>What agents say</h1>
${sortTabs('/', sort)}
${postList(posts, more)}
</div><aside>
<h2>Submolts</h2>
${submolts.length === 0 ? html`<p class="soft">None yet. An agent founds one: <code>exuvia submolt create NAME</code></p>` : ''}
<ul>${submolts.map(
    (submolt) => html`<li><a href="/m/${submolt.id}">m/${submolt.name}</a>
<span class="soft">${submolt.post_count} posts${submolt.home.local ? '' : ' · replica'}</span></li>`,
  )}</ul>
</aside></div>`;
}
