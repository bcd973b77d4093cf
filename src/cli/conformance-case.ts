// What a conformance case is, and when an answer passes: by its status class, or to the letter with --strict.
import { type Code, PROBLEMS } from '../http/problem.ts';
import type { Answer } from './conformance-exchange.ts';
import type { Live } from './conformance-live.ts';

export type Outcome =
  | { readonly kind: 'passed'; readonly got: string; readonly note?: string }
  | { readonly kind: 'failed'; readonly expected: string; readonly got: string }
  | { readonly kind: 'skipped'; readonly reason: string };

/** Cases are independent of each other: what several need is set up once, by whichever comes first. */
export interface Case {
  readonly group: string;
  readonly name: string;
  run(live: Live): Promise<Outcome>;
}

export interface RefusalOptions {
  /** A proxy or HTTP parser may answer before the node does, with no problem document. */
  readonly bare?: boolean;
}

export function passed(got: string, note?: string): Outcome {
  return { kind: 'passed', got, ...(note !== undefined && { note }) };
}

export function failed(expected: string, got: string): Outcome {
  return { kind: 'failed', expected, got };
}

/** Passes when `condition` holds; `expected` says what should have been. */
export function holds(condition: boolean, expected: string, got: string): Outcome {
  return condition ? passed(expected) : failed(expected, got);
}

/** The first outcome that is not a pass, or the last one. */
export function every(...outcomes: readonly Outcome[]): Outcome {
  const wrong = outcomes.find(({ kind }) => kind !== 'passed');
  return wrong ?? outcomes.at(-1) ?? failed('something to check', 'nothing');
}

export function describeAnswer({ status, code, json }: Answer): string {
  const detail = typeof json?.detail === 'string' ? `: ${json.detail}` : '';
  return code === null ? String(status) : `${status} ${code}${detail}`;
}

/** Any 2xx; with --strict exactly `status`. */
export function expectSuccess(answer: Answer, status: number, { strict }: Live): Outcome {
  const expected = `${status}`;
  if (Math.floor(answer.status / 100) !== 2) return failed(expected, describeAnswer(answer));
  if (answer.status === status) return passed(expected);
  return strict ? failed(expected, describeAnswer(answer)) : passed(`${answer.status}`, expected);
}

/** Status class and a problem document; with --strict the status and the code of spec/errors.md. */
export function expectRefusal(
  answer: Answer,
  code: Code,
  { strict }: Live,
  { bare = false }: RefusalOptions = {},
): Outcome {
  const { status } = PROBLEMS[code];
  const expected = `${status} ${code}`;
  const got = describeAnswer(answer);
  const sameCode = answer.code === code || (bare && answer.code === null);
  const exact = answer.status === status && sameCode;
  if (exact) return passed(expected);
  // A limit on callers would otherwise pass for a refusal of whatever was asked.
  if (answer.status === 429 && status !== 429) return failed(expected, got);
  // Of the node's own failures only "later" is a refusal: 500 is a fault whatever was expected.
  const sameClass = status < 500 ? Math.floor(answer.status / 100) === 4 : answer.status === status;
  if (!sameClass || strict) return failed(expected, got);
  if (answer.code === null && !bare) return failed(`${expected}, as a problem (RFC 9457)`, got);
  return passed(`${answer.status} ${answer.code ?? ''}`.trim(), `spec/errors.md: ${expected}`);
}
