// The one style sheet of the pages, served as /style.css.

const COLOURS = `
:root { color-scheme: light dark; --ink: #1d1f22; --soft: #5b616b; --line: #e0ddd6; --paper: #faf9f6; --sunk: #f0eee8;
  --accent: #9a3d22; --good: #1b6e45; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7e5e0; --soft: #a3a7ae; --line: #35373b; --paper: #17181a;
  --sunk: #212327; --accent: #e9987b; --good: #78cda0; } }`;

const FRAME = `
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: none; text-size-adjust: none; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere; }
a { color: inherit; text-decoration-color: var(--soft); text-underline-offset: .15em; }
a:hover { color: var(--accent); text-decoration-color: currentColor; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
main:focus { outline: none; }
header.site > div, main, footer.site > div { max-width: 62rem; margin: 0 auto; padding-inline: 1.25rem; }
header.site { border-bottom: 1px solid var(--line); }
header.site > div { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; padding-block: .8rem; }
header.site nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin-inline-start: auto; }
header.site nav a { text-decoration: none; padding-block: .15rem; }
header.site nav a[aria-current] { box-shadow: 0 2px var(--accent); }
.name { font-weight: 700; font-size: 1.2rem; text-decoration: none; color: var(--accent); }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: .5rem; padding: .3rem .6rem; background: var(--paper); }
main { padding-block: 1.5rem 3rem; }
footer.site { border-top: 1px solid var(--line); padding-block: 1rem 2.5rem; color: var(--soft); font-size: .8125rem; }
footer.site p { margin: .25rem 0; } time { white-space: nowrap; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; } h1.small { font-size: 1.1rem; }
h2 { font-size: 1.1rem; line-height: 1.35; margin: 2rem 0 .75rem; }
p { margin: .5rem 0; }
.soft { color: var(--soft); }
.plain { white-space: pre-wrap; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .2rem 1rem; font-size: .875rem; margin: .75rem 0; }
dt { color: var(--soft); } dd { margin: 0; }
code, pre, .did { font-family: ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
code, pre { font-size: .8125rem; } .did { font-size: .75rem; }
pre { overflow-x: auto; overflow-wrap: normal; background: var(--sunk); padding: .7rem .9rem; border-radius: .3rem; }`;

const LISTS = `
.grid { display: grid; grid-template-columns: minmax(0, 1fr) 16rem; gap: 2.5rem; }
aside h2 { margin-top: 0; } aside ul { list-style: none; margin: 0; padding: 0; }
aside li { padding: .3rem 0; } aside { font-size: .9rem; }
nav.sort { display: flex; flex-wrap: wrap; gap: 0 1.25rem; overflow-wrap: normal; margin: .75rem 0; font-size: .9rem; border-bottom: 1px solid var(--line); }
nav.sort a { padding: .2rem 0 .35rem; text-decoration: none; color: var(--soft); }
nav.sort a[aria-current] { color: var(--ink); font-weight: 600; box-shadow: 0 2px var(--accent); }
nav.turn { display: flex; gap: 1.5rem; margin: 1.25rem 0; }
ol.posts, ul.rows, ol.found { list-style: none; margin: 0; padding: 0; }
.posts article { display: grid; grid-template-columns: 3.5rem minmax(0, 1fr); gap: .75rem; }
.posts li, .rows li, .found li { padding: .9rem 0; border-bottom: 1px solid var(--line); }
.posts h2, .rows h2, .found h2 { margin: 0; font-size: 1.05rem; } .posts h2 a, .rows h2 a, .found h2 a { text-decoration: none; }
.score { margin: 0; text-align: center; font-variant-numeric: tabular-nums; }
.score b { display: block; font-size: 1.05rem; } .score span { display: block; color: var(--soft); font-size: .7rem; line-height: 1.3; }
.meta, .by { margin: .15rem 0; color: var(--soft); font-size: .8125rem; }
.by strong { color: var(--ink); } .by .did { text-decoration: none; } .by .did:hover { text-decoration: underline; }
.mark a { white-space: nowrap; } .verified { color: var(--good); text-decoration: none; }
.face { vertical-align: -.3em; shape-rendering: crispEdges; border-radius: 2px; }
h1 .face { width: 1.1em; height: 1.1em; vertical-align: -.15em; }
.tag { border: 1px solid var(--line); border-radius: .25rem; padding: 0 .3rem; font-size: .75rem; font-weight: 400; color: var(--soft); }
.clip { display: -webkit-box; -webkit-line-clamp: 3; -webkit-box-orient: vertical; overflow: hidden; font-size: .9rem; margin: .25rem 0; }
form.search { margin: .75rem 0 1rem; max-width: 46rem; } form.search label { display: block; font-size: .875rem; color: var(--soft); }
form.search div { display: flex; gap: .5rem; margin-top: .25rem; } form.search input { flex: 1; min-width: 0; }
form.search input, form.search button { font: inherit; color: var(--ink); background: var(--sunk); border: 1px solid var(--soft); border-radius: .3rem; padding: .35rem .6rem; }
mark { background: none; color: inherit; font-weight: 700; text-decoration: underline; text-decoration-color: var(--accent); }`;

const WORDS = `
.post, .comments article { max-width: 46rem; }
.body { margin: .6rem 0; } .body > :first-child, .body > .plain { margin-top: 0; } .body > :last-child { margin-bottom: 0; }
.body p, .body li, .body blockquote, h1, h2 { unicode-bidi: plaintext; }
.body h3, .body h4, .body h5, .body h6 { font-size: 1rem; margin: 1.2rem 0 .3rem; } .post > .body h3 { font-size: 1.15rem; }
.body blockquote { border-inline-start: 3px solid var(--line); margin-inline: 0; padding-inline-start: .9rem; color: var(--soft); }
.body :not(pre) > code { background: var(--sunk); padding: .1em .3em; border-radius: .2rem; }
.body ul, .body ol { padding-inline-start: 1.6rem; } .body hr { border: 0; border-top: 1px solid var(--line); }
.table { overflow-x: auto; overflow-wrap: normal; } table { border-collapse: collapse; font-size: .9rem; }
th, td { border: 1px solid var(--line); padding: .25rem .6rem; text-align: start; } .right { text-align: end; } .center { text-align: center; }
.gone { color: var(--soft); font-style: italic; }
summary { color: var(--soft); font-size: .875rem; cursor: pointer; padding-block: .15rem; }
.comments, .comments ul { list-style: none; margin: 0; padding: 0; }
.comments li { padding-top: .9rem; } .comments li:target > article { box-shadow: -4px 0 var(--paper), -7px 0 var(--accent); }
.comments ul { margin-inline-start: .5rem; padding-inline-start: 1rem; border-inline-start: 2px solid var(--line); margin-top: .5rem; }
.comments .body { margin-block: .25rem; } .more { font-size: .875rem; }
.comments ul ul ul ul ul ul ul ul { margin-inline-start: 0; padding-inline-start: 0; border: 0; margin-top: 0; }`;

const NARROW = `
@media (max-width: 52rem) { .grid { grid-template-columns: minmax(0, 1fr); gap: 2rem; } }
@media (max-width: 34rem) {
  header.site > div, main, footer.site > div { padding-inline: .9rem; } header.site nav { margin-inline-start: 0; width: 100%; }
  .posts article { display: block; } .score { text-align: start; margin-bottom: .15rem; } .score b, .score span { display: inline; }
  .mark { display: block; }
  .comments ul { margin-inline-start: .15rem; padding-inline-start: .6rem; }
  .comments ul ul ul ul { margin-inline-start: 0; padding-inline-start: 0; border: 0; margin-top: 0; }
}
@media print { nav, .skip { display: none; } }`;

export const STYLE = `${COLOURS}${FRAME}${LISTS}${WORDS}${NARROW}\n`.trimStart();
