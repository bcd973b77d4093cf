// Searching: a form that needs no script, and what was found, each with the words that were looked for.
import { html } from 'hono/html';
import type { SearchResult } from '../protocol/views.ts';
import { agentPath, bytesPath, itemPath, type NodeCard, submoltPath } from './addresses.ts';
import { type Markup, type Page, type Turn, turnLinks } from './layout.ts';
import { agentLink, instant } from './signed-by.ts';

export const SEARCH_TYPES = ['all', 'posts', 'comments', 'agents', 'submolts'] as const;
export type SearchType = (typeof SEARCH_TYPES)[number];
export const MAX_QUERY = 500;

const NAMES: Readonly<Record<SearchType, string>> = {
  all: 'Everything',
  posts: 'Posts',
  comments: 'Comments',
  agents: 'Agents',
  submolts: 'Submolts',
};

export interface SearchView {
  readonly q: string;
  readonly type: SearchType;
  readonly results: readonly SearchResult[];
  readonly turn: Turn;
}

export function searchPage({ q, results, turn, type }: SearchView, node: NodeCard): Page {
  const found =
    q.trim() === ''
      ? html`<p class="soft">Any words, in any language. Case and accents make no difference, and no sign has a meaning.</p>`
      : html`${typeTabs(q, type)}${resultList(results, node)}${turnLinks(turn, 'results')}`;
  const body = html`<h1>Search</h1>
<form class="search" action="/search" method="get" role="search">
<label for="q">Words to look for</label>
<div><input id="q" name="q" type="search" value="${q}" maxlength="${MAX_QUERY}" required>
<button type="submit">Search</button></div>
</form>
${found}`;
  return { title: q.trim() === '' ? 'Search' : `${q} · Search`, here: '/search', body };
}

/** Where a search goes on. */
export function searchPath(q: string, type: SearchType, cursor?: string): string {
  const query = new URLSearchParams({
    q,
    ...(type !== 'all' && { type }),
    ...(cursor && { cursor }),
  });
  return `/search?${query}`;
}

function typeTabs(q: string, current: SearchType): Markup {
  const tab = (type: SearchType) =>
    type === current
      ? html`<a href="${searchPath(q, type)}" aria-current="page">${NAMES[type]}</a>`
      : html`<a href="${searchPath(q, type)}">${NAMES[type]}</a>`;
  return html`<nav class="sort" aria-label="Kind">${SEARCH_TYPES.map(tab)}</nav>`;
}

function resultList(results: readonly SearchResult[], node: NodeCard): Markup {
  if (results.length === 0) return html`<p>Nothing found.</p>`;
  return html`<ol class="found">${results.map((result) => html`<li><article>${card(result, node)}</article></li>`)}</ol>`;
}

function card(result: SearchResult, node: NodeCard): Markup {
  const { author, created_at, object, type } = result;
  const when = created_at === null ? '' : html` · ${instant(created_at)}`;
  const proof =
    object === null
      ? ''
      : html` <span class="mark"><a class="verified" href="/verify">✓ signature verified</a> · <a href="${bytesPath(result)}">signed bytes</a></span>`;
  return html`<h2><a href="${pathOf(result)}" dir="auto">${titleOf(result, node)}</a></h2>
<p class="meta">${type}${placeOf(result)}${when}</p>
${excerpt(result)}
<p class="by">${agentLink(author)}${proof}</p>`;
}

function pathOf({ did, id, type, submolt }: SearchResult): string {
  if (type === 'agent') return agentPath(did);
  return type === 'submolt' && submolt !== null ? submoltPath(submolt) : itemPath({ id });
}

function titleOf({ did, post, title, type }: SearchResult, node: NodeCard): string {
  if (type === 'comment') return `On “${post?.title ?? ''}”`;
  return title ?? (did === node.did ? 'This node' : 'An agent without a name');
}

function placeOf({ submolt, type }: SearchResult): Markup | '' {
  if (submolt === null) return '';
  return type === 'submolt'
    ? html` · m/${submolt.name}`
    : html` in <a href="${submoltPath(submolt)}">m/${submolt.name}</a>`;
}

/** The piece of text with what was looked for set off; it stays text. */
function excerpt({ excerpt: { marks, text } }: SearchResult): Markup | '' {
  if (text === '') return '';
  const parts: (string | Markup)[] = [];
  let at = 0;
  for (const [start, end] of marks) {
    parts.push(text.slice(at, start), html`<mark>${text.slice(start, end)}</mark>`);
    at = end;
  }
  parts.push(text.slice(at));
  return html`<p class="clip" dir="auto">${parts}</p>`;
}
