// The strict shape of the proof on a signed object: one map of seven members, by a key of the actor.
import { dateTime } from './activity-fields.ts';
import { isSignedContext } from './contexts.ts';
import { isObject, type JsonValue } from './json.ts';
import { type DataIntegrityProof, decodeProofValue } from './proof.ts';
import { literal, type Problem, record, refused, type ShapeRefusal, string } from './schema.ts';

export type ProofProfileRefusal =
  | ShapeRefusal
  | 'proof_missing'
  | 'proof_malformed'
  | 'proof_not_single'
  | 'proof_suite_refused'
  | 'proof_purpose_refused'
  | 'proof_context'
  | 'proof_actor_mismatch';

// A fragment of RFC 3986 §3.5, not empty. Whose key it is, the comparison with the actor decides, letter by letter.
const KEY_ID = /^did:[^#]+#(?:[\w.~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2}){1,256}$/;

const proofShape = record<DataIntegrityProof>({
  '@context': () => null,
  type: literal('DataIntegrityProof'),
  cryptosuite: literal('eddsa-jcs-2022'),
  verificationMethod: string((text) => KEY_ID.test(text), '<did>#<fragment>'),
  proofPurpose: literal('assertionMethod'),
  created: dateTime,
  proofValue: string(
    (text) => decodeProofValue(text) !== null,
    'z and the base58btc form of 64 bytes',
  ),
});

/** Members whose wrong value breaks a rule of its own. */
const RULES: { readonly [path: string]: ProofProfileRefusal } = {
  'proof.type': 'proof_suite_refused',
  'proof.cryptosuite': 'proof_suite_refused',
  'proof.proofPurpose': 'proof_purpose_refused',
};

/**
 * The first fault of an object's `proof`, or null. `actor` is the object's author. Whether the key exists
 * and made the signature is for `verifyObject` to find out.
 */
export function checkProofProfile(
  proof: JsonValue | undefined,
  actor: JsonValue | undefined,
): Problem<ProofProfileRefusal> | null {
  if (proof === undefined) return refused('proof_missing', 'proof', 'there: sign the object');
  // FEP-8b32 receivers ignore a list of proofs, so an object with one would count here alone.
  if (!isObject(proof)) {
    const reason = Array.isArray(proof) ? 'proof_not_single' : 'proof_malformed';
    return refused(reason, 'proof', 'one object');
  }
  // The prefix rule of vc-di-eddsa lets anyone append contexts that change what terms mean; equality does not.
  if (!isSignedContext(proof['@context'])) {
    return refused('proof_context', 'proof.@context', 'equal to @context of the object');
  }
  const problem = proofShape(proof, 'proof');
  if (problem?.reason === 'malformed') {
    return { ...problem, reason: RULES[problem.path] ?? 'proof_malformed' };
  }
  if (problem !== null || didOf(proof.verificationMethod as string) === actor) return problem;
  return refused('proof_actor_mismatch', 'proof.verificationMethod', 'a key of the actor');
}

function didOf(keyId: string): string | undefined {
  return keyId.split('#')[0];
}
