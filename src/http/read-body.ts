// Reads a request body under a cap and compares it with the digest that was signed, while it streams.
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ContentDigest, equalsContentDigest } from '../protocol/content-digest.ts';

export type BodyRefusal = 'too_large' | 'content_digest_mismatch' | 'body_incomplete';

export type BodyResult =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly code: BodyRefusal; readonly detail: string };

/** True if the header section announces a body (RFC 9112 §6.3). */
export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || !/^0*$/.test(length ?? '');
}

/** True if there is a body and nobody has read it to its end. */
export function hasUnreadBody(incoming: IncomingMessage): boolean {
  return hasBody(incoming) && !incoming.readableEnded;
}

/** Never more than Node's own buffer holds. */
const LENGTH = /^[1-9][0-9]{0,4}$/;

/** True for a body that may be passed over: framed in the one plain way, and short. A read has none. */
function isPlain({ headers, method }: IncomingMessage): boolean {
  const { expect, 'content-length': length } = headers;
  return method === 'POST' && expect === undefined && LENGTH.test(length ?? '');
}

/**
 * True if all of a body that nobody wants has come already, so that the next request can be told from it and a new
 * connection would be wasted.
 */
export function hasWholeBody(incoming: IncomingMessage): boolean {
  return incoming.complete && isPlain(incoming);
}

/** Waits until what has come with the header section has been taken from the socket too; nothing of it is read. */
export async function takeWhatCame(incoming: IncomingMessage): Promise<void> {
  if (incoming.complete || !isPlain(incoming)) return;
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** True if the sender waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1). HTTP/1.0 knows no such answer. */
export function awaitsContinue({ headers, httpVersion }: IncomingMessage): boolean {
  const expectations = headers.expect?.toLowerCase().split(',') ?? [];
  return httpVersion === '1.1' && expectations.some((each) => each.trim() === '100-continue');
}

/**
 * The body's bytes. Stops at the first chunk that passes `cap` bytes. If a digest is stated, every hash in it must
 * be the body's; a message without a body has zero bytes, and their digest counts.
 */
export async function readBody(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  cap: number,
  stated: ContentDigest | null,
): Promise<BodyResult> {
  const tooLarge = {
    ok: false,
    code: 'too_large',
    detail: `At most ${cap} bytes are read.`,
  } as const;
  if (Number(incoming.headers['content-length'] ?? 0) > cap) return tooLarge;
  if (awaitsContinue(incoming)) outgoing.writeContinue();
  const sha256 = stated?.sha256 ? createHash('sha256') : null;
  const sha512 = stated?.sha512 ? createHash('sha512') : null;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // Left open on refusal: the answer still has to reach the sender over this connection.
    const body = hasBody(incoming) ? incoming.iterator({ destroyOnReturn: false }) : [];
    for await (const chunk of body) {
      size += chunk.length;
      if (size > cap) return tooLarge;
      chunks.push(chunk);
      sha256?.update(chunk);
      sha512?.update(chunk);
    }
  } catch {
    return { ok: false, code: 'body_incomplete', detail: 'The connection ended inside the body.' };
  }
  const taken = { sha256: sha256?.digest() ?? null, sha512: sha512?.digest() ?? null };
  if (stated !== null && !equalsContentDigest(stated, taken)) {
    const detail = 'The hash of the body is not the one in Content-Digest.';
    return { ok: false, code: 'content_digest_mismatch', detail };
  }
  return { ok: true, bytes: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks) };
}
