// Says what a refused request has to be signed with, for refusals that another signature would mend.
import { toBase64url } from '../protocol/bytes.ts';
import { acceptSignature } from '../protocol/request-signature.ts';
import type { EdgeContext } from './edge.ts';
import type { Code } from './problem.ts';
import { hasBody } from './read-body.ts';
import { REQUEST_PROBLEMS } from './request-problems.ts';

/** What the drafts recommend, in the spelling that verifiers of both client generations take. */
const NONCE_BYTES = 64;
const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Makes the nonces that challenges give away. Nothing is remembered of them: a nonce is spent by the DID that uses it,
 * so one that was given to another, or to nobody, is as good as one of the caller's own.
 */
export function nonceSource(random: (bytes: number) => Uint8Array): () => string {
  return () => toBase64url(random(NONCE_BYTES));
}

function mendedBySigning(code: Code): boolean {
  if (code === 'replayed') return true;
  const problems: Partial<Record<Code, { readonly status: number }>> = REQUEST_PROBLEMS;
  return problems[code]?.status === 403;
}

/** RFC 9421 §5.1: exactly what the signature of this very request has to cover, and with which nonce. */
export function challengeFor(c: EdgeContext, code: Code): Record<string, string> {
  if (!mendedBySigning(code)) return {};
  const { incoming } = c.env;
  const isWrite = !READS.has(incoming.method ?? '');
  const nonce = isWrite ? (c.get('freshNonce')?.() ?? null) : null;
  return { 'accept-signature': acceptSignature({ hasBody: hasBody(incoming), nonce }) };
}
