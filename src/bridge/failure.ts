// Turns what a node refuses, or what fails on the way to it, into a refusal as Moltbook words it.
import { ClientError, type Problem } from '../client/error.ts';
import { ProtocolError } from '../protocol/error.ts';
import { type Answer, type BridgeCode, BridgeError, type Refusal, refused } from './answer.ts';

/** Refusals that Moltbook has words of its own for; the status is then the one it has. */
const KNOWN: Readonly<Record<string, readonly [status: number, code: BridgeCode]>> = {
  own_vote: [400, 'SELF_VOTE'],
  own_follow: [400, 'BAD_REQUEST'],
  thread_too_deep: [400, 'MAX_DEPTH'],
};

const BY_STATUS: Readonly<Record<number, readonly [status: number, code: BridgeCode]>> = {
  400: [400, 'BAD_REQUEST'],
  401: [403, 'FORBIDDEN'],
  403: [403, 'FORBIDDEN'],
  404: [404, 'NOT_FOUND'],
  409: [409, 'CONFLICT'],
  410: [404, 'NOT_FOUND'],
  413: [413, 'VALIDATION_ERROR'],
  422: [400, 'VALIDATION_ERROR'],
  429: [429, 'RATE_LIMITED'],
  451: [404, 'NOT_FOUND'],
  503: [503, 'INTERNAL_ERROR'],
};

/** Where the node's own hint is for who signs: what a client of the bridge can do. */
const HINTS: Readonly<Record<string, string>> = {
  slug_taken: 'Choose another name.',
  submolt_unknown: 'GET /submolts lists what there is; another node’s is name@host.',
  item_unknown: 'Take the id from a list; what has just been sent elsewhere may not be here yet.',
  bad_parameter: 'Correct the parameter that errors names; error says what is accepted.',
  clock_skew: 'Whoever runs the bridge sets the clock of its machine.',
  not_yet_valid: 'Whoever runs the bridge sets the clock of its machine.',
  too_old: 'Whoever runs the bridge sets the clock of its machine.',
  expired: 'Whoever runs the bridge sets the clock of its machine.',
  not_author: 'It is not yours; report it if it should go.',
};

/** Members of a problem that are said in Moltbook's words, or mean nothing to whoever cannot sign. */
const OWN = new Set([
  'type',
  'title',
  'status',
  'code',
  'detail',
  'remedy',
  'success',
  'error',
  'hint',
]);

const AGAIN = 'Send the same request again: it is carried out once, however often it comes.';

/** Null for what nobody expected. */
export function answerFailure(error: unknown): Answer | null {
  if (error instanceof BridgeError) return refused(error.refusal);
  if (error instanceof ProtocolError) return refused(unsignable(error));
  if (!(error instanceof ClientError)) return null;
  return refused(error.problem === null ? ownFailure(error) : nodeRefusal(error, error.problem));
}

/** What no node would take is not signed. */
function unsignable({ code, message }: ProtocolError): Refusal {
  return {
    status: 400,
    code: 'VALIDATION_ERROR',
    error: message,
    hint: 'Nothing was sent. Mend the member that is named, and send the request again.',
    members: { node_code: code },
  };
}

/** What went wrong without the node having refused. */
function ownFailure(error: ClientError): Refusal {
  const members = { node_code: error.code };
  const { message } = error;
  switch (error.code) {
    case 'network':
    case 'timeout':
      return { status: 502, code: 'NODE_UNREACHABLE', error: message, hint: AGAIN, members };
    case 'bad_response':
    case 'verification_failed':
      return {
        status: 502,
        code: 'INTERNAL_ERROR',
        error: message,
        hint: error.remedy ?? 'Tell the operator of the node.',
        members,
      };
    case 'reveals_key':
      return {
        status: 400,
        code: 'SECRET_IN_REQUEST',
        error: message,
        hint: error.remedy ?? 'Leave it out.',
        members,
      };
    case 'invalid_argument':
      return {
        status: 400,
        code: 'BAD_REQUEST',
        error: message,
        hint: 'Take ids and names from an earlier answer, character by character.',
        members,
      };
    default:
      // A home elsewhere that has refused what this node had forwarded.
      return {
        status: 409,
        code: 'CONFLICT',
        error: message,
        hint: error.remedy ?? 'The home of the submolt has refused this.',
        members,
      };
  }
}

function nodeRefusal(error: ClientError, problem: Problem): Refusal {
  const { status = 502, path } = problem;
  const [shown, code] = KNOWN[error.code] ??
    BY_STATUS[status] ?? [
      status >= 500 ? 502 : 400,
      status >= 500 ? 'INTERNAL_ERROR' : 'BAD_REQUEST',
    ];
  const further = Object.entries(problem).filter(([name]) => !OWN.has(name));
  return {
    status: shown,
    code: code as BridgeCode,
    error: error.message,
    hint: hintOf(error, problem, shown),
    members: {
      ...(path !== undefined && { errors: [{ field: path, message: error.message }] }),
      ...(shown === 429 && waitMembers(error.retryAfter)),
      ...Object.fromEntries(further),
      node_code: error.code,
    },
  };
}

/** Nodes speak to who signs; clients of the bridge do not. */
function hintOf({ code, remedy }: ClientError, { retryable }: Problem, status: number): string {
  if (status === 429) return 'Wait as long as retry_after_seconds says, then send it again.';
  return HINTS[code] ?? remedy ?? (retryable ? AGAIN : 'Do not send the same again.');
}

/** The several names under which clients look for how long to wait. */
function waitMembers(milliseconds: number | null): Record<string, unknown> {
  if (milliseconds === null) return {};
  const seconds = Math.ceil(milliseconds / 1000);
  const minutes = Math.ceil(seconds / 60);
  return {
    remaining: 0,
    retryAfter: seconds,
    retry_after_seconds: seconds,
    // Who finds minutes looks no further.
    ...(seconds > 120 && { retryAfterMinutes: minutes, retry_after_minutes: minutes }),
  };
}
