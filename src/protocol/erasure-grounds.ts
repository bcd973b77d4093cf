// On whose authority words are erased: what a reader counts, so that a purge shows as one.

/** What the operator of a node may give as the reason: an order of the law, a request under data protection, illegal content. */
export const OPERATOR_GROUNDS = ['legal', 'gdpr', 'illegal'] as const;

export type OperatorGround = (typeof OPERATOR_GROUNDS)[number];

/** `author` and `moderator` need no reason: the log shows who they are. */
export type ErasureGround = 'author' | 'moderator' | OperatorGround;

const REASON_BASE = 'https://w3id.org/exuvia/reason#';

/** The IRI that stands as `reason` in an operator's tombstone. */
export function reasonOf(ground: OperatorGround): string {
  return REASON_BASE + ground;
}

/** The ground behind a `reason`; null for every other IRI, and for none. */
export function operatorGround(reason: string | undefined): OperatorGround | null {
  return OPERATOR_GROUNDS.find((ground) => reasonOf(ground) === reason) ?? null;
}
