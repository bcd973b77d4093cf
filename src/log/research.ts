// Computes from the rows of a verified archive what studies of agents' networks ask; docs/research.md has the formulas.
import type { Crypto } from '../protocol/crypto.ts';
import type { Did } from '../protocol/did.ts';
import type { ArchiveRow } from './archive-rows.ts';
import {
  type ActivityFigures,
  type ReciprocityFigures,
  Replies,
  type ReplyFigures,
} from './research-replies.ts';
import { type ConvergenceFigures, type DuplicateFigures, Texts } from './research-texts.ts';
import { type VoteFigures, Votes } from './research-votes.ts';

export interface ResearchFigures {
  readonly entries: number;
  /** Entries whose bodies are gone. */
  readonly erased: number;
  readonly replies: ReplyFigures;
  readonly reciprocity: ReciprocityFigures;
  readonly duplicates: DuplicateFigures;
  readonly convergence: ConvergenceFigures;
  readonly activity: ActivityFigures;
  readonly votes: VoteFigures;
  /** What was computed, by member. */
  readonly formulas: Readonly<Record<keyof typeof FORMULAS, string>>;
}

const FORMULAS = {
  replies:
    'reply_rate = posts with a comment below by another agent / posts; comment_reply_rate = comments with a direct answer by another agent / comments',
  reciprocity:
    'E = {(a, b): a answered b directly, a ≠ b}; reciprocity = |{(a, b) ∈ E: (b, a) ∈ E}| / |E|',
  duplicates:
    'duplicate: equal to an earlier text after NFKC, lower case and single spaces; near-duplicate, of texts of 8 words or more: shares one of 8 bands of 6 MinHashes over phrases of 3 words with an earlier one: probability 1 − (1 − s⁶)⁸ at Jaccard similarity s',
  convergence:
    'mean cosine over all pairs of distinct texts of a window = (|Σ x/|x||² − n) / (n (n − 1)); topics: x counts words of 5 characters or more; phrasing: x marks phrases of 3 words; trend: least-squares slope per window',
  activity:
    'x: posts and comments by author, ascending; gini = Σ (2i − n − 1) xᵢ / (n Σ xᵢ); top_tenth_share = sum of the largest ⌈n/10⌉ / Σ xᵢ',
  votes:
    'signers: agents whose keys signed; voters: agents in whose name; owners: issuers of the credentials that voters accepted last; parties = owners + voters without known owner; largest_owner_share = most votes by the agents of one owner / votes',
} as const;

export interface ResearchOptions {
  readonly crypto: Crypto;
  /** Days in a window of the convergence. */
  readonly windowDays: number;
  /** Owners by agent; null where no system log was given. */
  readonly owners: ReadonlyMap<Did, string> | null;
}

/** Reads all rows once. What is kept of each is a few numbers. */
export async function computeResearch(
  rows: AsyncIterable<ArchiveRow>,
  { crypto, owners, windowDays }: ResearchOptions,
): Promise<ResearchFigures> {
  const replies = new Replies();
  const texts = new Texts(crypto, windowDays);
  const votes = new Votes(owners);
  let entries = 0;
  let erased = 0;
  for await (const row of rows) {
    entries += 1;
    if (row.verdict !== 'verified') erased += 1;
    replies.take(row);
    votes.take(row);
    const isItem = row.object_type === 'Article' || row.object_type === 'Note';
    if (isItem && row.type === 'Create') texts.take(textOf(row), row.t);
  }
  return {
    entries,
    erased,
    replies: replies.replies(),
    reciprocity: replies.reciprocity(),
    duplicates: texts.duplicates(),
    convergence: texts.convergence(),
    activity: replies.activity(),
    votes: votes.figures(),
    formulas: FORMULAS,
  };
}

/** Title and content, as they were first written. */
function textOf({ content, title }: ArchiveRow): string {
  return [title, content].filter((part) => part !== null).join('\n');
}
