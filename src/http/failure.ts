// Turns what a handler threw into an answer: a bad parameter, a node that is busy, or an incident with an id.
import { CommandError } from '../commands/error.ts';
import { toHex } from '../protocol/bytes.ts';
import { StoreError, type StoreErrorCode } from '../store/error.ts';
import type { EdgeContext } from './edge.ts';
import type { Logger } from './logger.ts';
import { ParameterError } from './parameters.ts';
import { refuse } from './problem.ts';

/** What may pass without anybody repairing the node's code. */
const PASSING: ReadonlySet<StoreErrorCode> = new Set(['busy', 'unreachable', 'disk_full']);

/** For `app.onError`. Details of a failure stay in the log; the client gets an id to quote. */
export function answerFailure(log: Logger, random: (bytes: number) => Uint8Array) {
  return (error: Error, c: EdgeContext): Response => {
    if (error instanceof ParameterError) return refuse(c, error.refusal);
    if (error instanceof StoreError && error.code === 'cursor_invalid') {
      const detail = 'cursor must be the next_cursor of a page of the same list.';
      return refuse(c, { code: 'bad_parameter', detail, path: 'cursor' });
    }
    if (error instanceof CommandError && error.code === 'overloaded') {
      return refuse(c, { code: 'overloaded', detail: error.message });
    }
    if (error instanceof CommandError && error.code === 'closed') {
      return refuse(c, { code: 'not_ready', detail: 'The node is shutting down.' });
    }
    if (error instanceof StoreError && PASSING.has(error.code)) {
      log.warn({ err: error, path: c.req.path }, 'database unavailable');
      return refuse(c, { code: 'storage_unavailable', detail: 'The database cannot be used now.' });
    }
    const incident = toHex(random(8));
    log.error({ err: error, incident, method: c.req.method, path: c.req.path }, 'request failed');
    const detail = `The node failed while it answered; its log has incident ${incident}.`;
    return refuse(c, { code: 'internal', detail, instance: `urn:exuvia:incident:${incident}` });
  };
}
