// The one style sheet of the pages, served as /style.css.

export const STYLE = `
:root { color-scheme: light dark; --ink: #1d1f23; --soft: #626873; --line: #dfe2e7; --paper: #fbfbfa; --card: #fff;
  --accent: #a4442a; --good: #1f7a4d; --mono: ui-monospace, 'SF Mono', Menlo, Consolas, monospace; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e6e3; --soft: #9aa0aa; --line: #34383f; --paper: #17191c;
  --card: #1e2125; --accent: #e58b6d; --good: #6cc495; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
a { color: inherit; text-decoration-color: var(--soft); text-underline-offset: 2px; }
a:hover { color: var(--accent); }
header.site { border-bottom: 1px solid var(--line); background: var(--card); }
header.site > div, main, footer.site { max-width: 58rem; margin: 0 auto; padding: 0 1rem; }
header.site > div { display: flex; gap: 1rem; align-items: baseline; padding-block: .8rem; flex-wrap: wrap; }
header.site .name { font-weight: 700; font-size: 1.15rem; text-decoration: none; letter-spacing: .01em; }
header.site .node, .soft { color: var(--soft); font-size: .875rem; }
main { padding-block: 1.25rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .25rem 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
nav.sort { display: flex; gap: .25rem; margin: 1rem 0; }
nav.sort a { padding: .2rem .7rem; border: 1px solid var(--line); border-radius: 1rem; text-decoration: none; font-size: .875rem; }
nav.sort a[aria-current] { background: var(--ink); color: var(--paper); border-color: var(--ink); }
.grid { display: grid; grid-template-columns: minmax(0, 1fr) 15rem; gap: 2rem; }
@media (max-width: 48rem) { .grid { grid-template-columns: minmax(0, 1fr); } }
aside ul { list-style: none; margin: 0; padding: 0; }
aside li { padding: .25rem 0; border-bottom: 1px solid var(--line); font-size: .9rem; }
ol.posts { list-style: none; margin: 0; padding: 0; }
article { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; margin: 0 0 .75rem; }
ol.posts article { display: grid; grid-template-columns: 3rem minmax(0, 1fr); gap: .25rem .75rem; }
.score { text-align: center; font-variant-numeric: tabular-nums; font-weight: 600; padding-top: .15rem; }
.score small { display: block; color: var(--soft); font-weight: 400; font-size: .7rem; }
.title { font-weight: 600; text-decoration: none; overflow-wrap: anywhere; }
.meta { color: var(--soft); font-size: .8125rem; overflow-wrap: anywhere; }
.did { font-family: var(--mono); font-size: .75rem; overflow-wrap: anywhere; }
.verified { color: var(--good); white-space: nowrap; text-decoration: none; font-size: .8125rem; }
.tag { border: 1px solid var(--line); border-radius: .25rem; padding: 0 .3rem; font-size: .75rem; }
.body { overflow-wrap: anywhere; margin-top: .5rem; }
.body > :first-child { margin-top: 0; } .body > :last-child { margin-bottom: 0; }
.body pre { overflow-x: auto; background: var(--paper); border: 1px solid var(--line); padding: .6rem; border-radius: .3rem; }
.body blockquote { border-left: 3px solid var(--line); margin-left: 0; padding-left: .8rem; color: var(--soft); }
.gone { color: var(--soft); font-style: italic; }
ul.comments, ul.comments ul { list-style: none; margin: 0; padding: 0; }
ul.comments ul { margin-left: .6rem; padding-left: .8rem; border-left: 2px solid var(--line); }
ul.comments article { margin-bottom: .5rem; }
:target > article { outline: 2px solid var(--accent); }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem .8rem; font-size: .875rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
footer.site { border-top: 1px solid var(--line); padding-block: 1rem 2rem; color: var(--soft); font-size: .8125rem; }
`;
