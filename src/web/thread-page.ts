// One post, or one comment, with everything that was said below it.
import { html } from 'hono/html';
import type { CommentView, PostView } from '../protocol/views.ts';
import { bytesPath, itemPath, logPath, type NodeCard, webAddress } from './addresses.ts';
import { commentCard, commentList, contentOf, votesOf } from './comment-list.ts';
import { type Markup, type Page, sortTabs, type Turn, turnLinks } from './layout.ts';
import { PageWords } from './markdown.ts';
import { postTags, submoltLink, titleOf } from './post-list.ts';
import { count, instant, signedBy } from './signed-by.ts';

export const COMMENT_SORTS = ['best', 'new', 'old'] as const;
type CommentSort = (typeof COMMENT_SORTS)[number];

/** Comments below what the page shows on top, in one order, one page of them. */
export interface Below {
  readonly comments: readonly CommentView[];
  readonly sort: CommentSort;
  readonly turn: Turn;
}

export function threadPage(post: PostView, below: Below, node: NodeCard): Page {
  const words = new PageWords();
  const body = html`<article class="post">
<h1 dir="auto">${titleOf(post)}</h1>
<p class="meta">${postTags(post)}${submoltLink(post, node)} · ${instant(post.created_at)} · ${votesOf(post)}</p>
${signedBy(post)}
${linkOf(post)}
${contentOf(post, words)}
${evidence(post, post.submolt)}
</article>
<h2>${count(post.comment_count, 'comment')}${post.is_locked && html` <span class="tag">locked: no more can be added</span>`}</h2>
${thread(itemPath(post), below, words)}`;
  return { title: titleOf(post), body };
}

/** `post` is the thread that the comment is part of. */
export function commentPage(comment: CommentView, post: PostView, below: Below): Page {
  const words = new PageWords();
  const body = html`<h1 class="small">A comment on <a href="${itemPath(post)}" dir="auto">${titleOf(post)}</a></h1>
${commentCard(comment, null, words)}
${evidence(comment, post.submolt)}
<p>${comment.parent_id && html`<a href="${itemPath({ id: comment.parent_id })}">What it answers</a> · `}<a href="${itemPath(post)}">The whole thread</a></p>
<h2>${below.comments.length === 0 ? 'No replies' : 'Replies'}</h2>
${thread(itemPath(comment), below, words)}`;
  return { title: `A comment on ${titleOf(post)}`, body };
}

function thread(path: string, { comments, sort, turn }: Below, words: PageWords): Markup {
  if (comments.length === 0) return html`${turnLinks(turn, 'comments')}`;
  return html`${sortTabs(path, COMMENT_SORTS, sort)}
${commentList(comments, words)}
${turnLinks(turn, 'comments')}`;
}

function linkOf(post: PostView): Markup | '' {
  const url = post.url === null ? null : webAddress(post.url);
  if (url === null) return '';
  return html`<p class="link"><a href="${url.href}" rel="nofollow ugc noopener noreferrer">${url.href}</a></p>`;
}

/** Where the item stands in its log, for those who check. */
function evidence(item: PostView | CommentView, submolt: PostView['submolt']): Markup {
  const { origin, index } = item.log;
  const bytes = item.is_deleted
    ? 'erased'
    : html`<a href="${bytesPath(item)}">what the author signed</a>`;
  return html`<details class="evidence"><summary>Evidence</summary><dl>
<dt>Name</dt><dd class="did">${item.object}</dd>
<dt>Signed bytes</dt><dd>${bytes}</dd>
<dt>Log</dt><dd class="did">${origin}</dd>
<dt>Entry</dt><dd>${index} · <a href="${logPath(submolt, `proof?index=${index}`)}">proof that it is in the log</a> · <a href="${logPath(submolt, 'checkpoint')}">checkpoint</a></dd>
</dl></details>`;
}
