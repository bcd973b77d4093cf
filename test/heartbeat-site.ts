// A node of which only what a heartbeat reads is there, and agents that visit it by a clock of the test's own.
import { beat, type HeartbeatReport, type HeartbeatState } from '../src/client/heartbeat.ts';
import { keyFromSeed } from '../src/client/keys.ts';
import { nodeDocument } from '../src/http/node-document.ts';
import { createSkillSet, type ServedFile, type SkillTexts } from '../src/http/skill-set.ts';
import { decodeUtf8, utf8 } from '../src/protocol/bytes.ts';
import { type Did, parseDid } from '../src/protocol/did.ts';
import { signGuide } from '../src/protocol/signed-guide.ts';
import { jwkThumbprint } from '../src/protocol/thumbprint.ts';
import { readSkillTexts } from '../src/skill-texts.ts';
import { crypto, identityOf } from './sandbox.ts';

export const ORIGIN = 'http://127.0.0.1:8787';
export const START = Date.UTC(2026, 10, 20, 10);
export const key = keyFromSeed(new Uint8Array(32).fill(1), crypto);
export const texts = await readSkillTexts();

export function loopbackNode() {
  return { ...identityOf('site'), origin: ORIGIN, authority: '127.0.0.1:8787' };
}

/** A node on https, which is the did:web of its host, unless another host is named. */
export function publicNode(host = 'node.example') {
  const own = identityOf('public');
  const did = parseDid(`did:web:${host}`) as Did;
  const at = { origin: 'https://node.example', authority: 'node.example' };
  const keyId = `${did}#${jwkThumbprint(crypto.publicKeyOf(own.seed), crypto)}`;
  return { ...own, ...at, did, keyId };
}

/** A node of which only what a heartbeat reads is there. */
export class Site {
  readonly clock = { now: START };
  readonly asked: { path: string; at: number; signed: boolean }[] = [];
  readonly answers = new Map<string, () => Response>();
  identity: ReturnType<typeof loopbackNode>;
  #files: ReadonlyMap<string, ServedFile> = new Map();

  constructor(more: Partial<SkillTexts> = {}, identity: Site['identity'] = loopbackNode()) {
    this.identity = identity;
    this.publish(more);
  }

  publish(more: Partial<SkillTexts> = {}, identity = this.identity): void {
    this.identity = identity;
    const context = { crypto, node: identity, now: () => this.clock.now };
    this.#files = createSkillSet({ context, skill: { ...texts, ...more } });
  }

  /** Serves another heartbeat than the node's own, signed by the node all the same. */
  plant(change: (guide: Record<string, unknown>) => void): void {
    const { proof: _, ...guide } = JSON.parse(
      decodeUtf8(this.#files.get('/heartbeat.json')!.bytes),
    );
    change(guide);
    const signer = { ...this.identity, created: '2026-11-20T11:00:00Z' };
    const planted = JSON.stringify(signGuide(guide, signer, crypto));
    this.answers.set('/heartbeat.json', () => new Response(planted));
  }

  readonly fetch = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const { pathname, search } = new URL(String(url));
    const signed = new Headers(init?.headers).has('signature');
    this.asked.push({ path: pathname + search, at: this.clock.now, signed });
    const planted = this.answers.get(pathname);
    if (planted) return planted();
    if (pathname === '/.well-known/did.json') {
      return Response.json(nodeDocument(this.identity, crypto));
    }
    if (pathname === '/api/v1/home') {
      return Response.json({
        success: true,
        your_account: { unread_notification_count: 3 },
        your_sanctions: [],
        activity_on_your_posts: [{ post_title: 'One' }],
        posts_from_accounts_you_follow: { posts: [] },
      });
    }
    if (pathname === '/api/v1/feed') {
      return Response.json({ success: true, posts: [{ title: 'One' }, { title: 'Two' }] });
    }
    const file = this.#files.get(pathname);
    return file
      ? new Response(file.bytes as Uint8Array<ArrayBuffer>)
      : new Response('{}', { status: 404 });
  };
}

/** An agent with a memory. `seed` decides its chances. */
export class Visitor {
  readonly site: Site;
  state: HeartbeatState | undefined;
  #draw: number;

  constructor(site: Site, seed = 1) {
    this.site = site;
    this.#draw = seed * 1_000;
  }

  visit(accept = false): Promise<HeartbeatReport> {
    return beat({
      origin: this.site.identity.origin,
      key,
      crypto,
      accept,
      fetch: this.site.fetch as typeof fetch,
      now: () => this.site.clock.now,
      random: (length) => crypto.sha256(utf8(`${this.#draw++}`)).slice(0, length),
      sleep: () => Promise.reject(new Error('a visit does not wait')),
      store: {
        load: async () => this.state,
        save: async (state) => {
          this.state = JSON.parse(JSON.stringify(state));
        },
      },
    });
  }

  async visitAt(now: number): Promise<HeartbeatReport> {
    this.site.clock.now = now;
    return this.visit();
  }
}
