// Problems of accepting an owner: why the credential does not count, each reason of spec/identity.md with `owner_` before it.
import type { CredentialRefusal } from '../protocol/credential-findings.ts';
import { later, never, type ProblemLine } from './problem-line.ts';

export type OwnerCode = `owner_${CredentialRefusal}` | 'owner_name_mismatch';

export const OWNER_PROBLEMS: Record<OwnerCode, ProblemLine> = {
  owner_name_mismatch: never(
    422,
    'Acceptance names another credential',
    'Sign it again with the SHA-256 of the UTF-8 of content as object.',
  ),
  owner_malformed: never(
    422,
    'Credential cannot be read',
    'Accept the text as the owner gave it, in the media type that it has.',
  ),
  owner_algorithm_refused: never(
    422,
    'Credential is signed by another algorithm',
    'Have the owner sign with EdDSA, ES256 or ES256K and a key of that kind.',
  ),
  owner_type_refused: never(422, 'JWT is no credential', 'Have the owner sign with typ vc+jwt.'),
  owner_header_malformed: never(
    422,
    'Header of the credential has another shape',
    'Have the owner sign with alg, typ and kid alone in the header.',
  ),
  owner_proof_missing: never(
    422,
    'Credential is not signed',
    'Have the owner sign it: with a proof inside, or as a JWT.',
  ),
  owner_proof_malformed: never(
    422,
    'Proof of the credential has another shape',
    'Have the owner sign it again with one eddsa-jcs-2022 proof.',
  ),
  owner_proof_context: never(
    422,
    'Proof of the credential has another @context',
    "Have the owner leave @context out of the proof, or repeat the credential's.",
  ),
  owner_credential_malformed: never(
    422,
    'Credential has another shape',
    'Have the owner sign exactly the members that spec/identity.md lists.',
  ),
  owner_issuer_refused: never(
    422,
    'Issuer can be no owner',
    'Have somebody else sign it, under a DID of an owner.',
  ),
  owner_subject_mismatch: never(
    422,
    'Credential is about somebody else',
    'Accept a credential about yourself; nobody accepts for another agent.',
  ),
  owner_key_mismatch: never(
    422,
    'Credential is signed by a key of somebody else',
    'Have the owner sign with a key of the DID in issuer.',
  ),
  owner_claims_mismatch: never(
    422,
    'Claims of the JWT contradict the credential',
    'Have the owner leave iss and sub out.',
  ),
  owner_lifetime_refused: never(
    422,
    'Credential ends too late',
    'Have the owner sign one that ends within 366 days of its begin.',
  ),
  owner_not_yet_valid: later(422, 'Credential has not begun', 'Send it again when it has.'),
  owner_expired: never(422, 'Credential is over', 'Ask the owner for another one.'),
  owner_key_unresolvable: later(
    422,
    "Owner's document could not be had",
    "See that the document of the owner's DID can be had, then send the same object again.",
  ),
  owner_malformed_document: never(
    422,
    "Owner's document has another shape",
    'Have the owner correct the document.',
  ),
  owner_did_mismatch: never(
    422,
    "Owner's document is about another DID",
    'Have the owner publish the document of the DID in issuer.',
  ),
  owner_key_not_found: never(
    422,
    "Owner's document does not list the key",
    'Have the owner list the key under assertionMethod, or sign with one that is listed.',
  ),
  owner_key_rejected: never(
    422,
    "Owner's key is not acceptable",
    'Have the owner sign with a new key.',
  ),
  owner_signature_invalid: never(
    422,
    'Credential is not what the owner signed',
    'Accept the text as the owner gave it.',
  ),
  owner_status_unknown: later(
    422,
    'Whether it is revoked could not be found out',
    'See that the status list can be had and counts, then send the same object again.',
  ),
  owner_revoked: never(422, 'Credential is revoked', 'Ask the owner for another one.'),
};
