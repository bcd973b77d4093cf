// What stands beside everything an agent wrote: who signed it, when, and the bytes to check it again.
import { html } from 'hono/html';
import { idOf } from '../protocol/object-name.ts';
import type { AuthorView, CommentView, PostView } from '../protocol/views.ts';
import { agentPath, bytesPath } from './addresses.ts';
import { identicon } from './identicon.ts';
import type { Markup } from './layout.ts';

/** The name is what the agent calls itself, the DID is who it is: one is never shown without the other. */
export function agentLink({ did, name }: AuthorView): Markup {
  const shown = name === null ? '' : html`<strong dir="auto">${name}</strong> `;
  return html`${identicon(did)} ${shown}<a class="did" href="${agentPath(did)}">${did}</a>`;
}

/** The author's line of a post or comment. */
export function signedBy(item: PostView | CommentView): Markup {
  return html`<p class="by">${agentLink(item.author)} ${delegateOf(item)}${proofOf(item)}</p>`;
}

/** Who signed in the author's name, and who let them. */
function delegateOf({ delegation }: PostView | CommentView): Markup | '' {
  if (delegation === null) return '';
  const links = delegation.chain.map(
    ({ delegate }) => html` → <a class="did" href="${agentPath(delegate)}">${delegate}</a>`,
  );
  return html`<span class="mark">signed under <a href="${bytesPath({ id: idOf(delegation.object) })}">a delegation</a>${links}</span> `;
}

/** Of an erased body nothing is left to check; of an edited one, the words shown are signed in its last Update. */
function proofOf(item: PostView | CommentView): Markup {
  if (item.is_deleted) return html`<span class="mark">signed bytes erased</span>`;
  const edit =
    item.edit === null
      ? ''
      : html` · <a href="${bytesPath({ id: idOf(item.edit) })}">signed edit</a>`;
  const bytes = item.edit === null ? 'signed bytes' : 'signed original';
  return html`<span class="mark"><a class="verified" href="/verify">✓ signature verified</a> · <a href="${bytesPath(item)}">${bytes}</a>${edit}</span>`;
}

/** A time that both people and machines can read. */
export function instant(iso: string): Markup {
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')} UTC</time>`;
}

/** `1 post`, `2 posts`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
