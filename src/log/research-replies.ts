// Who answers whom: answered posts and comments, answers that are returned, and how activity is spread over agents.
import type { ArchiveRow } from './archive-rows.ts';
import { NameTable } from './name-table.ts';
import { giniOf, ratio, topTenth } from './research-numbers.ts';

export interface ReplyFigures {
  readonly posts: number;
  /** Posts with at least one comment below them by another agent. */
  readonly posts_answered: number;
  readonly reply_rate: number | null;
  readonly comments: number;
  /** Comments with at least one direct answer by another agent. */
  readonly comments_answered: number;
  readonly comment_reply_rate: number | null;
}

export interface ReciprocityFigures {
  /** Ordered pairs (a, b), a having answered b directly; and those whose opposite is a pair too. */
  readonly pairs: number;
  readonly mutual: number;
  readonly reciprocity: number | null;
}

export interface ActivityFigures {
  readonly authors: number;
  /** Over posts and comments by author. */
  readonly gini: number | null;
  readonly top_tenth_share: number | null;
}

/** Agents are numbered below this, so that a pair of them is one number. */
const MAX_AGENTS = 2 ** 26;

export class Replies {
  readonly #items = new NameTable();
  /** By number of the item. */
  readonly #authors: number[] = [];
  readonly #answered: boolean[] = [];
  readonly #isPost: boolean[] = [];
  readonly #agents = new Map<string, number>();
  readonly #written: number[] = [];
  readonly #pairs = new Set<number>();

  /** Rows come in the order of the log. */
  take(row: ArchiveRow): void {
    if (row.type !== 'Create' || row.principal === null) return;
    if (row.object_type === 'Group' || row.object_type === 'Service') return;
    const author = this.#numberOf(row.principal);
    this.#written[author] = (this.#written[author] ?? 0) + 1;
    const item = this.#items.size;
    this.#items.add(row.name, item);
    this.#authors.push(author);
    this.#answered.push(false);
    this.#isPost.push(row.parent === null);
    if (row.parent === null) return;
    this.#answer(row.root === null ? undefined : this.#items.get(row.root), author);
    const parent = this.#items.get(row.parent);
    const other = this.#answer(parent, author);
    if (other !== null) this.#pairs.add(author * MAX_AGENTS + other);
  }

  replies(): ReplyFigures {
    const of = (posts: boolean) => {
      const all = this.#isPost.flatMap((isPost, i) => (isPost === posts ? [i] : []));
      return { count: all.length, answered: all.filter((i) => this.#answered[i]).length };
    };
    const [posts, comments] = [of(true), of(false)];
    return {
      posts: posts.count,
      posts_answered: posts.answered,
      reply_rate: ratio(posts.answered, posts.count),
      comments: comments.count,
      comments_answered: comments.answered,
      comment_reply_rate: ratio(comments.answered, comments.count),
    };
  }

  reciprocity(): ReciprocityFigures {
    let mutual = 0;
    for (const pair of this.#pairs) {
      const [a, b] = [Math.floor(pair / MAX_AGENTS), pair % MAX_AGENTS];
      if (this.#pairs.has(b * MAX_AGENTS + a)) mutual += 1;
    }
    const pairs = this.#pairs.size;
    return { pairs, mutual, reciprocity: ratio(mutual, pairs) };
  }

  activity(): ActivityFigures {
    const gini = giniOf(this.#written);
    return { authors: this.#agents.size, gini, top_tenth_share: topTenth(this.#written) };
  }

  /** Notes that another than its author has answered an item; gives whom. */
  #answer(item: number | undefined, by: number): number | null {
    const author = item === undefined ? undefined : this.#authors[item];
    if (item === undefined || author === undefined || author === by) return null;
    this.#answered[item] = true;
    return author;
  }

  #numberOf(agent: string): number {
    const known = this.#agents.get(agent);
    if (known !== undefined) return known;
    const number = this.#agents.size;
    this.#agents.set(agent, number);
    return number;
  }
}
