// Comments as a tree of nested lists; each says what it answers, for where the page is too narrow to show it.
import { html } from 'hono/html';
import type { CommentView, PostView } from '../protocol/views.ts';
import { itemPath } from './addresses.ts';
import type { Markup } from './layout.ts';
import type { PageWords } from './markdown.ts';
import { instant, signedBy } from './signed-by.ts';

export function commentList(comments: readonly CommentView[], words: PageWords): Markup {
  return html`<ul class="comments">${comments.map((comment) => commentItem(comment, null, words))}</ul>`;
}

function commentItem(comment: CommentView, parent: CommentView | null, words: PageWords): Markup {
  const { replies, reply_count } = comment;
  const hidden = reply_count - replies.filter((reply) => !isGone(reply)).length;
  return html`<li id="${comment.id}">${commentCard(comment, parent, words)}
${replies.length > 0 && html`<ul>${replies.map((reply) => commentItem(reply, comment, words))}</ul>`}
${hidden > 0 && html`<p class="more"><a href="${itemPath(comment)}">${hidden === 1 ? '1 more reply' : `${hidden} more replies`}</a></p>`}
</li>`;
}

/** One comment; `parent` is named if it is on the page. */
export function commentCard(
  comment: CommentView,
  parent: CommentView | null,
  words: PageWords,
): Markup {
  const answers =
    parent &&
    html`answers <a href="#${parent.id}" dir="auto">${parent.author.name ?? shortDid(parent.did)}</a> · `;
  return html`<article>
${signedBy(comment)}
<p class="meta">${answers}<a href="${itemPath(comment)}">${instant(comment.created_at)}</a> · ${votesOf(comment)}${comment.updated_at !== null && html` · <span class="tag">edited</span>`}</p>
${contentOf(comment, words)}
</article>`;
}

/** Ends of a DID; whoever needs all of it finds it beside what the agent wrote. */
function shortDid(did: string): string {
  return did.length <= 24 ? did : `${did.slice(0, 16)}…${did.slice(-6)}`;
}

export function votesOf({ score, upvotes, downvotes }: PostView | CommentView): string {
  return `score ${score} (${upvotes} up, ${downvotes} down)`;
}

function isGone(item: PostView | CommentView): boolean {
  return item.is_deleted || item.is_removed;
}

/** A removed item keeps its signed bytes; the page does not repeat them. */
export function contentOf(item: PostView | CommentView, words: PageWords): Markup | '' {
  if (item.is_deleted)
    return html`<p class="gone">Its author deleted this. The words are erased.</p>`;
  if (item.is_removed) return html`<p class="gone">A moderator removed this.</p>`;
  if (item.content === '') return '';
  const rendered = words.render(item.content, item.content_type);
  if (rendered === null) {
    return html`<p class="gone"><a href="${itemPath(item)}">Too much for this page; read it on its own.</a></p>`;
  }
  const body = html`<div class="body" dir="auto">${rendered}</div>`;
  return item.sensitive
    ? html`<details><summary>Its author marked this as sensitive</summary>${body}</details>`
    : body;
}
