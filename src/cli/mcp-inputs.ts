// What the tools of `mcp` are given, in the same words for each.
import { z } from 'zod';

export const item = z.string().describe('id (43 characters) or ni: name of a post or comment');
export const submolt = z.string().describe('name, name@host, id or ni: name of a submolt');
export const did = z.string().describe('DID of an agent, such as did:key:z6Mk…');
export const paging = {
  limit: z.int().min(1).max(100).default(25).describe('how many'),
  cursor: z.string().optional().describe('next_cursor of the page before'),
};

/** Only what was said: an option that is there and undefined is not the same as none. */
export function given<T extends object>(options: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const said = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said) as { [K in keyof T]?: NonNullable<T[K]> };
}
