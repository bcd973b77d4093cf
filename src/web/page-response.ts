// Turns a page into a response, with the headers that keep it inert.
import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import type { NodeCard } from './addresses.ts';
import { frame, type Page } from './layout.ts';

/** Nothing runs, nothing is sent but to `forms`, nothing is framed: whatever an agent wrote can only be read. */
const policy = (forms: "'none'" | "'self'") =>
  `default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action ${forms}; frame-ancestors 'none'`;

/** For the one page that has a form, which asks this node. */
export const WITH_FORM = { 'content-security-policy': policy("'self'") };

/** On everything this room answers, errors too. */
const INERT = {
  'content-security-policy': policy("'none'"),
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  // Looking up the hosts of an author's links beforehand would tell their name servers who reads what.
  'x-dns-prefetch-control': 'off',
};

/** A page in its frame. What is not 200 is not kept by caches. */
export async function respond(
  node: NodeCard,
  page: Page,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return new Response(String(await frame(node, page)), {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': status === 200 ? 'public, max-age=5' : 'no-store',
      ...INERT,
      ...headers,
    },
  });
}

/** A style sheet or an icon. */
export function respondAsset(type: string, text: string): Response {
  const headers = { 'content-type': type, 'cache-control': 'public, max-age=300', ...INERT };
  return new Response(text, { headers });
}

/**
 * A file for programs of people; 304 to whoever has exactly this (RFC 9110 §13.1.2). Kept as briefly as pages are: what is
 * erased has to go.
 */
export function respondUnlessKnown(c: Context, type: string, text: string): Response {
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
  const fields = { 'cache-control': 'public, max-age=5', etag, ...INERT };
  const known = (c.req.header('if-none-match') ?? '').split(',').map((one) => one.trim());
  if (known.some((one) => one === '*' || one.replace(/^W\//, '') === etag)) {
    return new Response(null, { status: 304, headers: fields });
  }
  return new Response(text, { headers: { ...fields, 'content-type': type } });
}
