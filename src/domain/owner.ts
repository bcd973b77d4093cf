// Owners: an agent accepts the credential by which somebody says that it is theirs; either of them ends that for good.
import type { Add, Remove } from '../protocol/activity.ts';
import { type Did, parseDid, subjectOf } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import { readStatedOwnership, type StatedOwnership } from '../protocol/stated-ownership.ts';
import type { SystemEntry } from './matter.ts';
import { type Refused, refuse } from './refusal.ts';
import type { Ownership, WorkingSet } from './working-set.ts';

/** An acceptance whose credential was verified before, or a withdrawal. */
export function decideOwnership(rows: WorkingSet, activity: Add | Remove): Refused | null {
  const known = rows.ownership(activity.object as ObjectName);
  if (activity.type === 'Add') {
    if (statedIn(activity) === null) {
      return refuse(
        'object_unsuitable',
        'the credential of somebody who says that the actor is theirs',
      );
    }
    if (known === undefined) return null;
    return known.ended === null
      ? refuse('ownership_stands', known.act)
      : refuse('ownership_ended', known.ended);
  }
  if (known === undefined) return refuse('ownership_unknown', activity.object);
  if (!isParty(known, activity.actor)) return refuse('not_party');
  return known.ended === null ? null : refuse('ownership_ended', known.ended);
}

export function applyOwnership({ rows, name, activity, node, t }: SystemEntry<Add | Remove>): void {
  const credential = activity.object as ObjectName;
  const known = rows.ownership(credential);
  if (activity.type === 'Remove') {
    if (known === undefined || known.ended !== null || !isParty(known, activity.actor)) return;
    rows.putOwnership({ ...known, ended: name });
    return;
  }
  const stated = statedIn(activity);
  if (activity.content === undefined && known === undefined) {
    rows.putOwnership({ ...unsaid(activity, t), credential, node, act: name, ended: null });
  }
  // A credential that was withdrawn stays so, or one side alone could bring back what the other has ended.
  if (stated === null || known !== undefined) return;
  const { agent, form, owner, role, validUntil } = stated;
  const until = validUntil * 1000;
  rows.putOwnership({
    ...{ credential, node, agent, owner, role, form },
    ...{ since: t, until, act: name, ended: null },
  });
}

/** What is left of an acceptance without its words. It has run out when it began: it is nobody's word any more. */
function unsaid({ actor: agent, mediaType }: Add, since: number) {
  const form = mediaType === 'application/vc' ? 'vc' : 'jwt';
  return { agent, owner: '', role: null, form, since, until: since } as const;
}

/** The acceptance is erased by the act `by`. The credential does not come back, or one side could undo what the other ended. */
export function dropAcceptance(
  rows: WorkingSet,
  acceptance: Add,
  name: ObjectName,
  by: ObjectName,
) {
  const known = rows.ownership(acceptance.object as ObjectName);
  if (known?.act !== name) return;
  rows.putOwnership({ ...known, ...unsaid(acceptance, known.since), ended: by });
}

function statedIn({ actor, content = '', mediaType = '' }: Add): StatedOwnership | null {
  const stated = readStatedOwnership(content, mediaType);
  return stated?.agent === actor ? stated : null;
}

/** Owners whose key is not of Ed25519 sign no objects: to them their status list is left. */
function isParty({ agent, owner }: Ownership, actor: Did): boolean {
  // Of an acceptance without words it is not known who the owner was; the log's home knew.
  if (owner === '') return true;
  const did = parseDid(owner);
  return actor === agent || (did !== null && subjectOf(did) === actor);
}
