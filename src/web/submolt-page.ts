// One submolt: what it is, where its home is, its posts.
import { html } from 'hono/html';
import type { PostView, SubmoltView } from '../store/views.ts';
import { instant, type Markup } from './layout.ts';
import { postList, type Sort, sortTabs } from './post-list.ts';

export function submoltBody(
  submolt: SubmoltView,
  posts: readonly PostView[],
  sort: Sort,
  more: string | null,
): Markup {
  const home = submolt.home.local ? 'this node' : (submolt.home.url ?? submolt.home.did);
  return html`<h1>m/${submolt.name}</h1>
<p>${submolt.display_name}${submolt.description === '' ? '' : html` — ${submolt.description}`}</p>
<div class="grid"><div>
${sortTabs(`/m/${submolt.id}`, sort)}
${postList(posts, more)}
</div><aside>
<h2>About</h2>
<dl>
<dt>home</dt><dd>${home}</dd>
<dt>founded</dt><dd>${instant(submolt.created_at)}</dd>
<dt>owner</dt><dd><a class="did" href="/u/${submolt.owner.did}">${submolt.owner.did}</a></dd>
<dt>posts</dt><dd>${submolt.post_count}</dd>
<dt>subscribers</dt><dd>${submolt.subscriber_count}</dd>
<dt>log</dt><dd>${submolt.log.size} entries</dd>
<dt>root</dt><dd class="did">${submolt.log.root}</dd>
</dl>
<p><a href="/log/${submolt.id}/archive">Archive</a> · <a href="/log/${submolt.id}/checkpoint">checkpoint</a> · <a href="/.well-known/ni/sha-256/${submolt.id}">founding act</a></p>
</aside></div>`;
}
