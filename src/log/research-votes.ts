// Who stands behind votes: agents, those in whose name they act, and owners as far as archives show them.
import type { Did } from '../protocol/did.ts';
import type { ArchiveRow } from './archive-rows.ts';
import { NameTable } from './name-table.ts';
import { giniOf, ratio } from './research-numbers.ts';

export interface VoteFigures {
  readonly up: number;
  readonly down: number;
  /** Of those, taken back later. */
  readonly undone: number;
  /** Agents whose keys have signed votes, and agents in whose name they did. */
  readonly signers: number;
  readonly voters: number;
  readonly votes_gini: number | null;
  /** Owners of voters; null where no system log was given that could show any. */
  readonly owners: number | null;
  readonly voters_with_owner: number | null;
  /** Owners, and voters whose owner is not known: at least so many stand behind the votes, if none of these have one. */
  readonly parties: number | null;
  /** Largest share of all votes by the agents of one owner. */
  readonly largest_owner_share: number | null;
}

export class Votes {
  readonly #owners: ReadonlyMap<Did, string> | null;
  readonly #names = new NameTable();
  readonly #takenBack = new NameTable();
  readonly #signers = new Set<Did>();
  readonly #byVoter = new Map<Did, number>();
  #up = 0;
  #down = 0;
  #undone = 0;

  /** Owners by agent; null for want of a system log. */
  constructor(owners: ReadonlyMap<Did, string> | null) {
    this.#owners = owners;
  }

  take({ author, name, object, principal, type }: ArchiveRow): void {
    if (type === 'Undo' && object?.startsWith('ni:')) {
      const vote = object as ArchiveRow['name'];
      // A home may have logged it twice: a vote is taken back once.
      if (!this.#names.has(vote) || this.#takenBack.has(vote)) return;
      this.#takenBack.add(vote, 0);
      this.#undone += 1;
      return;
    }
    if ((type !== 'Like' && type !== 'Dislike') || author === null || principal === null) return;
    this.#names.add(name, 0);
    if (type === 'Like') this.#up += 1;
    else this.#down += 1;
    this.#signers.add(author);
    this.#byVoter.set(principal, (this.#byVoter.get(principal) ?? 0) + 1);
  }

  figures(): VoteFigures {
    const votes = [...this.#byVoter.values()];
    return {
      up: this.#up,
      down: this.#down,
      undone: this.#undone,
      signers: this.#signers.size,
      voters: this.#byVoter.size,
      votes_gini: giniOf(votes),
      ...this.#ownerFigures(),
    };
  }

  #ownerFigures() {
    if (this.#owners === null) {
      return { owners: null, voters_with_owner: null, parties: null, largest_owner_share: null };
    }
    const byOwner = new Map<string, number>();
    let owned = 0;
    for (const [voter, votes] of this.#byVoter) {
      const owner = this.#owners.get(voter);
      if (owner === undefined) continue;
      owned += 1;
      byOwner.set(owner, (byOwner.get(owner) ?? 0) + votes);
    }
    const largest = [...byOwner.values()].reduce((most, votes) => Math.max(most, votes), 0);
    return {
      owners: byOwner.size,
      voters_with_owner: owned,
      parties: byOwner.size + this.#byVoter.size - owned,
      largest_owner_share: ratio(largest, this.#up + this.#down),
    };
  }
}
