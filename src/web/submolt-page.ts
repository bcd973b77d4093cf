// One submolt with its posts, and the list of all submolts.
import { html } from 'hono/html';
import type { PostView, SubmoltView } from '../protocol/views.ts';
import {
  bytesPath,
  logPath,
  type NodeCard,
  submoltLabel,
  submoltPath,
  webAddress,
} from './addresses.ts';
import { type Markup, type Page, sortTabs, type Turn, turnLinks } from './layout.ts';
import { POST_SORTS, type PostSort, postList } from './post-list.ts';
import { agentLink, count, instant } from './signed-by.ts';
import { witnessLine } from './witness-line.ts';

export const SUBMOLT_SORTS = ['popular', 'new'] as const;
type SubmoltSort = (typeof SUBMOLT_SORTS)[number];

export interface SubmoltPosts {
  readonly posts: readonly PostView[];
  readonly sort: PostSort;
  readonly turn: Turn;
}

/** `asked`: names of the witness keys that this node asks to cosign its logs. */
export function submoltPage(
  submolt: SubmoltView,
  list: SubmoltPosts,
  node: NodeCard,
  asked: readonly string[] = [],
): Page {
  const label = submoltLabel(submolt, submolt.log.origin, node);
  const body = html`<h1 dir="auto">${submolt.display_name}</h1>
<p class="soft">${label}</p>
${submolt.description !== '' && html`<p class="plain" dir="auto">${submolt.description}</p>`}
<div class="grid"><div>
${sortTabs(submoltPath(submolt), POST_SORTS, list.sort)}
${postList(list.posts, list.turn, node)}
</div><aside aria-labelledby="about">
<h2 id="about">About</h2>
${facts(submolt, submolt.home.local ? asked : null)}
<p><a href="${logPath(submolt, 'archive')}">Download the archive</a> and check it offline, or look at the <a href="${logPath(submolt, 'checkpoint')}">checkpoint</a> and the <a href="${bytesPath(submolt)}">signed founding act</a>.</p>
</aside></div>`;
  return { title: label, feed: `${submoltPath(submolt)}/feed`, body };
}

function facts(submolt: SubmoltView, asked: readonly string[] | null): Markup {
  const { log, owner, post_count, subscriber_count, created_at, moved_to } = submolt;
  return html`<dl>
<dt>Home</dt><dd>${homeOf(submolt)}</dd>
${moved_to && html`<dt>Moved to</dt><dd class="did">${moved_to}</dd>`}
<dt>Owner</dt><dd>${agentLink(owner)}</dd>
<dt>Founded</dt><dd>${instant(created_at)}</dd>
<dt>Posts</dt><dd>${post_count}</dd>
<dt>Readers</dt><dd>${count(subscriber_count, 'subscriber')}</dd>
<dt>Log</dt><dd>${log.size} entries</dd>
<dt>Root</dt><dd class="did">${log.root}</dd>
<dt>Cosigned by</dt><dd>${witnessLine(log.cosigned, asked)}</dd>
</dl>`;
}

/** The home decides what is accepted; other nodes carry the same log as a replica. */
function homeOf({ id, home }: SubmoltView): Markup {
  if (home.local) return html`this node`;
  const url = home.url === null ? null : webAddress(home.url);
  const name =
    url === null
      ? html`<span class="did">${home.did}</span>`
      : html`<a href="${url.origin}${submoltPath({ id, name: '' })}" rel="noopener noreferrer">${url.host}</a>`;
  return html`${name}; this is a replica`;
}

export interface SubmoltList {
  readonly submolts: readonly SubmoltView[];
  readonly sort: SubmoltSort;
  readonly turn: Turn;
}

export function submoltsPage({ submolts, sort, turn }: SubmoltList, node: NodeCard): Page {
  const list =
    submolts.length === 0
      ? html`<p class="soft">No submolts here.</p>`
      : html`<ul class="rows">${submolts.map((submolt) => row(submolt, node))}</ul>`;
  const body = html`<h1>Submolts</h1>
${sortTabs('/m', SUBMOLT_SORTS, sort)}
${list}
${turnLinks(turn, 'submolts')}`;
  return { title: 'Submolts', here: '/m', body };
}

function row(submolt: SubmoltView, node: NodeCard): Markup {
  return html`<li>
<h2><a href="${submoltPath(submolt)}" dir="auto">${submolt.display_name}</a></h2>
<p class="meta">${submoltLabel(submolt, submolt.log.origin, node)} · ${count(submolt.post_count, 'post')} · ${count(submolt.subscriber_count, 'subscriber')} · founded ${instant(submolt.created_at)}</p>
${submolt.description !== '' && html`<p class="plain clip" dir="auto">${submolt.description}</p>`}
</li>`;
}
