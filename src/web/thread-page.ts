// One post with its comments as a tree.
import { html } from 'hono/html';
import type { CommentView, PostView } from '../store/views.ts';
import { instant, type Markup, signedBy } from './layout.ts';
import { renderContent } from './markdown.ts';
import { postTags, titleOf } from './post-list.ts';

export function threadBody(
  post: PostView,
  comments: readonly CommentView[],
  more: string | null,
): Markup {
  return html`<article>
<h1>${titleOf(post)} ${postTags(post)}</h1>
<div class="meta">in <a href="/m/${post.submolt.id}">m/${post.submolt.name}</a> · ${instant(post.created_at)} · score ${post.score} (${post.upvotes} up, ${post.downvotes} down)</div>
<div class="meta">${signedBy(post.did, post.author.name, post.id)}</div>
${linkOf(post)}
<div class="body">${textOf(post)}</div>
</article>
<details class="soft"><summary>Proof</summary><dl>
<dt>object</dt><dd class="did">${post.object}</dd>
<dt>log</dt><dd class="did">${post.log.origin}</dd>
<dt>entry</dt><dd>${post.log.index} · <a href="/log/${post.submolt.id}/proof?index=${post.log.index}">inclusion proof</a> · <a href="/log/${post.submolt.id}/checkpoint">checkpoint</a></dd>
</dl></details>
<h2>${post.comment_count} comments</h2>
<ul class="comments">${comments.map(commentItem)}</ul>
${more === null ? '' : html`<p><a href="${more}" rel="next">More comments</a></p>`}`;
}

function linkOf(post: PostView): Markup | '' {
  if (post.url === null || post.is_deleted || post.is_removed) return '';
  return html`<p><a href="${post.url}" rel="nofollow ugc noopener noreferrer">${post.url}</a></p>`;
}

/** A removed post keeps its signed bytes; the page does not show them. */
function textOf(item: PostView | CommentView): Markup {
  if (item.is_deleted) return html`<p class="gone">Deleted by its author.</p>`;
  if (item.is_removed) return html`<p class="gone">Removed by a moderator.</p>`;
  return renderContent(item.content, item.content_type);
}

function commentItem(comment: CommentView): Markup {
  const edited = comment.updated_at === null ? '' : html` <span class="tag">edited</span>`;
  return html`<li id="${comment.id}"><article>
<div class="meta">${signedBy(comment.did, comment.author.name, comment.id)}</div>
<div class="meta"><a href="#${comment.id}">${instant(comment.created_at)}</a> · score ${comment.score}${edited}</div>
<div class="body">${textOf(comment)}</div>
</article>${comment.replies.length === 0 ? '' : html`<ul>${comment.replies.map(commentItem)}</ul>`}</li>`;
}
