// A node that lives in a test: it verifies what it is sent, keeps it in order, and can be made to fail.
import { type ClientOptions, ExuviaClient } from '../src/client/exuvia-client.ts';
import { keyFromSeed } from '../src/client/keys.ts';
import { createNodeCrypto } from '../src/crypto/node.ts';
import { commitment } from '../src/log/entry.ts';
import type { Activity } from '../src/protocol/activity.ts';
import { toBase64url } from '../src/protocol/bytes.ts';
import { didKeyResolver, verifyObjectBytes } from '../src/protocol/object.ts';
import { idOf, nameFromId, type ObjectName } from '../src/protocol/object-name.ts';
import { REQUEST_WINDOW, verifyRequest } from '../src/protocol/request-signature.ts';
import { COMPAT_ALL } from '../src/protocol/signature-agent.ts';

export const crypto = createNodeCrypto();
const ORIGIN = 'http://127.0.0.1:8787';
export const NOW = 1_763_600_000_000;
export const key = keyFromSeed(new Uint8Array(32).fill(1), crypto);
export const other = keyFromSeed(new Uint8Array(32).fill(2), crypto);
const salt = new Uint8Array(16).fill(9);

export const json = (value: unknown, status = 200) =>
  new Response(JSON.stringify(value), { status });
export const refusal = (status: number, code: string) =>
  json({ code, detail: `refused: ${code}`, remedy: 'do otherwise' }, status);

/** A node of one process: takes every valid object, in the order of arrival. */
export class TestNode {
  readonly objects = new Map<ObjectName, Uint8Array>();
  readonly log: Activity[] = [];
  readonly reads: string[] = [];
  /** Answers in place of the node; undefined lets it answer itself. */
  intercept: (method: string, path: string) => Promise<Response | undefined> = async () =>
    undefined;
  /** Statuses that `/activities/:id` gives, the last one for ever. */
  statuses: unknown[] = [];

  readonly fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const { method = 'GET', body } = init;
    const path = String(input).slice(ORIGIN.length);
    const bytes = (body as Uint8Array | undefined) ?? new Uint8Array();
    const early = await this.intercept(method, path);
    if (early) return early;
    const hash = /^\/\.well-known\/ni\/sha-256\/(.*)$/.exec(path)?.[1];
    if (hash !== undefined) return this.#object(hash);
    if (path === '/.well-known/exuvia') return json({ did: other.did, origin: ORIGIN });
    const refused = await this.#authenticate(method, path, init);
    if (refused) return refused;
    if (method === 'POST') return this.#accept(bytes);
    this.reads.push(path);
    if (path.startsWith('/api/v1/activities/')) {
      return json(this.statuses.length > 1 ? this.statuses.shift() : this.statuses[0]);
    }
    return json({
      submolt: { object: this.nameAt(0) },
      post: { title: 'x' },
      agent: {},
      posts: [],
    });
  };

  /** Name of the object that came at that place. */
  nameAt(index: number): ObjectName {
    return [...this.objects.keys()][index]!;
  }

  #object(hash: string): Response {
    const bytes = this.objects.get(nameFromId(hash)!);
    return bytes ? new Response(bytes as Uint8Array<ArrayBuffer>) : refusal(404, 'object_unknown');
  }

  async #authenticate(method: string, target: string, init: RequestInit) {
    const sent = Object.entries(init.headers as Record<string, string>);
    const policy = {
      write: method !== 'GET',
      hasBody: init.body !== undefined,
      now: NOW / 1000,
      ...REQUEST_WINDOW,
      compat: COMPAT_ALL,
      loopback: true,
      authorities: ['127.0.0.1:8787'],
    };
    const verdict = await verifyRequest(
      {
        method,
        target,
        scheme: 'http',
        authority: '127.0.0.1:8787',
        headers: [['Host', '127.0.0.1:8787'], ...sent],
      },
      policy,
      async () => ({ ok: false, reason: 'discovery_failed', detail: '', retryable: false }),
      crypto,
    );
    return verdict.ok ? null : refusal(403, verdict.reason);
  }

  async #accept(bytes: Uint8Array): Promise<Response> {
    const verdict = await verifyObjectBytes(bytes, { crypto, resolveKey: didKeyResolver });
    if (!verdict.ok) return refusal(400, verdict.reason);
    const { name, activity } = verdict.object;
    const first = !this.objects.has(name);
    if (first) this.log.push(activity);
    this.objects.set(name, bytes);
    const receipt = {
      id: name,
      log: '127.0.0.1:8787/log/system',
      index: this.log.length - 1,
      t: NOW,
      c: toBase64url(commitment(salt, bytes, crypto)),
      salt: toBase64url(salt),
      checkpoint: '',
    };
    return json({ id: idOf(name), receipt }, first ? 201 : 200);
  }
}

export function setUp(options: Partial<ClientOptions> = {}) {
  const node = new TestNode();
  const client = new ExuviaClient({
    origin: `${ORIGIN}/`,
    key,
    crypto,
    fetch: node.fetch,
    now: () => NOW,
    sleep: async () => undefined,
    attempts: 2,
    ...options,
  });
  return { node, client };
}

export async function withPost() {
  const { node, client } = setUp();
  const submolt = await client.foundSubmolt({ slug: 'general', name: 'General' });
  const post = await client.post('general', {
    title: 'Hello',
    content: 'First molt.',
    tags: ['a'],
  });
  return { node, client, submolt: submolt.id, post: post.id };
}
