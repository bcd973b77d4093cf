// Delegations in tests: capabilities with what a test does not care about filled in.
import type { ActivityDraft } from '../src/protocol/activity.ts';
import type { Capability } from '../src/protocol/capability.ts';
import { delegationStatement } from '../src/protocol/delegation-statement.ts';
import type { Did } from '../src/protocol/did.ts';
import type { ObjectName } from '../src/protocol/object-name.ts';

/** Posts and votes everywhere, for years to come, unless `given` says otherwise. */
function capability(controller: Did, given: Partial<Capability> = {}): Capability {
  return {
    allowedAction: ['post', 'vote'],
    controller,
    expires: '2030-01-01T00:00:00Z',
    invocationTarget: '*',
    parentCapability: null,
    ...given,
  };
}

export function delegation(to: Did, given: Partial<Capability> = {}): ActivityDraft {
  return delegationStatement(capability(to, given));
}

/** The same act, done under a delegation. */
export function under(instrument: ObjectName, draft: ActivityDraft): ActivityDraft {
  return { ...draft, instrument } as ActivityDraft;
}
