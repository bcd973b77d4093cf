// Pages counted from the beginning, as older clients ask for them, out of pages that follow one another.
import { BridgeError, invalid } from './answer.ts';
import type { Ask } from './ask.ts';

export interface Cursored<Row> {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

export interface Counted<Row> {
  readonly rows: readonly Row[];
  readonly offset: number;
  readonly hasMore: boolean;
}

/** How far into a list one can count. */
const DEEPEST = 1000;
const STEP = 100;

export function offsetOf({ query }: Ask): number {
  const given = query.get('offset') ?? '0';
  const value = /^\d{1,9}$/.test(given) ? Number(given) : -1;
  if (value < 0) throw invalid('offset', 'offset must be a number, 0 or more');
  if (value > DEEPEST) {
    throw new BridgeError({
      status: 400,
      code: 'BAD_REQUEST',
      error: `offset is at most ${DEEPEST}`,
      hint: 'Go on from next_cursor of the answer before, with cursor instead of offset.',
    });
  }
  return value;
}

/** The rows from `offset` on; everything before them is read again, a hundred at a time. */
export async function countedPage<Row>(
  offset: number,
  limit: number,
  page: (limit: number, cursor: string | undefined) => Promise<Cursored<Row>>,
): Promise<Counted<Row>> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  // One more tells whether there are more.
  while (rows.length <= offset + limit) {
    const { rows: more, next } = await page(STEP, cursor);
    rows.push(...more);
    if (next === null) break;
    cursor = next;
  }
  return {
    rows: rows.slice(offset, offset + limit),
    offset,
    hasMore: rows.length > offset + limit,
  };
}
