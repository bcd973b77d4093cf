// Why a DID log does not count: one closed union, in the words of spec/identity.md.

/**
 * - `too_large`: more characters or versions than are read;
 * - `malformed`: no lines of I-JSON, or a line that is no entry of did:webvh 1.0;
 * - `version_id`, `version_time`: out of sequence; `version_time` also for the future;
 * - `method_unknown`, `parameters_malformed`, `pre_rotation`: parameters that are none, or not at that place;
 * - `scid_mismatch`, `entry_hash_mismatch`: not what the SCID or the version's own hash names;
 * - `document_malformed`, `not_portable`, `prior_did_missing`: the DID document, or a name it may not have;
 * - `did_mismatch`: no version has the DID that was asked for;
 * - `key_not_authorized`, `proof_malformed`, `proof_invalid`: not signed by who may sign this version;
 * - `deactivated`: a version after the last;
 * - `witness_malformed`, `witness_threshold`: the witnesses or their proofs.
 */
export const DID_LOG_REFUSALS = [
  'too_large',
  'malformed',
  'version_id',
  'version_time',
  'method_unknown',
  'parameters_malformed',
  'pre_rotation',
  'scid_mismatch',
  'entry_hash_mismatch',
  'document_malformed',
  'not_portable',
  'prior_did_missing',
  'did_mismatch',
  'key_not_authorized',
  'proof_malformed',
  'proof_invalid',
  'deactivated',
  'witness_malformed',
  'witness_threshold',
] as const;

export type DidLogRefusal = (typeof DID_LOG_REFUSALS)[number];

export interface RefusedDidLog {
  readonly ok: false;
  readonly reason: DidLogRefusal;
  readonly detail: string;
  /** Number of the version at fault, from 1. */
  readonly version?: number;
}

export function refuse(reason: DidLogRefusal, detail: string): RefusedDidLog {
  return { ok: false, reason, detail };
}
