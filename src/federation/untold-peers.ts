// Which peers have not heard that an agent has other keys now, or that a delegation was taken back.
import { recordNextChange } from '../commands/record-told.ts';
import type { Peer } from '../store/peers.ts';
import { findChanges, findUntoldChanges, listUntold } from '../store/queries/announcements.ts';
import type { FederationContext } from './context.ts';
import { BREAKER_FAILURES } from './retry.ts';

/** More are listed once these have had their turn. */
const MAX_LISTED = 64;
const GIVEN_UP_AFTER_MS = 7 * 24 * 3_600_000;

export interface UntoldPeer {
  readonly peer: Peer;
  /** Index of the newest change in the system log: once the peer has been told of it, it has been told everything. */
  readonly newest: number;
}

/** Remembers how far the system log was looked through: it grows much more often than keys change. */
export class UntoldPeers {
  /** Entries looked through, once that was begun. */
  #through: number | null = null;
  /** Index of the newest change that some peer may not have been told of, or -1. */
  #newest = -1;

  async list(context: FederationContext): Promise<UntoldPeer[]> {
    const { db, now } = context;
    await this.#look(context);
    const newest = this.#newest;
    if (newest < 0) return [];
    // What was a peer once and never came back must not be asked for ever.
    const patience = { failures: BREAKER_FAILURES, since: now() - GIVEN_UP_AFTER_MS };
    const peers = await listUntold(db, newest, patience, MAX_LISTED);
    return peers.map((peer) => ({ peer, newest }));
  }

  async #look(context: FederationContext): Promise<void> {
    const { db, sequencer } = context;
    const through = this.#through;
    const { first, last, size } = await (through === null
      ? findUntoldChanges(db)
      : findChanges(db, through));
    if (first !== null && last !== null) {
      if (through !== null) await recordNextChange(context, sequencer, this.#newest, first);
      this.#newest = last;
    }
    this.#through = size;
  }
}
