// Turns the DIDs of an act into subjects: to the rules an agent is what stays when its keys and its host change.
import type { Activity } from '../protocol/activity.ts';
import { type Did, scidOf, subjectOf } from '../protocol/did.ts';

export function isDid(reference: string): reference is Did {
  return reference.startsWith('did:');
}

/**
 * The act with subjects for actor and object; the very same one where these are their own subjects, as did:key is.
 * Home nodes are not agents: their DIDs stay as signed.
 */
export function bySubject<A extends Activity>(activity: A): A {
  const { actor, object } = activity;
  const agent = subjectOf(actor);
  const about = typeof object === 'string' && isDid(object) ? subjectOf(object) : object;
  return agent === actor && about === object
    ? activity
    : { ...activity, actor: agent, object: about };
}

/** True for an agent whose keys stand in a DID log, not in its DID. */
export function hasDidLog(actor: Did): boolean {
  return scidOf(actor) !== null;
}
