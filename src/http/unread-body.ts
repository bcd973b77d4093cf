// Answers a request whose body is not wanted, so that the sender gets the answer and not a reset.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** How long a sender may go on sending after it has been refused. */
const LINGER_MS = 1_000;

/**
 * A response body that is written at once and closed when the sender stops, or after a second.
 *
 * Closing while bytes are still arriving makes the kernel send a reset, and the reset may overtake the
 * answer (RFC 9112 §9.6). What arrives meanwhile is thrown away unread; nothing is kept or hashed.
 */
export function lingeringBody(incoming: IncomingMessage, text: string): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
    },
    async pull(controller) {
      await discardBody(incoming);
      controller.close();
    },
  });
}

/** Throws away what arrives, until the sender stops or a second has passed. */
export function discardBody(incoming: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    if (incoming.readableEnded || incoming.destroyed) return resolve();
    const timer = setTimeout(resolve, LINGER_MS);
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    incoming.once('end', done).once('close', done).once('error', done).resume();
  });
}

/** Sends the last text of a connection, throws away what arrives, and cuts it after a second if the sender does not. */
export function endLingering(socket: Duplex, text: string): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.resume().end(text);
}
