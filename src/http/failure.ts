// Turns what a handler threw into an answer: a bad parameter, a node that is busy, or an incident with an id.
import { CommandError } from '../commands/error.ts';
import { toHex } from '../protocol/bytes.ts';
import type { EdgeContext } from './edge.ts';
import type { Logger } from './logger.ts';
import { ParameterError } from './parameters.ts';
import { refuse } from './problem.ts';

/** For `app.onError`. Details of a failure stay in the log; the client gets an id to quote. */
export function answerFailure(log: Logger, random: (bytes: number) => Uint8Array) {
  return (error: Error, c: EdgeContext): Response => {
    if (error instanceof ParameterError) return refuse(c, error.refusal);
    if (error instanceof CommandError && error.code === 'overloaded') {
      return refuse(c, { code: 'overloaded', detail: error.message });
    }
    if (error instanceof CommandError && error.code === 'closed') {
      return refuse(c, { code: 'not_ready', detail: 'The node is shutting down.' });
    }
    const incident = toHex(random(8));
    log.error({ err: error, incident, method: c.req.method, path: c.req.path }, 'request failed');
    const detail = `The node failed while it answered; its log has incident ${incident}.`;
    return refuse(c, { code: 'internal', detail, instance: `urn:exuvia:incident:${incident}` });
  };
}
