// A host on a port of this machine that publishes JSON documents, and whatever else a hostile one would answer.
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ed25519ToJwk } from '../../src/protocol/thumbprint.ts';

export type Page = object | ((outgoing: ServerResponse) => void);

export class JwksSite {
  /** By path. A page is a document, or writes its answer itself. */
  readonly pages = new Map<string, Page>();
  /** Paths that were asked for. */
  readonly asked: string[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((incoming, outgoing) => {
      const path = incoming.url ?? '';
      this.asked.push(path);
      const page = this.pages.get(path);
      if (typeof page === 'function') return page(outgoing);
      const fields = { 'content-type': 'application/jwk-set+json' };
      if (page === undefined) outgoing.writeHead(404).end();
      else outgoing.writeHead(200, fields).end(JSON.stringify(page));
    });
  }

  static async open(): Promise<JwksSite> {
    const site = new JwksSite();
    await new Promise<void>((resolve) => site.#server.listen(0, '127.0.0.1', resolve));
    return site;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Publishes a JWK Set and gives its URL. */
  publish(path: string, ...keys: readonly Uint8Array[]): string {
    this.pages.set(path, { keys: keys.map((key) => ({ ...ed25519ToJwk(key), use: 'sig' })) });
    return this.origin + path;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
