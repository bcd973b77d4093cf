// Gives the requests of one connection their turns: one after the other, and none after the last answer.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * Requests that wait behind the one being answered; who sends more ahead of the answers is cut off. Thousands fit
 * into one packet, and the answers to all of them wait for a reader who never reads.
 */
const MAX_WAITING = 31;

interface Turn {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly serve: () => void;
}

interface Line {
  current: Turn | undefined;
  waiting: Turn[];
  /** What comes in place of one more answer; nothing is taken after it. */
  end: (() => void) | undefined;
}

export interface Turns {
  /**
   * Calls `serve` when everything before it on the same connection is answered, and not at all if one of these
   * answers closes the connection (RFC 9112 §9.3.2, §9.6).
   */
  take(incoming: IncomingMessage, outgoing: ServerResponse, serve: () => void): void;
  /**
   * Calls `end` when what came before the unreadable part of a connection is answered. If that part belongs to a
   * request whose answer has begun, this answer is the last.
   */
  end(socket: Duplex, end: () => void): void;
}

export function createTurns(): Turns {
  const lines = new WeakMap<Duplex, Line>();

  function lineOf(socket: Duplex): Line {
    const line = lines.get(socket) ?? { current: undefined, waiting: [], end: undefined };
    lines.set(socket, line);
    return line;
  }

  function next(socket: Duplex, line: Line): void {
    line.current = socket.writable ? line.waiting.shift() : undefined;
    if (line.current !== undefined) {
      line.current.outgoing.once('close', () => next(socket, line));
      line.current.serve();
    } else if (socket.writable) line.end?.();
  }

  return {
    take(incoming, outgoing, serve) {
      const { socket } = incoming;
      const line = lineOf(socket);
      if (line.end !== undefined) return;
      line.waiting.push({ incoming, outgoing, serve });
      if (line.current === undefined) next(socket, line);
      else if (line.waiting.length > MAX_WAITING) socket.destroy();
    },

    end(socket, end) {
      const line = lineOf(socket);
      if (line.end !== undefined) return;
      line.end = end;
      const { current, waiting } = line;
      line.waiting = waiting.filter(({ incoming }) => incoming.complete);
      if (current === undefined) end();
      else if (!current.incoming.complete && waiting.length === 0) {
        if (current.outgoing.headersSent) current.incoming.socket.destroySoon();
        else end();
      }
    },
  };
}
