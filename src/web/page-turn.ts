// Which page of which list a reader asks for, and where the list goes on.
import type { Turn } from './layout.ts';

export interface ListQuery<Sort extends string> {
  readonly sort: Sort;
  readonly cursor: string | undefined;
}

/** Reads `sort` and `cursor`; the first sort stands for anything that is none of them. */
export function listQuery<Sort extends string>(
  query: Readonly<Record<string, string>>,
  sorts: readonly [Sort, ...Sort[]],
): ListQuery<Sort> {
  return { sort: sorts.find((sort) => sort === query.sort) ?? sorts[0], cursor: query.cursor };
}

/** Links of the page at `path` that `query` has asked for; `next` is the cursor of the page behind it. */
export function turnOf(
  path: string,
  { sort, cursor }: ListQuery<string>,
  next: string | null,
): Turn {
  return {
    first: cursor === undefined ? null : `${path}?${new URLSearchParams({ sort })}`,
    next: next === null ? null : `${path}?${new URLSearchParams({ sort, cursor: next })}`,
  };
}
