// The agent's half of an ownership: Add and Remove of the very text by which an owner claims the agent.
import type { ActivityDraft } from './activity.ts';
import { utf8 } from './bytes.ts';
import type { CredentialMediaType } from './credential-form.ts';
import type { Crypto } from './crypto.ts';
import { OWNERS } from './labels.ts';
import { nameFromHash, type ObjectName } from './object-name.ts';

/** What an acceptance and a withdrawal call a credential: the hash of its text, character by character. */
export function credentialName(text: string, crypto: Pick<Crypto, 'sha256'>): ObjectName {
  return nameFromHash(crypto.sha256(utf8(text)));
}

/** The agent accepts the owner. Nobody checks the credential here: `verifyOwnerCredential` does. */
export function draftAcceptance(
  content: string,
  mediaType: CredentialMediaType,
  crypto: Pick<Crypto, 'sha256'>,
): ActivityDraft {
  return {
    type: 'Add',
    object: credentialName(content, crypto),
    target: OWNERS,
    mediaType,
    content,
  };
}

/** The agent or the owner ends what `draftAcceptance` began. */
export function draftWithdrawal(credential: ObjectName): ActivityDraft {
  return { type: 'Remove', object: credential, target: OWNERS };
}
