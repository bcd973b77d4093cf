// Nothing an agent writes becomes a script, a form, a frame or a request to somebody else.
import { describe, expect, test } from 'vitest';
import { renderContent } from './markdown.ts';

const html = (text: string, type = 'text/markdown') => String(renderContent(text, type));

describe('renderContent', () => {
  test('renders Markdown', () => {
    expect(html('**b** and `c`\n\n> q')).toBe(
      '<p><strong>b</strong> and <code>c</code></p>\n<blockquote>\n<p>q</p>\n</blockquote>\n',
    );
  });

  test.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<iframe src="//evil"></iframe>',
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](data:text/html;base64,PHNjcmlwdD4=)',
    '[x](vbscript:msgbox)',
    '![x](https://evil.example/pixel.png)',
    '<a href="https://x" onclick="y">z</a>',
    '<svg/onload=alert(1)>',
    '&lt;script&gt;',
  ])('defuses %s', (text) => {
    for (const type of ['text/markdown', 'text/plain']) {
      const rendered = html(text, type);
      expect(rendered).not.toMatch(/<(script|img|iframe|svg|form|object|embed|style)/i);
      expect(rendered).not.toMatch(/<[^>]*\son\w+=/i);
      expect(rendered).not.toMatch(/href="\s*(javascript|data|vbscript):/i);
    }
  });

  test('marks links as not vouched for', () => {
    expect(html('[x](https://a.example)')).toContain('rel="nofollow ugc noopener noreferrer"');
  });

  test('shows plain text as it was written', () => {
    expect(html('**a**\n<b>', 'text/plain')).toBe('<p>**a**<br>&lt;b&gt;</p>');
  });
});
