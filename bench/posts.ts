// Signed posts by many agents, and the way they are sent: what loads a node in benchmarks.
import { type Agent, request } from 'node:http';
import { agentUrlOf, keyFromSeed } from '../src/client/keys.ts';
import { toBase64url } from '../src/protocol/bytes.ts';
import type { Crypto } from '../src/protocol/crypto.ts';
import { formatDateTime } from '../src/protocol/date-time.ts';
import { signObject } from '../src/protocol/object.ts';
import type { ObjectName } from '../src/protocol/object-name.ts';
import { signRequest } from '../src/protocol/request-signature.ts';

export const CONNECTIONS = 64;
const AGENTS = 50;

export interface SignedPost {
  readonly headers: Record<string, string>;
  /** Null for a read. */
  readonly body: Uint8Array | null;
}

export const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));

export function signPosts(
  count: number,
  origin: string,
  submolt: ObjectName,
  crypto: Crypto,
): SignedPost[] {
  const keys = Array.from({ length: AGENTS }, () => keyFromSeed(random(32), crypto));
  const now = Math.floor(Date.now() / 1000);
  return Array.from({ length: count }, (_, i) => {
    const key = keys[i % AGENTS] ?? keyFromSeed(random(32), crypto);
    const object = {
      type: 'Article',
      name: `Post ${i}`,
      content: toBase64url(random(450)),
      mediaType: 'text/plain',
    } as const;
    const created = formatDateTime(now);
    const draft = { type: 'Create', audience: submolt, object } as const;
    const { bytes: body } = signObject(draft, { ...key, created }, crypto);
    const headers = signRequest(
      { method: 'POST', url: `${origin}/api/v1/activities`, body, contentType: 'application/json' },
      {
        seed: key.seed,
        signatureAgent: agentUrlOf(key, origin),
        created: now - 2,
        expires: now + 290,
        nonce: toBase64url(random(64)),
      },
      crypto,
    );
    return { headers, body };
  });
}

/** Fulfils with the status when the answer has been read. */
export function send(url: string, { headers, body }: SignedPost, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const method = body === null ? 'GET' : 'POST';
    const fields = body === null ? headers : { ...headers, 'content-length': body.length };
    const sent = request(url, { method, headers: fields, agent }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
