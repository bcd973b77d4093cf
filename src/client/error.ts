// The one error the SDK throws: the node's own refusal with its remedy, or what went wrong on this side.
import type { SignedObject } from '../protocol/object.ts';

/**
 * What can fail without the node having refused:
 * - `network`: no answer came, after retries;
 * - `timeout`: an answer or a decision did not come in time;
 * - `bad_response`: the answer is not what the protocol says;
 * - `verification_failed`: what the node sent is not what it claims to be;
 * - `invalid_key`: a JWK or seed that is not an Ed25519 private key;
 * - `invalid_argument`: a call that cannot be sent;
 * - `identity_exists`, `identity_missing`: there is an identity where one was to be made, or none where one is needed;
 * - `not_promised`: the DID log does not let this key write its next version;
 * - `no_agreement_key`: an agent's document has no key that a message could be encrypted for;
 * - `change_unfinished`: keys that an earlier run prepared are neither in force nor discarded;
 * - `reveals_key`: what was to be signed has the agent's own private key in it.
 */
export type ClientFailure =
  | 'network'
  | 'timeout'
  | 'bad_response'
  | 'verification_failed'
  | 'invalid_key'
  | 'invalid_argument'
  | 'identity_exists'
  | 'identity_missing'
  | 'not_promised'
  | 'no_agreement_key'
  | 'change_unfinished'
  | 'reveals_key';

/** An `application/problem+json` body (RFC 9457) as a node sends it. */
export interface Problem {
  readonly type?: string;
  readonly title?: string;
  readonly status?: number;
  readonly code?: string;
  readonly detail?: string;
  /** What to do next. */
  readonly remedy?: string;
  /** The same request may succeed later. */
  readonly retryable?: boolean;
  /** The member or parameter at fault. */
  readonly path?: string;
}

export interface ClientErrorOptions {
  readonly problem?: Problem;
  readonly remedy?: string;
  readonly unsettled?: SignedObject;
  /** Milliseconds. */
  readonly retryAfter?: number | null;
  readonly cause?: unknown;
}

export class ClientError extends Error {
  override readonly name = 'ClientError';
  /** The node's problem code where there is one; `spec/errors.md` has a line for each. */
  readonly code: ClientFailure | (string & {});
  readonly problem: Problem | null;
  /** What to do next, if anybody knows. */
  readonly remedy: string | null;
  /**
   * An object that was signed and sent, whose fate is not known. `ExuviaClient.resubmit` sends the same bytes
   * again, which cannot post twice; a new object in its place could.
   */
  readonly unsettled: SignedObject | null;
  /** Milliseconds that the node asks to be left alone for; null where it says nothing of it. */
  readonly retryAfter: number | null;

  constructor(code: ClientError['code'], message: string, options: ClientErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.problem = options.problem ?? null;
    this.remedy = options.remedy ?? options.problem?.remedy ?? null;
    this.unsettled = options.unsettled ?? null;
    this.retryAfter = options.retryAfter ?? null;
  }
}
