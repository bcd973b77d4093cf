// The strict shape of the proof on a signed object: one map of seven members, by a key of the actor.
import { dateTime } from './activity-fields.ts';
import { isSignedContext } from './contexts.ts';
import { parseDid } from './did.ts';
import { isObject, type JsonValue } from './json.ts';
import { type DataIntegrityProof, decodeProofValue } from './proof.ts';
import { literal, malformed, type Problem, record, string } from './schema.ts';

export type ProofProfileRefusal =
  | 'proof_missing'
  | 'proof_malformed'
  | 'proof_context'
  | 'proof_actor_mismatch';

// RFC 3986 §3.5, not empty.
const FRAGMENT = /^(?:[\w.~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2}){1,256}$/;

const proofShape = record<DataIntegrityProof>({
  '@context': () => null,
  type: literal('DataIntegrityProof'),
  cryptosuite: literal('eddsa-jcs-2022'),
  verificationMethod: string(
    (text) => didOf(text) !== null && FRAGMENT.test(text.slice(text.indexOf('#') + 1)),
    '<did>#<fragment>',
  ),
  proofPurpose: literal('assertionMethod'),
  created: dateTime,
  proofValue: string(
    (text) => decodeProofValue(text) !== null,
    'z and the base58btc form of 64 bytes',
  ),
});

/**
 * The first fault of an object's `proof`, or null. `actor` is the object's author. Whether the key exists
 * and made the signature is for `verifyObject` to find out.
 */
export function checkProofProfile(
  proof: JsonValue | undefined,
  actor: JsonValue | undefined,
): Problem<ProofProfileRefusal> | null {
  if (proof === undefined) return refuse('proof_missing', 'proof', 'there: sign the object');
  // FEP-8b32 receivers ignore a list of proofs, so an object with one would count here alone.
  if (!isObject(proof)) return refuse('proof_malformed', 'proof', 'one object');
  // The prefix rule of vc-di-eddsa lets anyone append contexts that change what terms mean; equality does not.
  if (!isSignedContext(proof['@context'])) {
    return refuse('proof_context', 'proof.@context', 'equal to @context of the object');
  }
  const problem = proofShape(proof, 'proof');
  if (problem !== null) return { ...problem, reason: 'proof_malformed' };
  if (didOf(proof.verificationMethod as string) === actor) return null;
  return refuse('proof_actor_mismatch', 'proof.verificationMethod', 'a key of the actor');
}

function didOf(verificationMethod: string): string | null {
  const end = verificationMethod.indexOf('#');
  return end < 0 ? null : parseDid(verificationMethod.slice(0, end));
}

function refuse(
  reason: ProofProfileRefusal,
  path: string,
  expected: string,
): Problem<ProofProfileRefusal> {
  return { ...malformed(path, expected), reason };
}
