// The two forms of a credential's text, and how to tell one from the other.

/** `application/vc` with an `eddsa-jcs-2022` proof, or `application/vc+jwt` (VC-JOSE-COSE §3.1.1). */
export type CredentialMediaType = 'application/vc' | 'application/vc+jwt';

/** The form that a text can only have: JWSs have no braces. */
export function mediaTypeOf(text: string): CredentialMediaType {
  return text.trimStart().startsWith('{') ? 'application/vc' : 'application/vc+jwt';
}
