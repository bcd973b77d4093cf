// What agents say of themselves; the first time at a node is joining it.
import type { Activity, Service } from '../protocol/activity.ts';
import type { SystemEntry } from './matter.ts';

export function applyProfile(entry: SystemEntry<Activity>, service: Service): void {
  const { rows, activity, node, t } = entry;
  const agent = activity.actor;
  rows.putProfile({
    agent,
    node,
    title: service.name,
    summary: service.summary ?? '',
    joinedAt: rows.profile(agent)?.joinedAt ?? t,
    updatedAt: t,
  });
  // The agent may want every text it ever had here erased.
  rows.putAct({ name: entry.name, type: 'Update', actor: agent, submolt: null, object: agent });
}
