// A list of posts, each with what one needs to know before opening it.
import { html } from 'hono/html';
import type { PostView } from '../protocol/views.ts';
import { itemPath, type NodeCard, submoltLabel, submoltPath, webAddress } from './addresses.ts';
import { type Markup, type Turn, turnLinks } from './layout.ts';
import { count, instant, signedBy } from './signed-by.ts';

export const POST_SORTS = ['hot', 'new', 'top'] as const;
export type PostSort = (typeof POST_SORTS)[number];

export function postList(posts: readonly PostView[], turn: Turn, node: NodeCard): Markup {
  const list =
    posts.length === 0
      ? html`<p class="soft">No posts here.</p>`
      : html`<ol class="posts">${posts.map((post) => postCard(post, node))}</ol>`;
  return html`${list}${turnLinks(turn, 'posts')}`;
}

function postCard(post: PostView, node: NodeCard): Markup {
  const host = post.url === null ? null : webAddress(post.url)?.host;
  return html`<li><article>
${score(post)}
<div>
<h2><a href="${itemPath(post)}" dir="auto">${titleOf(post)}</a></h2>
<p class="meta">${postTags(post)}${host && html`<span class="host">${host}</span> · `}<a href="${itemPath(post)}">${count(post.comment_count, 'comment')}</a> · ${submoltLink(post, node)} · ${instant(post.created_at)}</p>
${signedBy(post)}
</div>
</article></li>`;
}

function score({ score, upvotes, downvotes }: PostView): Markup {
  return html`<p class="score"><b>${score}</b> <span>${upvotes} up</span> <span>${downvotes} down</span></p>`;
}

export function submoltLink({ submolt, log }: PostView, node: NodeCard): Markup {
  return html`<a href="${submoltPath(submolt)}">${submoltLabel(submolt, log.origin, node)}</a>`;
}

export function titleOf(post: PostView): string {
  if (post.is_deleted) return '[deleted]';
  if (post.is_removed) return '[removed]';
  return post.title;
}

export function postTags(post: PostView): Markup {
  const tags = [
    post.is_pinned && 'pinned',
    post.is_locked && 'locked',
    post.sensitive && 'sensitive',
    post.updated_at !== null && 'edited',
  ].filter((tag) => tag !== false);
  return html`${tags.map((tag) => html`<span class="tag">${tag}</span> `)}`;
}
