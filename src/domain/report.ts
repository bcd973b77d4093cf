// Reports to the moderators.
import type { Flag } from '../protocol/activity.ts';
import { findItem } from './item.ts';
import type { Entry, Matter } from './matter.ts';
import type { Refused } from './refusal.ts';
import { isDid } from './subject.ts';

export function decideReport(matter: Matter<Flag>): Refused | null {
  const { object } = matter.activity;
  if (isDid(object)) return null;
  const item = findItem(matter, object);
  return 'code' in item ? item : null;
}

export function applyReport({ rows, name, activity, submolt, t }: Entry<Flag>): void {
  rows.putReport({
    act: name,
    submolt: submolt.name,
    reporter: activity.actor,
    object: activity.object,
    content: activity.content ?? activity.reason ?? '',
    createdAt: t,
  });
}
