// One HTTP exchange with every field and target as given: what fetch puts right by itself, a node has to refuse.
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { parseObject } from '../client/signed-fetch.ts';

export type Field = readonly [name: string, value: string];

/** A request as it goes out: nothing is added to the fields but Connection. */
export interface Message {
  readonly method: string;
  /** Raw request target, in whatever form. */
  readonly target: string;
  readonly fields: readonly Field[];
  readonly body: Uint8Array | null;
}

export interface Answer {
  readonly status: number;
  /** By lower-case name; repeated fields joined. */
  readonly headers: ReadonlyMap<string, string>;
  readonly bytes: Uint8Array;
  /** The body as a JSON object, or null. */
  readonly json: Readonly<Record<string, unknown>> | null;
  /** The code of a problem document (RFC 9457), or null. */
  readonly code: string | null;
}

const TIMEOUT = 30_000;

/** Sends to the host of `url`, whatever the message says about hosts. Rejects when no answer comes. */
export function exchange(url: URL, message: Message): Promise<Answer> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const outgoing = request({
      // A host in brackets is a URL's way to write an IPv6 address, not the resolver's.
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port,
      method: message.method,
      path: message.target,
      headers: message.fields as unknown as string[],
      setHost: false,
      agent: false,
      timeout: TIMEOUT,
    });
    outgoing.once('timeout', () => outgoing.destroy(new Error('no answer in time')));
    outgoing.once('error', reject);
    outgoing.once('response', (incoming) => {
      const chunks: Uint8Array[] = [];
      incoming.on('data', (chunk: Uint8Array) => chunks.push(chunk));
      incoming.once('error', reject);
      incoming.once('end', () => {
        const headers = new Map(
          Object.entries(incoming.headersDistinct).map(([name, values]) => [
            name,
            (values ?? []).join(', '),
          ]),
        );
        resolve(answerOf(incoming.statusCode ?? 0, headers, Buffer.concat(chunks)));
      });
    });
    outgoing.end(message.body ?? undefined);
  });
}

function answerOf(status: number, headers: ReadonlyMap<string, string>, bytes: Uint8Array): Answer {
  const json = parseObject(bytes) as Record<string, unknown> | null;
  const isProblem = /^application\/problem\+json\b/.test(headers.get('content-type') ?? '');
  const code = isProblem && typeof json?.code === 'string' ? json.code : null;
  return { status, headers, bytes, json, code };
}
