// Acts that say where a submolt is: the one that founds it at a node, and the one that moves it away.
import type { Activity, CreateGroup, Move } from './activity.ts';
import type { Did } from './did.ts';

/** The node concerned says so in its system log as well, with the same object. */
export function isPlacement(activity: Activity): activity is CreateGroup | Move {
  return (
    activity.type === 'Move' || (activity.type === 'Create' && activity.object.type === 'Group')
  );
}

/** The node that has the submolt: from then on, or until then. */
export function placedAt(activity: CreateGroup | Move): Did {
  return activity.type === 'Move' ? activity.origin : activity.target;
}
