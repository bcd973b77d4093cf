// What http/ makes of an answer between nodes, for networks without sockets.
import type { PeerAnswer } from '../src/federation/answer.ts';
import type { Answer } from './network.ts';

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
