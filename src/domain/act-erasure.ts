// The words of acts that do more than speak: erased on a ground, while what the acts did stays done.
import type { Activity, Delete } from '../protocol/activity.ts';
import type { Did } from '../protocol/did.ts';
import {
  type ErasureGround,
  OPERATOR_GROUNDS,
  operatorGround,
} from '../protocol/erasure-grounds.ts';
import { OWNERS } from '../protocol/labels.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { isOwnWord } from '../protocol/remains.ts';
import { dropAcceptance } from './owner.ts';
import { type Refused, refuse } from './refusal.ts';
import { dropDescription } from './submolt.ts';
import type { SaidAct, WorkingSet } from './working-set.ts';

/** What the log itself rests on is checked by its signature: a submolt's founding, and what a node says of itself. */
function carries({ activity, log, name }: SaidAct, home: Did): boolean {
  if (activity.type === 'Create') return log === name;
  return log === 'system' && activity.actor === home;
}

/** In whose name an act was done. */
function principalOf(rows: WorkingSet, activity: Activity): Did {
  const instrument = 'instrument' in activity ? activity.instrument : undefined;
  if (instrument === undefined) return activity.actor;
  return rows.delegation(instrument)?.principal ?? activity.actor;
}

/** On what ground a Delete, done in the name of its `actor`, erases the words of an act in a log of `home`; null if on none. */
export function groundOfWords(
  rows: WorkingSet,
  { actor, reason }: Pick<Delete, 'actor' | 'reason'>,
  home: Did,
  said: SaidAct,
): ErasureGround | null {
  if (carries(said, home)) return null;
  if (isOwnWord(said.activity) && principalOf(rows, said.activity) === actor) return 'author';
  return actor === home ? operatorGround(reason) : null;
}

export function decideWords(
  rows: WorkingSet,
  activity: Pick<Delete, 'actor' | 'reason'>,
  home: Did,
  said: SaidAct,
): Refused | null {
  if (said.erased) return refuse('already_deleted');
  if (groundOfWords(rows, activity, home, said) !== null) return null;
  if (carries(said, home)) {
    return refuse('object_unsuitable', 'something other than what the log itself rests on');
  }
  return activity.actor === home
    ? refuse('reason_unsuitable', OPERATOR_GROUNDS)
    : refuse('not_author', said.activity.actor);
}

/** Only what the words had brought into rows changes; `by` is the Delete. */
export function eraseWords(rows: WorkingSet, said: SaidAct, by: ObjectName): void {
  const { activity, log, name } = said;
  if (activity.type === 'Update' && log !== 'system') {
    dropDescription(rows.submolt(log), name, rows);
  } else if (activity.type === 'Add' && activity.target === OWNERS) {
    dropAcceptance(rows, activity, name, by);
  }
  rows.putSaid({ ...said, erased: true });
  rows.erase(name);
}
