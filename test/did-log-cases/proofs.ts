// Cases about who signed a version, and how.
import type { JsonObject, JsonValue } from '../../src/protocol/json.ts';
import { type Forged, multikey, proofOf } from '../did-log-forge.ts';
import { Cases, first, json, second } from './case.ts';

export const proofs = new Cases();
const { bad, ok } = proofs;

const PROOF = '§ Authorized Keys';
{
  const vm = (body: string, fragment?: string) =>
    `did:key:${body}${fragment === undefined ? '' : `#${fragment}`}`;
  ok(
    PROOF,
    'a method without fragment',
    first({ config: { verificationMethod: vm(multikey(1)) } }),
  );
  ok(PROOF, 'a proof that says not when it was made', first({ config: { created: undefined } }));
  ok(
    PROOF,
    'proofs by two keys that both may sign',
    first({ parameters: { updateKeys: [multikey(1), multikey(7)] }, finish: countersigned(7) }),
  );
  bad(
    PROOF,
    'a second proof by a key that may not sign',
    'key_not_authorized 1',
    first({ finish: countersigned(7) }),
  );
  bad(
    PROOF,
    'another cryptosuite',
    'proof_malformed 1',
    first({ config: { cryptosuite: 'ecdsa-jcs-2019' } }),
  );
  bad(PROOF, 'no cryptosuite', 'proof_malformed 1', first({ config: { cryptosuite: undefined } }));
  bad(
    PROOF,
    'another type',
    'proof_malformed 1',
    first({ config: { type: 'Ed25519Signature2020' } }),
  );
  bad(
    PROOF,
    'another purpose',
    'proof_malformed 1',
    first({ config: { proofPurpose: 'authentication' } }),
  );
  bad(PROOF, 'no purpose', 'proof_malformed 1', first({ config: { proofPurpose: undefined } }));
  bad(
    PROOF,
    'a proof that expires',
    'proof_malformed 1',
    first({ config: { expires: '2025-01-02T00:00:00Z' } }),
  );
  bad(
    PROOF,
    'a proof that hangs on another',
    'proof_malformed 1',
    first({ config: { previousProof: 'urn:x' } }),
  );
  bad(
    PROOF,
    'a time that is none',
    'proof_malformed 1',
    first({ config: { created: 'yesterday' } }),
  );
  bad(PROOF, 'a key that is not in updateKeys', 'key_not_authorized 1', first({ by: 7 }));
  const listed = { verificationMethod: [{ id: '#key', publicKeyMultibase: multikey(21) }] };
  bad(PROOF, 'the key of the document', 'key_not_authorized 1', first({ by: 21, state: listed }));
  bad(
    PROOF,
    'the DID itself as verification method',
    'proof_malformed 2',
    second({ config: { verificationMethod: `${first().did}#${multikey(2)}` } }),
  );
  bad(
    '§ Witness DIDs and Reputation',
    "a stranger's did:key with the fragment of a key that may sign",
    'proof_malformed 2',
    second({ by: 7, config: { verificationMethod: vm(multikey(7), multikey(2)) } }),
  );
  bad(
    '§ Witness DIDs and Reputation',
    "the did:key of a key that may sign with a stranger's fragment",
    'proof_malformed 2',
    second({ by: 7, config: { verificationMethod: vm(multikey(2), multikey(7)) } }),
  );
  bad(
    PROOF,
    "a stranger's signature in the name of a key that may sign",
    'proof_invalid 2',
    second({ by: 7, config: { verificationMethod: vm(multikey(2), multikey(2)) } }),
  );
  bad(
    '§ Read (Resolve), every entry',
    'a bad signature on a version in the middle',
    'proof_invalid 2',
    second({ by: 7, config: { verificationMethod: vm(multikey(2), multikey(2)) } }).next(),
  );
  bad(PROOF, 'the signature of another entry', 'proof_invalid 2', borrowed());
}

/** A second entry with the proof of another second entry. */
function borrowed(): string {
  const [left, right] = [second(), second({ state: { note: 'other' } })];
  const [, entry] = left.entries;
  const proof = right.entries[1]?.proof as JsonValue;
  return [json(left.entries[0] as JsonObject), json({ ...entry, proof })].join('\n');
}

function countersigned(key: number): Forged['finish'] {
  return ({ proof, ...entry }) => ({
    ...entry,
    proof: [...(proof as JsonValue[]), proofOf(entry, key)],
  });
}
