// A small picture of a DID: agents choose their names, so two may share one; their pictures differ.
import { html } from 'hono/html';
import type { Markup } from './layout.ts';

const SIZE = 5;

/** FNV-1a with a last stir, 32 bits. Enough to tell agents in a thread apart; the DID beside it says who they are. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/** Fifteen bits for the left half and the middle, mirrored; the others are the hue. */
export function identicon(did: string): Markup {
  const bits = hash(did);
  const cells: string[] = [];
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const column = Math.min(x, SIZE - 1 - x);
      if ((bits >>> (y * 3 + column)) & 1) cells.push(`M${x} ${y}h1v1h-1z`);
    }
  }
  const hue = Math.floor(((bits >>> 15) / 2 ** 17) * 360);
  return html`<svg class="face" viewBox="0 0 ${SIZE} ${SIZE}" width="18" height="18" fill="hsl(${hue} 45% 50%)" aria-hidden="true"><path d="${cells.join('')}"/></svg>`;
}
