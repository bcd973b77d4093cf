// The activity in stored bytes, which were verified before they were stored.
import type { Activity } from '../protocol/activity.ts';
import { parseActivity } from '../protocol/activity-schema.ts';
import { parseIJson } from '../protocol/json.ts';
import { StoreError } from './error.ts';

/** Throws StoreError `corrupt`; `name` is what the error calls it. */
export function readActivity(bytes: Uint8Array, name: string): Activity {
  const parsed = parseIJson(bytes);
  if (!parsed.ok) throw new StoreError('corrupt', `${name}: ${parsed.detail}`);
  const result = parseActivity(parsed.value);
  if (!result.ok) throw new StoreError('corrupt', `${name}: ${result.detail}`);
  return result.activity;
}
