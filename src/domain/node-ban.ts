// Bans of agents from a node: said by the node itself, of whatever is handed to it.
import type { Activity, Block } from '../protocol/activity.ts';
import { formatDateTime } from '../protocol/date-time.ts';
import type { Did } from '../protocol/did.ts';
import { groundOfWords } from './act-erasure.ts';
import { instrumentOf } from './item.ts';
import type { SystemEntry } from './matter.ts';
import { endOf } from './membership.ts';
import { tell } from './notice.ts';
import { type Refused, refuse } from './refusal.ts';
import { isDid } from './subject.ts';
import type { NodeBan, WorkingSet } from './working-set.ts';

function standsAt(ban: NodeBan | undefined, t: number): ban is NodeBan & { readonly act: string } {
  if (ban === undefined || ban.act === null) return false;
  return ban.until === null || t < ban.until;
}

/** Refuses an act if one of these agents, who all have a part in it, is banned from the node at `t`. */
export function refuseOutcasts(rows: WorkingSet, agents: Iterable<Did>, t: number): Refused | null {
  for (const agent of agents) {
    const ban = rows.nodeBan(agent);
    if (!standsAt(ban, t)) continue;
    const until = ban.until === null ? 'for good' : `until ${formatDateTime(ban.until / 1000)}`;
    return refuse('node_banned', agent, ban.node, until, ban.act);
  }
  return null;
}

/** What an agent has said stays its own to erase, wherever it is banned. */
export function erasesOwn(rows: WorkingSet, activity: Activity, node: Did): boolean {
  if (activity.type !== 'Delete' || instrumentOf(activity) !== null) return false;
  const { actor, audience, object } = activity;
  if (isDid(object)) return actor === object;
  const said = rows.said(object, audience ?? 'system');
  if (said === undefined) return actor === rows.item(object)?.author;
  return groundOfWords(rows, activity, node, said) === 'author';
}

/** `node` is the node that decides. */
export function decideNodeBan(
  rows: WorkingSet,
  activity: Block,
  { node, t }: { readonly node: Did; readonly t: number },
): Refused | null {
  if (activity.actor !== node) return refuse('not_this_node', node);
  if (activity.object === node) return refuse('object_unsuitable', 'another agent than this node');
  const ban = rows.nodeBan(activity.object);
  if (standsAt(ban, t)) return refuse('already_banned', ban.act);
  const end = endOf(activity);
  return end !== null && end <= t
    ? refuse('end_time_past', formatDateTime(Math.floor(t / 1000)))
    : null;
}

export function applyNodeBan({ rows, name, activity, node, t }: SystemEntry<Block>): void {
  const { actor, object } = activity;
  if (actor !== node || object === node || standsAt(rows.nodeBan(object), t)) return;
  rows.putNodeBan({ agent: object, node, act: name, until: endOf(activity) });
  rows.putAct({ name, type: 'Block', actor, submolt: null, object });
  tell(rows, actor, { agent: object, about: name, topic: 'ban', act: name, value: 1 });
}

/** Lifts the ban made by the Block `act`, if it is the one on record; false if it is not. */
export function endNodeBan(rows: WorkingSet, agent: Did, act: string): boolean {
  const ban = rows.nodeBan(agent);
  if (ban?.act !== act) return false;
  rows.putNodeBan({ ...ban, act: null, until: null });
  return true;
}
