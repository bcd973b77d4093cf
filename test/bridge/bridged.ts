// A bridge over a node of a test, and a client that speaks to it as Moltbook's do.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Rates } from '../../src/bridge/rates.ts';
import { Registrar } from '../../src/bridge/registrar.ts';
import { type Bridge, startBridge } from '../../src/bridge/server.ts';
import { BridgeFolder } from '../../src/cli/bridge-files.ts';
import { crypto } from '../sandbox.ts';

export type Json = Record<string, unknown>;

interface Told {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly json: Json;
}

export interface Sent {
  readonly token?: string;
  /** As JSON, unless it is a text. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export interface Bridged {
  readonly port: number;
  readonly folder: string;
  readonly keyring: BridgeFolder;
  /** What the bridge has said to whoever runs it. */
  readonly told: readonly string[];
  /** `path` begins with the prefix, or not. */
  ask(method: string, path: string, sent?: Sent): Promise<Told>;
  /** Registers; gives the token and the DID. */
  register(name: string, description?: string): Promise<{ token: string; did: string }>;
  /** The same folder behind another bridge, as after the process has died: nothing is finished first. */
  restart(fetch?: typeof globalThis.fetch): Promise<void>;
  close(): Promise<void>;
}

export interface BridgedOptions {
  readonly fetch?: typeof globalThis.fetch;
  readonly most?: number;
  readonly origins?: readonly string[];
  readonly patience?: number;
  readonly invitation?: string;
}

/** A node of a test: where it is, and what time it is there. */
interface Served {
  readonly origin: string;
  readonly clock: { readonly now: number };
}

export async function openBridge(node: Served, options: BridgedOptions = {}): Promise<Bridged> {
  const path = mkdtempSync(join(tmpdir(), 'exuvia-bridge-'));
  const told: string[] = [];
  let keyring: BridgeFolder;
  const start = (fetch = options.fetch ?? globalThis.fetch.bind(globalThis)) => {
    const rates = new Rates();
    const { origin } = node;
    const now = () => node.clock.now;
    const random = (length: number) => new Uint8Array(randomBytes(length));
    keyring = new BridgeFolder({
      folder: path,
      origin,
      crypto,
      rates,
      terminal: { now, random },
      fetch,
      ...(options.patience !== undefined && { patience: options.patience }),
      invitation: options.invitation,
    });
    const registrar = new Registrar({ keyring, most: options.most ?? 16, origin, now, random });
    return startBridge({
      keyring,
      registrar,
      rates,
      tell: (line) => told.push(line),
      host: '127.0.0.1',
      port: 0,
      origins: options.origins ?? [],
    });
  };
  let bridge: Bridge = await start();
  const ask = (method: string, target: string, { token, body, headers = {} }: Sent = {}) => {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    return new Promise<Told>((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port: bridge.port,
          method,
          path: target,
          headers: {
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
            ...(text !== undefined && {
              'content-type': 'application/json',
              'content-length': String(Buffer.byteLength(text)),
            }),
            ...headers,
          },
        },
        (answer) => {
          answer.toArray().then((chunks) => {
            const said = Buffer.concat(chunks as Buffer[]).toString();
            resolve({
              status: answer.statusCode ?? 0,
              headers: answer.headers,
              json: said === '' ? {} : JSON.parse(said),
            });
          }, reject);
        },
      );
      sent.once('error', reject);
      sent.end(text);
    });
  };
  return {
    get port() {
      return bridge.port;
    },
    get keyring() {
      return keyring;
    },
    folder: path,
    told,
    ask,
    async register(name, description = 'An agent of a test.') {
      const body = { name, description };
      const { json } = await ask('POST', '/api/v1/agents/register', { body });
      const agent = json.agent as { api_key: string; did: string } | undefined;
      if (agent === undefined) throw new Error(JSON.stringify(json));
      return { token: agent.api_key, did: agent.did };
    },
    async restart(fetch) {
      const before = bridge;
      bridge = await start(fetch);
      void before.close();
    },
    async close() {
      await bridge.close();
      rmSync(path, { recursive: true, force: true });
    },
  };
}
