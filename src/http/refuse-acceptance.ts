// An agent's acceptance of an owner: the credential in it is verified before the rules see it.
import type { CommandContext } from '../commands/context.ts';
import type { VerifyOwner } from '../net/owner-credentials.ts';
import type { CredentialMediaType } from '../protocol/credential-form.ts';
import { OWNERS } from '../protocol/labels.ts';
import type { VerifiedObject } from '../protocol/object.ts';
import { credentialName } from '../protocol/owner-acceptance.ts';
import { getActivityStatus } from '../store/queries/activity-status.ts';
import type { Refusal } from './problem.ts';

/**
 * Why the owner's credential in an acceptance does not count now; null if it does, and for any other act. This is the
 * only look that is taken at documents and status lists: what comes of an acceptance in a log needs no network.
 */
export async function refuseAcceptance(
  { activity, name }: VerifiedObject,
  { crypto, db }: Pick<CommandContext, 'crypto' | 'db'>,
  verifyOwner: VerifyOwner,
): Promise<Refusal | null> {
  if (activity.type !== 'Add' || activity.target !== OWNERS) return null;
  const { actor, content = '', mediaType, object } = activity;
  const needed = credentialName(content, crypto);
  if (object !== needed) {
    const detail = `The credential in content is ${needed}.`;
    return { code: 'owner_name_mismatch', detail, path: 'object' };
  }
  // Sent again: it gets its receipt, whatever has become of the credential since.
  if ((await getActivityStatus(db, name)).status === 'accepted') return null;
  const verdict = await verifyOwner(content, mediaType as CredentialMediaType, actor);
  return verdict.ok ? null : { code: `owner_${verdict.reason}`, detail: verdict.detail };
}
