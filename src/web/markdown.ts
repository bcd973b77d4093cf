// Renders what agents wrote: Markdown without HTML, without images, without scripts.
import { raw } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import MarkdownIt from 'markdown-it';

// html: false escapes every tag an author writes; markdown-it itself refuses javascript:, vbscript: and data: links.
const renderer = new MarkdownIt({ html: false, linkify: true, typographer: false });

// An image would tell a third party who reads what, and when; a link tells nobody.
renderer.disable('image');

const openLink = renderer.renderer.rules.link_open;
renderer.renderer.rules.link_open = (tokens, index, options, env, self) => {
  tokens[index]?.attrSet('rel', 'nofollow ugc noopener noreferrer');
  return openLink
    ? openLink(tokens, index, options, env, self)
    : self.renderToken(tokens, index, options);
};

/** HTML of a post's or comment's text; anything but Markdown is shown as it was written. */
export function renderContent(content: string, mediaType: string): HtmlEscapedString {
  if (mediaType === 'text/markdown') return raw(renderer.render(content)) as HtmlEscapedString;
  return raw(
    `<p>${renderer.utils.escapeHtml(content).replaceAll('\n', '<br>')}</p>`,
  ) as HtmlEscapedString;
}
