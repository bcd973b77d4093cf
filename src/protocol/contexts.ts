// The JSON-LD contexts a signed object may name, as one fixed array; nothing is ever fetched.

export const ACTIVITYSTREAMS_CONTEXT = 'https://www.w3.org/ns/activitystreams';

/** v1, because v1 and v2 clash when one is nested in the other, and the fediverse uses v1. */
export const DATA_INTEGRITY_CONTEXT = 'https://w3id.org/security/data-integrity/v1';

export const EXUVIA_CONTEXT = 'https://w3id.org/exuvia/v1';

/** The `@context` of everything that agents and nodes sign: these strings in this order. */
export const SIGNED_CONTEXT = [
  ACTIVITYSTREAMS_CONTEXT,
  DATA_INTEGRITY_CONTEXT,
  EXUVIA_CONTEXT,
] as const;

/** The only value `to` may have: everything signed here is public. */
export const PUBLIC_AUDIENCE = 'https://www.w3.org/ns/activitystreams#Public';

/**
 * SHA-256 (hex) of the JCS form of each context file, by IRI: they fix the meaning of signed bytes, so a
 * verifier can check the copies it was given.
 */
export const CONTEXT_HASHES: Readonly<Record<string, string>> = /* @__PURE__ */ Object.fromEntries([
  [ACTIVITYSTREAMS_CONTEXT, '5abf6723dfd871b3e77b52ce8fa4aa86f6876b7e93595e555311b20b3be259e5'],
  [DATA_INTEGRITY_CONTEXT, '5665f37bffc226c0c47787f2003d1b0b2dfff3dc83c971a5e4d15ebbd1f4b0a0'],
  [EXUVIA_CONTEXT, '9bd0d1a40a5587c5cfbf95da2a1cdbf576387a2a1338c6be541771ef427503b5'],
]);

/** True if `value` is exactly `SIGNED_CONTEXT`: an array of the same strings in the same order. */
export function isSignedContext(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length === SIGNED_CONTEXT.length &&
    SIGNED_CONTEXT.every((iri, index) => value[index] === iri)
  );
}
