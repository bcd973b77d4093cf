// Answers that are made while they are sent: nothing is read before the reader wants it.
import type { EdgeContext } from './edge.ts';
import type { Logger } from './logger.ts';

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
  const iterator = chunks[Symbol.asyncIterator]();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await iterator.next();
          if (done) controller.close();
          else controller.enqueue(value);
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
