// Labels without a rule of their own, such as `#spam`: moderators put them on items and agents.
import type { Add, LabelIri, Remove } from '../protocol/activity.ts';
import { findItem } from './item.ts';
import type { Entry, Matter } from './matter.ts';
import { type Refused, refuse } from './refusal.ts';
import { isDid } from './subject.ts';

export function decideLabel(matter: Matter<Add | Remove>, label: LabelIri): Refused | null {
  const { rows, activity, submolt } = matter;
  if (!isDid(activity.object)) {
    const item = findItem(matter, activity.object);
    if ('code' in item) return item;
  }
  const on = (rows.label(submolt.name, activity.object, label)?.act ?? null) !== null;
  if (activity.type === 'Add') return on ? refuse('already_labelled') : null;
  return on ? null : refuse('not_labelled');
}

/** False if it changes nothing. */
export function applyLabel(entry: Entry<Add | Remove>, label: LabelIri): boolean {
  const { rows, name, activity, submolt } = entry;
  const { object, type } = activity;
  const standing = rows.label(submolt.name, object, label)?.act ?? null;
  if ((type === 'Add') === (standing !== null)) return false;
  const act = type === 'Add' ? name : null;
  rows.putLabel({ submolt: submolt.name, object, label, act });
  return true;
}
