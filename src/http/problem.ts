// Turns a refusal code into application/problem+json (RFC 9457): one table, exhaustive by type.
import { ACTIVITYPUB_PROBLEMS, type ActivityPubCode } from './activitypub-problems.ts';
import { ADMISSION_PROBLEMS, type AdmissionCode } from './admission-problems.ts';
import { challengeFor } from './challenge.ts';
import { DOMAIN_PROBLEMS, type DomainCode } from './domain-problems.ts';
import type { EdgeContext } from './edge.ts';
import { EDGE_PROBLEMS, type EdgeCode } from './edge-problems.ts';
import { ENROLMENT_PROBLEMS, type EnrolmentCode } from './enrolment-problems.ts';
import { FEDERATION_PROBLEMS, type FederationCode } from './federation-problems.ts';
import { MESSAGE_PROBLEMS, type MessageCode } from './message-problems.ts';
import { OBJECT_PROBLEMS, type ObjectCode } from './object-problems.ts';
import { OWNER_PROBLEMS, type OwnerCode } from './owner-problems.ts';
import type { ProblemLine } from './problem-line.ts';
import { awaitsContinue, hasUnreadBody, hasWholeBody } from './read-body.ts';
import { REQUEST_PROBLEMS, type RequestCode } from './request-problems.ts';
import { lingeringBody } from './unread-body.ts';
import { WITNESS_PROBLEMS, type WitnessCode } from './witness-problems.ts';

/** Every code that can reach a client. `spec/errors.md` has a line for each. */
export type Code =
  | AdmissionCode
  | RequestCode
  | EnrolmentCode
  | ObjectCode
  | DomainCode
  | OwnerCode
  | FederationCode
  | WitnessCode
  | ActivityPubCode
  | MessageCode
  | EdgeCode;

export const PROBLEMS: Readonly<Record<Code, ProblemLine>> = {
  ...ADMISSION_PROBLEMS,
  ...REQUEST_PROBLEMS,
  ...ENROLMENT_PROBLEMS,
  ...OBJECT_PROBLEMS,
  ...DOMAIN_PROBLEMS,
  ...OWNER_PROBLEMS,
  ...FEDERATION_PROBLEMS,
  ...WITNESS_PROBLEMS,
  ...ACTIVITYPUB_PROBLEMS,
  ...MESSAGE_PROBLEMS,
  ...EDGE_PROBLEMS,
};

const ERRORS_IRI = 'https://w3id.org/exuvia/errors#';

/** What one refusal adds to its line in the table. */
export interface Refusal {
  readonly code: Code;
  /** What was wrong with this request; shown to the client. */
  readonly detail: string;
  /** The member or parameter at fault. */
  readonly path?: string | undefined;
  /** Incident id of a failure whose details are in the log alone. */
  readonly instance?: string | undefined;
  /** Seconds, for the Retry-After field. */
  readonly retryAfter?: number | undefined;
  /** Members of this code alone, as spec/errors.md documents them. */
  readonly more?: Readonly<Record<string, unknown>> | undefined;
}

/** RFC 9457 body; `success`, `error` and `hint` are what Moltbook's readers look for. */
export function problemBody({
  code,
  detail,
  path,
  instance,
  more,
}: Refusal): Record<string, unknown> {
  const { status, title, remedy, retryable } = PROBLEMS[code];
  return {
    type: ERRORS_IRI + code,
    title,
    status,
    code,
    detail,
    remedy,
    retryable,
    ...(path === undefined ? {} : { path }),
    ...(instance === undefined ? {} : { instance }),
    success: false,
    error: detail,
    hint: remedy,
    ...more,
  };
}

/** Somebody has to do something about it. */
const SLOW_TO_MEND: ReadonlySet<Code> = new Set<Code>(['log_held', 'storage_full']);

/** Header fields every problem has: never cached, and a time to wait where waiting helps. */
export function problemHeaders(code: Code): Record<string, string> {
  const { status } = PROBLEMS[code];
  return {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    ...(status === 503 || status === 507
      ? { 'retry-after': SLOW_TO_MEND.has(code) ? '60' : '5' }
      : {}),
  };
}

/** Answers with a problem. A body that is still arriving is not read, and the connection ends after it. */
export function refuse(
  c: EdgeContext,
  refusal: Refusal,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const { incoming } = c.env;
  c.set('refusal', refusal.code);
  const text = JSON.stringify(problemBody(refusal));
  const { code } = refusal;
  const { retryAfter } = refusal;
  const wait = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  const fields = { ...problemHeaders(code), ...challengeFor(c, code), ...wait, ...headers };
  const { status } = PROBLEMS[code];
  if (!hasUnreadBody(incoming) || hasWholeBody(incoming)) {
    return new Response(text, { status, headers: fields });
  }
  const last = { connection: 'close', 'content-length': String(Buffer.byteLength(text)) };
  // A sender that waits for 100 Continue sends nothing after a refusal.
  const body = awaitsContinue(incoming) ? text : lingeringBody(incoming, text);
  return new Response(body, { status, headers: { ...fields, ...last } });
}
