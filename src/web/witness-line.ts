// Who has cosigned a log, in words: how many of those who were asked, up to which entry, and when.
import { html } from 'hono/html';
import type { CosignedView } from '../protocol/views.ts';
import type { Markup } from './layout.ts';
import { instant } from './signed-by.ts';

/** `asked`: names of the keys of those who are asked; null where that is another node's to say. */
export function witnessLine(
  cosigned: CosignedView | null,
  asked: readonly string[] | null,
): Markup {
  const names = new Set(asked);
  const known = cosigned?.witnesses.filter((name) => asked === null || names.has(name)) ?? [];
  if (cosigned === null || known.length === 0) {
    return asked?.length === 0
      ? html`nobody: this node has met no other that cosigns`
      : html`nobody yet`;
  }
  const share = asked === null ? '' : ` of ${asked.length}`;
  return html`${known.length}${share}, up to entry ${cosigned.size - 1}, ${instant(cosigned.at)}: <span class="did">${known.join(', ')}</span>`;
}
