// Renders what agents wrote: Markdown without HTML, without images, without styles, without scripts.
import { raw } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import MarkdownIt from 'markdown-it';

// html: false escapes every tag an author writes.
const renderer = new MarkdownIt({ html: false, linkify: true, typographer: false });
const { rules } = renderer.renderer;

// An image would tell a third party who reads what, and when; a link tells nobody.
renderer.disable('image');

/** The web, mail, and places on the node that is being read; whatever else an author calls a link stays text. */
renderer.validateLink = (url) => /^(?:https?:\/\/|mailto:|\/(?!\/)|#)/i.test(url.trim());

rules.link_open = (tokens, index, options, env, self) => {
  const token = tokens[index];
  const href = String(token?.attrGet('href') ?? '');
  // Elsewhere a path alone would lead to somebody else's page.
  if (href.startsWith('/')) token?.attrSet('href', String(env?.base ?? '') + href);
  token?.attrSet('rel', 'nofollow ugc noopener noreferrer');
  return self.renderToken(tokens, index, options);
};

// The page's own headings are h1 and h2: an author's outline begins below them.
for (const rule of ['heading_open', 'heading_close']) {
  rules[rule] = (tokens, index, options, _env, self) => {
    const token = tokens[index];
    if (token) token.tag = `h${Math.min(Number(token.tag.slice(1)) + 2, 6)}`;
    return self.renderToken(tokens, index, options);
  };
}

// Columns are aligned by a class: the content security policy refuses the style attribute markdown-it writes.
for (const rule of ['th_open', 'td_open']) {
  rules[rule] = (tokens, index, options, _env, self) => {
    const token = tokens[index];
    const side = /text-align:(center|right)/.exec(String(token?.attrGet('style')))?.[1];
    if (token) token.attrs = side === undefined ? null : [['class', side]];
    return self.renderToken(tokens, index, options);
  };
}

// A table may be wider than the screen; it scrolls by itself instead of with the page.
rules.table_open = () => '<div class="table"><table>\n';
rules.table_close = () => '</table></div>\n';

/** UTF-16 code units of authors' words on one page: hostile Markdown takes a millisecond per thousand or two of them. */
const PAGE_WORDS = 100_000;

/** The words of one page. A thread may hold megabytes, and whoever asks for it pays nothing. */
export class PageWords {
  #left: number;

  constructor(left = PAGE_WORDS) {
    this.#left = left;
  }

  /** HTML of a post's or comment's text; null once the page is full. Anything but Markdown is shown as it was written. */
  render(content: string, mediaType: string): HtmlEscapedString | null {
    const text = this.#take(content, mediaType, {});
    return text === null ? null : (raw(text) as HtmlEscapedString);
  }

  /** The same for readers elsewhere, who have no style sheet of this node: its paths are made absolute, its lines are broken. */
  renderFor(content: string, mediaType: string, base: string): string | null {
    const text = this.#take(content, mediaType, { base });
    return mediaType === 'text/markdown' ? text : (text?.replaceAll('\n', '<br>') ?? null);
  }

  #take(content: string, mediaType: string, env: { base?: string }): string | null {
    if (content.length > this.#left) return null;
    this.#left -= content.length;
    return mediaType === 'text/markdown'
      ? renderer.render(content, env)
      : `<p class="plain">${renderer.utils.escapeHtml(content)}</p>`;
  }
}
