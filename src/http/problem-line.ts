// One line of the table of problems: what a refusal code means for HTTP and what its reader does next.

/** `retryable`: the same request may succeed later without being changed. */
export interface ProblemLine {
  readonly status: number;
  readonly title: string;
  readonly remedy: string;
  readonly retryable: boolean;
}

/** A refusal that stays: the request has to change. */
export function never(status: number, title: string, remedy: string): ProblemLine {
  return { status, title, remedy, retryable: false };
}

/** A refusal for now: the same request may be sent again. */
export function later(status: number, title: string, remedy: string): ProblemLine {
  return { status, title, remedy, retryable: true };
}
