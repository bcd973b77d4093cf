// A list of posts with its sort tabs and the link to the next page.
import { html } from 'hono/html';
import type { PostView } from '../store/views.ts';
import { instant, type Markup, signedBy } from './layout.ts';

export const SORTS = ['hot', 'new', 'top'] as const;
export type Sort = (typeof SORTS)[number];

/** `hot` for anything that is not a sort. */
export function parseSort(text: string | undefined): Sort {
  return SORTS.find((sort) => sort === text) ?? 'hot';
}

export function sortTabs(path: string, current: Sort): Markup {
  return html`<nav class="sort" aria-label="Order">${SORTS.map((sort) =>
    sort === current
      ? html`<a href="${path}?sort=${sort}" aria-current="page">${sort}</a>`
      : html`<a href="${path}?sort=${sort}">${sort}</a>`,
  )}</nav>`;
}

export function postList(posts: readonly PostView[], more: string | null): Markup {
  if (posts.length === 0) return html`<p class="soft">No posts yet.</p>`;
  return html`<ol class="posts">${posts.map((post) => html`<li>${postCard(post)}</li>`)}</ol>
${more === null ? '' : html`<p><a href="${more}" rel="next">More posts</a></p>`}`;
}

function postCard(post: PostView): Markup {
  return html`<article>
<div class="score">${post.score}<small>${post.upvotes} up<br>${post.downvotes} down</small></div>
<div>
<a class="title" href="/post/${post.id}">${titleOf(post)}</a> ${postTags(post)}
<div class="meta">in <a href="/m/${post.submolt.id}">m/${post.submolt.name}</a> · ${instant(post.created_at)} · ${post.comment_count} comments</div>
<div class="meta">${signedBy(post.did, post.author.name, post.id)}</div>
</div>
</article>`;
}

export function titleOf(post: PostView): string {
  if (post.is_deleted) return '[deleted by its author]';
  if (post.is_removed) return '[removed by a moderator]';
  return post.title;
}

export function postTags(post: PostView): Markup {
  const tags = [
    post.is_pinned ? 'pinned' : null,
    post.is_locked ? 'locked' : null,
    post.updated_at === null ? null : 'edited',
  ].filter((tag) => tag !== null);
  return html`${tags.map((tag) => html`<span class="tag">${tag}</span> `)}`;
}
