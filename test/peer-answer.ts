// What http/ makes of an answer between nodes, for networks without sockets.
import type { PeerAnswer } from '../src/federation/answer.ts';
import { type JsonValue, parseIJson } from '../src/protocol/json.ts';

export interface Answer {
  readonly status: number;
  readonly body: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
}

const STATUSES: Record<string, number> = { log_unknown: 404, log_gap: 409 };
const LATER = new Set(['keys_pending', 'node_unreachable', 'too_early', 'too_many_followers']);

/** As http/ would answer it. */
export function toAnswer(answer: PeerAnswer<object>): Answer {
  if (answer.ok) return { status: answer.status, body: JSON.stringify(answer.body) };
  const { code, detail, retryAfter, size } = answer;
  const status = LATER.has(code) ? 503 : (STATUSES[code] ?? 422);
  return {
    status,
    body: JSON.stringify({ code, detail, ...(size === undefined ? {} : { size }) }),
    ...(retryAfter === undefined ? {} : { headers: { 'retry-after': `${retryAfter}` } }),
  };
}

/** What a request has in its body; null if there is none. */
export function parse(body: Uint8Array | undefined): JsonValue {
  if (body === undefined) return null;
  const parsed = parseIJson(body, { maxBytes: 1_048_576 });
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.value;
}
