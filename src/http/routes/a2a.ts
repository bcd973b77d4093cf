// The node for agents of other protocols: its card, its descriptions, and the A2A endpoint that the card names.
import type { CommandContext } from '../../commands/context.ts';
import { toBase64url, utf8 } from '../../protocol/bytes.ts';
import type { JsonObject, JsonValue } from '../../protocol/json.ts';
import { type Asked, answerMessage, readMessage } from '../a2a-message.ts';
import {
  A2A_PATH,
  agentCard,
  agentDescription,
  agentDescriptions,
  type CardNames,
  signCard,
} from '../agent-card.ts';
import type { EdgeApp, EdgeContext } from '../edge.ts';
import type { InnerApi, InnerRequest } from '../inner-api.ts';
import { mount } from '../mount.ts';

export interface A2aOptions extends CardNames {
  readonly context: CommandContext;
}

/** Seconds. */
const MAX_AGE = 300;

export function mountA2a(app: EdgeApp, options: A2aOptions, inner: InnerApi): void {
  const { crypto, node, random } = options.context;
  const card = signCard(agentCard(options, node), node, crypto);
  const documents: Readonly<Record<string, readonly [type: string, document: JsonObject]>> = {
    '/.well-known/agent-card.json': ['application/json', card],
    '/.well-known/agent-descriptions': ['application/ld+json', agentDescriptions(options, node)],
    '/ad.json': ['application/json', agentDescription(options, node)],
  };
  for (const [path, [type, document]] of Object.entries(documents)) {
    const text = JSON.stringify(document);
    const etag = `"${toBase64url(crypto.sha256(utf8(text)))}"`;
    mount(app, path, { GET: (c) => answerDocument(c, type, text, etag) });
  }
  mount(app, A2A_PATH, { POST: (c) => answerCall(c, inner, random) });
}

function answerDocument(c: EdgeContext, type: string, text: string, etag: string): Response {
  const fields = { 'cache-control': `public, max-age=${MAX_AGE}`, etag };
  if (c.req.header('if-none-match') === etag) {
    return new Response(null, { status: 304, headers: fields });
  }
  return new Response(text, { headers: { 'content-type': type, ...fields } });
}

async function answerCall(
  c: EdgeContext,
  inner: InnerApi,
  random: (bytes: number) => Uint8Array,
): Promise<Response> {
  const text = new TextDecoder().decode(c.get('body'));
  const read = readMessage(text, c.req.header('a2a-version'));
  if (!read.ok) return answer(read.answer);
  const found = await ask(c, read.asked, inner);
  const fresh = () => toBase64url(random(16));
  const ids = { messageId: fresh(), contextId: read.contextId ?? fresh() };
  return answer(answerMessage(read.id, ids, found.data, { status: found.status }));
}

interface Found {
  readonly status: number;
  readonly data: JsonValue;
}

async function ask(c: EdgeContext, asked: Asked, inner: InnerApi): Promise<Found> {
  const response = await inner(c, requestOf(asked));
  return { status: response.status, data: (await response.json()) as JsonValue };
}

function requestOf(asked: Asked): InnerRequest {
  if (asked.kind === 'read') return { method: 'GET', path: pathOf(asked.path) };
  const body = utf8(JSON.stringify(asked.object));
  return { method: 'POST', path: '/api/v1/activities', body };
}

/** Only what has one spelling, and stays on this node, is a path; anything else is one that is not served. */
function pathOf(path: string): string {
  const url = URL.canParse(path, 'http://node.invalid') && new URL(path, 'http://node.invalid');
  return url && url.pathname + url.search === path ? path : '/not-a-path';
}

function answer(value: JsonObject): Response {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  return new Response(JSON.stringify(value), { headers });
}
