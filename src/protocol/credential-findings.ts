// Every reason for which an owner's credential, or the status list that it names, does not count.

/** In the order of the checks: it never counts, or it cannot be decided now. */
export const CREDENTIAL_REFUSALS = {
  malformed: 'invalid',
  algorithm_refused: 'invalid',
  type_refused: 'invalid',
  header_malformed: 'invalid',
  proof_missing: 'invalid',
  proof_malformed: 'invalid',
  proof_context: 'invalid',
  credential_malformed: 'invalid',
  issuer_refused: 'invalid',
  subject_mismatch: 'invalid',
  key_mismatch: 'invalid',
  claims_mismatch: 'invalid',
  lifetime_refused: 'invalid',
  not_yet_valid: 'invalid',
  expired: 'invalid',
  key_unresolvable: 'indeterminate',
  malformed_document: 'invalid',
  did_mismatch: 'invalid',
  key_not_found: 'invalid',
  key_rejected: 'invalid',
  signature_invalid: 'invalid',
  status_unknown: 'indeterminate',
  revoked: 'invalid',
} as const;

export type CredentialRefusal = keyof typeof CREDENTIAL_REFUSALS;

export interface CredentialFinding {
  readonly reason: CredentialRefusal;
  readonly detail: string;
}

type Indeterminate = {
  [R in CredentialRefusal]: (typeof CREDENTIAL_REFUSALS)[R] extends 'invalid' ? never : R;
}[CredentialRefusal];

/** `invalid`: it will never count. `indeterminate`: nothing is known against it, and it may count later. */
export type RefusedCredential =
  | {
      readonly ok: false;
      readonly outcome: 'invalid';
      readonly reason: Exclude<CredentialRefusal, Indeterminate>;
      readonly detail: string;
    }
  | {
      readonly ok: false;
      readonly outcome: 'indeterminate';
      readonly reason: Indeterminate;
      readonly detail: string;
    };

export function refuseCredential({ reason, detail }: CredentialFinding): RefusedCredential {
  return { ok: false, outcome: CREDENTIAL_REFUSALS[reason], reason, detail } as RefusedCredential;
}
