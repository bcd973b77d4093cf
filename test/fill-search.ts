// Fills the search index to the end, as the follower of a running node does in its own time.
import type { Database } from '../src/store/database.ts';
import { fillSearch } from '../src/store/fill-search.ts';

export async function fill(db: Database): Promise<number> {
  for (let steps = 0; ; steps++) if ((await fillSearch(db)).done) return steps;
}
