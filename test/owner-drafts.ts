// Acceptances and withdrawals for tests of the rules, which see credentials that a verifier has passed: their proof is made up.
import type { ActivityDraft } from '../src/protocol/activity.ts';
import { formatDateTime } from '../src/protocol/date-time.ts';
import type { Did } from '../src/protocol/did.ts';
import {
  credentialName,
  draftAcceptance,
  draftWithdrawal,
} from '../src/protocol/owner-acceptance.ts';
import { draftOwnerCredential, type OwnershipRole } from '../src/protocol/ownership.ts';
import { crypto } from './sandbox.ts';

export interface Claimed {
  readonly owner: string;
  readonly agent: Did;
  /** Milliseconds. */
  readonly until: number;
  readonly role?: OwnershipRole;
  /** Tells credentials apart that say the same. */
  readonly nonce?: number;
}

/** A credential that ends at `until`, with a proof that nobody made. */
export function claim({ owner: issuer, agent, nonce = 0, role, until }: Claimed): string {
  const seconds = Math.floor(until / 1000);
  const credential = draftOwnerCredential({
    issuer,
    agent,
    validFrom: formatDateTime(seconds - 86_400),
    validUntil: formatDateTime(seconds),
    ...(role && { role }),
  });
  return JSON.stringify({ ...credential, proof: { proofValue: `z${nonce}` } });
}

export function acceptance(text: string): ActivityDraft {
  return draftAcceptance(text, 'application/vc', crypto);
}

export function withdrawal(text: string): ActivityDraft {
  return draftWithdrawal(credentialName(text, crypto));
}
