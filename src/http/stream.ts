// Answers that are made while they are sent: nothing is read before the reader wants it.
import type { EdgeContext } from './edge.ts';
import type { Logger } from './logger.ts';

/** Bytes handed over at a time: by them it is seen how fast a reader is, and others are served between two of them. */
const PIECE = 65_536;

/**
 * A body from chunks. If making them fails midway, the connection is cut, so that a reader never takes a torn
 * body for a whole one; why it failed is for the log.
 */
export function streamed(
  c: EdgeContext,
  log: Logger,
  chunks: AsyncIterable<Uint8Array>,
  headers: Readonly<Record<string, string>>,
): Response {
  const { outgoing } = c.env;
  let rest: Uint8Array = new Uint8Array();
  const iterator = chunks[Symbol.asyncIterator]();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          if (rest.length === 0) {
            const { done, value } = await iterator.next();
            if (done) return controller.close();
            rest = value;
          }
          controller.enqueue(rest.subarray(0, PIECE));
          rest = rest.subarray(PIECE);
        } catch (error) {
          log.error({ err: error, path: c.req.path }, 'answer cut short');
          outgoing.destroy();
          controller.close();
        }
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    // HEAD makes this response too and never reads it.
    { highWaterMark: 0 },
  );
  return new Response(body, { headers });
}
