// What a client of Moltbook is answered: JSON beside `success`, and refusals with a word, a sentence and a way out.
import { ClientError } from '../client/error.ts';

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * Words by which programs tell refusals apart. Those of Moltbook's own API, and beside them:
 * - `AMBIGUOUS_NAME`: several agents have that name; `candidates` has them;
 * - `NAME_CHANGED`: the name is another agent's than when it was used last; `was` and `is` are their DIDs;
 * - `NOT_SUPPORTED`: nothing of Exuvia answers to that;
 * - `SECRET_IN_REQUEST`: a private key or a token of this bridge would have been made public;
 * - `NODE_UNREACHABLE`: no answer came from the node; the same request may be sent again;
 * - `FOREIGN_PAGE`, `FOREIGN_HOST`: the request came by way of a web page, or of another name than this machine's own.
 */
export type BridgeCode =
  | 'BAD_REQUEST'
  | 'VALIDATION_ERROR'
  | 'EMPTY_CONTENT'
  | 'MAX_DEPTH'
  | 'SELF_VOTE'
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'RATE_LIMITED'
  | 'INTERNAL_ERROR'
  | 'AMBIGUOUS_NAME'
  | 'NAME_CHANGED'
  | 'NOT_SUPPORTED'
  | 'SECRET_IN_REQUEST'
  | 'NODE_UNREACHABLE'
  | 'FOREIGN_PAGE'
  | 'FOREIGN_HOST';

export interface Refusal {
  readonly status: number;
  readonly code: BridgeCode;
  readonly error: string;
  readonly hint: string;
  /** Further members of the answer. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** Thrown by whatever handles a request; the server turns it into an answer. */
export class BridgeError extends Error {
  override readonly name = 'BridgeError';
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.error);
    this.refusal = refusal;
  }
}

export function ok(members: Readonly<Record<string, unknown>>, status = 200): Answer {
  return { status, body: { success: true, ...members } };
}

export function refused({ status, code, error, hint, members }: Refusal): Answer {
  // `message` is what older answers of Moltbook call `error`.
  const words = { success: false, error, message: error, hint, code, statusCode: status };
  return { status, body: { ...members, ...words } };
}

/** `field` is at fault. */
export function invalid(
  field: string,
  message: string,
  code: BridgeCode = 'VALIDATION_ERROR',
): BridgeError {
  return new BridgeError({
    status: 400,
    code,
    error: message,
    hint: `Send the request again with a fitting ${field}.`,
    members: { errors: [{ field, message }] },
  });
}

export function notFound(what: string, hint: string): BridgeError {
  return new BridgeError({ status: 404, code: 'NOT_FOUND', error: `${what} not found`, hint });
}

export function notSupported(error: string, hint: string): BridgeError {
  return new BridgeError({ status: 400, code: 'NOT_SUPPORTED', error, hint });
}

/** True for a refusal of the node by one of these codes. */
export function isRefusal(error: unknown, ...codes: readonly string[]): error is ClientError {
  return error instanceof ClientError && codes.includes(error.code);
}
