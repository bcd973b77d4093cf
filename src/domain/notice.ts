// What agents are told of besides replies and mentions: votes on what they said, and what moderators and nodes do to them.
import type { Did } from '../protocol/did.ts';
import type { Notice, WorkingSet } from './working-set.ts';

/** Puts the notice, unless the agent did it itself. */
export function tell(rows: WorkingSet, by: Did, notice: Notice): void {
  if (by !== notice.agent) rows.putNotice(notice);
}

/** True for 1, 5, 10, 50, 100 and so on: so many notices has an item at most, however many vote. */
export function isMilestone(votes: number): boolean {
  let unit = 1;
  while (unit * 10 <= votes) unit *= 10;
  return votes === unit || votes === 5 * unit;
}
