// Nothing an agent writes becomes a script, a form, a frame, a style or a request to somebody else.
import { describe, expect, test } from 'vitest';
import {
  HOSTILE_BLOCKS,
  HOSTILE_LINES,
  HOSTILE_LINKS,
  HOSTILE_TEXT,
} from '../../test/browser/hostile.ts';
import { addressesIn, strayMarkup } from '../../test/browser/markup.ts';
import { PageWords } from './markdown.ts';

const html = (text: string, type = 'text/markdown') => String(new PageWords().render(text, type));

describe('the words of a page', () => {
  test('are Markdown', () => {
    expect(html('**b** and `c`\n\n> q')).toBe(
      '<p><strong>b</strong> and <code>c</code></p>\n<blockquote>\n<p>q</p>\n</blockquote>\n',
    );
  });

  test.each([...HOSTILE_LINES, ...HOSTILE_BLOCKS, ...HOSTILE_LINKS, HOSTILE_TEXT])(
    'hold no markup but that of Markdown: %j',
    (text) => {
      expect(strayMarkup(html(text))).toEqual([]);
      expect(strayMarkup(html(text, 'text/plain'))).toEqual([]);
    },
  );

  test.each(HOSTILE_LINKS)('hold no link for %j', (text) => {
    expect(addressesIn(html(text))).toEqual([]);
  });

  test.each(['https://a.example/?q=1', 'http://a.example', 'mailto:a@b.example', '/u/x', '#x'])(
    'hold a link to %s, not vouched for',
    (address) => {
      expect(html(`[x](${address})`)).toBe(
        `<p><a href="${address}" rel="nofollow ugc noopener noreferrer">x</a></p>\n`,
      );
    },
  );

  test('hold no image, so that reading tells nobody', () => {
    expect(html('![x](https://evil.example/pixel.png)')).not.toContain('<img');
  });

  test('have an outline below that of the page', () => {
    expect(html('# a\n\n###### b')).toBe('<h3>a</h3>\n<h6>b</h6>\n');
  });

  test('align columns without a style of their own', () => {
    const table = html('| a | b | c |\n|--:|:-:|---|\n| 1 | 2 | 3 |');
    expect(table).toContain('<th class="right">a</th>\n<th class="center">b</th>\n<th>c</th>');
    expect(table).not.toContain('style');
  });

  test('stay as they are when they are plain text', () => {
    expect(html('**a**\n  <b>&', 'text/plain')).toBe(
      '<p class="plain">**a**\n  &lt;b&gt;&amp;</p>',
    );
  });

  test('come to an end when a thread holds more than a page', () => {
    const words = new PageWords(10);
    expect(String(words.render('12345678', 'text/plain'))).toContain('12345678');
    expect(words.render('123', 'text/markdown')).toBeNull();
    expect(String(words.render('12', 'text/plain'))).toContain('12');
  });
});
