// Proofs in DID logs and witness files: eddsa-jcs-2022 by a did:key that has to be one of those that may sign.
import type { Crypto } from './crypto.ts';
import { type RefusedDidLog, refuse } from './did-log-refusal.ts';
import type { JsonObject } from './json.ts';
import { ed25519FromMultibase } from './multikey.ts';
import { verifyProof } from './proof.ts';

type ProofCrypto = Pick<Crypto, 'sha256' | 'verify'>;

const METHOD = /^did:key:([1-9A-HJ-NP-Za-km-z]+)(?:#([1-9A-HJ-NP-Za-km-z]+))?$/;

// `expires` would make a log that counts today count no more tomorrow; `previousProof`, `domain` and `challenge` mean
// something that nobody here would check.
const MEMBERS = new Set([
  'id',
  'type',
  'cryptosuite',
  'verificationMethod',
  'created',
  'proofPurpose',
  'proofValue',
]);

/**
 * The Multikey in the body of a did:key URL, or null. A fragment must repeat it: libraries that looked up the one and
 * verified by the other took signatures of anybody for those of the key that may sign.
 */
export function multikeyOf(verificationMethod: unknown): string | null {
  if (typeof verificationMethod !== 'string') return null;
  const [, body, fragment = body] = METHOD.exec(verificationMethod) ?? [];
  return body === undefined || body !== fragment ? null : body;
}

/** Whether one proof over `document` is by one of the Multikeys that may sign it. */
export async function checkProof(
  document: JsonObject,
  proof: JsonObject,
  authorized: readonly string[],
  crypto: ProofCrypto,
): Promise<RefusedDidLog | null> {
  const stray = Object.keys(proof).find((member) => !MEMBERS.has(member));
  if (stray !== undefined) return refuse('proof_malformed', `${stray} has no meaning in a DID log`);
  const multikey = multikeyOf(proof.verificationMethod);
  if (multikey === null) {
    const detail = 'proof.verificationMethod is not did:key:<Multikey>#<the same Multikey>';
    return refuse('proof_malformed', detail);
  }
  const publicKey = authorized.includes(multikey) ? ed25519FromMultibase(multikey) : null;
  if (publicKey === null) {
    return refuse('key_not_authorized', `${multikey} may not sign this version`);
  }
  const verdict = await verifyProof({ ...document, proof }, publicKey, crypto);
  if (verdict.ok) return null;
  return refuse(
    verdict.reason === 'proof_invalid' ? 'proof_invalid' : 'proof_malformed',
    verdict.detail,
  );
}
