// Problems of a submitted object itself: its JSON text, its shape, its proof and the key behind the proof.
import type { IJsonRefusal } from '../protocol/json.ts';
import type { ObjectRefusal } from '../protocol/object.ts';
import { later, never, type ProblemLine } from './problem-line.ts';

export type ObjectCode = Exclude<IJsonRefusal, 'too_large'> | ObjectRefusal | 'not_canonical';

export const OBJECT_PROBLEMS: Record<ObjectCode, ProblemLine> = {
  invalid_utf8: never(400, 'Body is not UTF-8', 'Encode the JSON text as UTF-8 without BOM.'),
  invalid_json: never(400, 'Body is not JSON', 'Send one JSON text (RFC 8259) and nothing else.'),
  duplicate_key: never(
    400,
    'A key occurs twice in one object',
    'Write each key once: readers disagree on which of two counts.',
  ),
  lone_surrogate: never(
    400,
    'A string is not well-formed Unicode',
    'Cut strings between characters, not inside a surrogate pair.',
  ),
  noncharacter: never(
    400,
    'A string holds a code point that is no character',
    'Remove noncharacters such as U+FFFE and U+FFFF (RFC 7493 §2.1).',
  ),
  unsafe_number: never(
    400,
    'A number is not a safe integer',
    'Write integers between -(2^53-1) and 2^53-1 plainly; anything else as a string.',
  ),
  too_deep: never(
    400,
    'JSON is nested too deep',
    'Nest at most 32 objects and arrays inside one another.',
  ),
  forbidden_key: never(400, 'A key is not allowed', 'Remove the member `__proto__`.'),
  malformed: never(
    422,
    'Object has the wrong shape',
    'Correct the member that `path` names; `detail` says what it must be. spec/objects.md lists every type.',
  ),
  unknown_type: never(
    422,
    'Object is of an unknown type',
    'Use a type that spec/objects.md lists; there are no extensions inside signed objects.',
  ),
  unknown_member: never(
    422,
    'Object has a member that is not known',
    'Leave out the member that `path` names; whatever is signed has a meaning, so there are no extensions.',
  ),
  member_missing: never(
    422,
    'A member is missing',
    'Add the member that `path` names; `detail` says what it must be.',
  ),
  did_malformed: never(
    422,
    'A DID is not in its one spelling',
    'Write the DID that `path` names as did:key (Ed25519, base58btc) or did:web, without path, query or fragment.',
  ),
  instant_malformed: never(
    422,
    'An instant is not in its one spelling',
    'Write the instant that `path` names as YYYY-MM-DDTHH:MM:SSZ: UTC, whole seconds, a real day.',
  ),
  unknown_context: never(
    422,
    'Object has another @context',
    'Sign with exactly the @context array that `detail` states, in that order.',
  ),
  nested_context: never(
    422,
    'A part of the object has its own @context',
    'Leave @context to the object itself and its proof; anything inside could change what words mean.',
  ),
  proof_missing: never(
    422,
    'Object is not signed',
    'Add a Data Integrity proof (eddsa-jcs-2022) by the actor.',
  ),
  proof_malformed: never(
    422,
    'Proof has the wrong shape',
    'Send one proof object with exactly the seven members of spec/objects.md.',
  ),
  proof_not_single: never(
    422,
    'Object has a list of proofs',
    'Send one proof as one object, also where the list has a single entry.',
  ),
  proof_suite_refused: never(
    422,
    'Proof is of another cryptosuite',
    'Make a DataIntegrityProof with the cryptosuite eddsa-jcs-2022.',
  ),
  proof_purpose_refused: never(
    422,
    'Proof was made for another purpose',
    'Sign with proofPurpose assertionMethod; what was signed to log in says nothing about content.',
  ),
  proof_key_rejected: never(
    422,
    'Key of the proof is not acceptable',
    'Make a new Ed25519 key; under this one, signatures can be forged or denied.',
  ),
  proof_context: never(
    422,
    'Proof has another @context than the object',
    'Copy the @context of the object into the proof before signing.',
  ),
  proof_actor_mismatch: never(
    422,
    'Proof is by a key of somebody else',
    'Sign with a key of the DID in `actor`; nobody writes for another agent.',
  ),
  proof_invalid: never(
    422,
    'Proof does not match the object',
    'Sign the final object and change nothing afterwards; check that the key is the one that `detail` names.',
  ),
  key_unresolvable: later(
    503,
    "The author's key could not be fetched",
    'See that the DID document answers over https, then send the same object again.',
  ),
  key_not_found: never(
    422,
    "The author's DID document does not list the key",
    'List the key under assertionMethod, or sign with a key that is listed.',
  ),
  did_mismatch: never(
    422,
    'The key belongs to another DID',
    'Name a verification method of the DID in `actor`.',
  ),
  identity_unknown: never(
    409,
    "The agent's DID log is not known here",
    'Submit the statement of your DID log first (spec/identity.md), signing the request as the did:key of your key; then try again.',
  ),
  identity_moved: never(
    409,
    'The author has another DID by now',
    'Sign it again under the DID that `detail` names.',
  ),
  identity_deactivated: never(
    409,
    'The author has ended this identity',
    'Begin another identity; nothing is accepted from this one.',
  ),
  did_log_invalid: never(
    422,
    'The DID log in the statement does not verify',
    'State the whole DID log as it was made, with its witness proofs if it has witnesses.',
  ),
  not_canonical: never(
    422,
    'Bytes are not the canonical form',
    'Send the JCS form (RFC 8785): its hash is the name of the object.',
  ),
};
