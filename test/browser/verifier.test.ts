// The verifier inside a browser, on a page of somebody else: it checks what a node serves, and believes nobody.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import adversarial from '../../spec/vectors/ed25519/adversarial.json' with { type: 'json' };
import rfc8032 from '../../spec/vectors/ed25519/rfc8032.json' with { type: 'json' };
import speccheck from '../../spec/vectors/ed25519/speccheck.json' with { type: 'json' };
import { createLibsodium } from '../../src/crypto/libsodium.ts';
import { createNodeCrypto } from '../../src/crypto/node.ts';
import { fromHex } from '../../src/protocol/bytes.ts';
import { idOf } from '../../src/protocol/object-name.ts';
import { Agent } from '../sandbox.ts';
import { LAUNCH_TIMEOUT, launchChromium } from './chromium.ts';
import { type LivingVillage, startVillage } from './living-village.ts';
import { Reader } from './reader.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const ENTRY = `
  import { createNobleVerifier } from './src/crypto/noble.ts';
  import { didKeyResolver, verifyObjectBytes } from './src/protocol/verify.ts';
  const crypto = createNobleVerifier();
  const fromHex = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));
  globalThis.load = async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer());
  globalThis.check = async (bytes) => {
    const verdict = await verifyObjectBytes(bytes, { crypto, resolveKey: didKeyResolver });
    return verdict.ok ? verdict.object.name : verdict.reason;
  };
  globalThis.judge = ({ publicKey, message, signature }) => [
    crypto.acceptsKey(fromHex(publicKey)),
    crypto.verify(fromHex(publicKey), fromHex(message), fromHex(signature)),
  ];
`;

let browser: Browser;
let village: LivingVillage;
let server: Server;
let reader: Reader;

/** A page of another origin than the node's, with the bundle as its only script. */
async function servePage(): Promise<Server> {
  const { outputFiles } = await build({
    stdin: { contents: ENTRY, resolveDir: join(import.meta.dirname, '../..'), loader: 'js' },
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    write: false,
    logLevel: 'silent',
  });
  const files: Record<string, [string, string]> = {
    '/': [
      'text/html',
      '<!doctype html><link rel=icon href=data:,><script type=module src=/v.js></script>',
    ],
    '/v.js': ['text/javascript', outputFiles[0]!.text],
  };
  const page = createServer((request, response) => {
    const [type, text] = files[request.url ?? ''] ?? ['text/plain', ''];
    response.writeHead(text === '' ? 404 : 200, { 'content-type': type }).end(text);
  });
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
  return page;
}

beforeAll(async () => {
  browser = await launchChromium();
  village = await startVillage();
  server = await servePage();
  reader = await Reader.open(browser);
  await reader.goTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}, LAUNCH_TIMEOUT);
afterAll(async () => {
  await browser?.close();
  await village?.close();
  server?.closeAllConnections();
  server?.close();
});

describe('an object fetched from the node', () => {
  const address = () => `${village.origin}/.well-known/ni/sha-256/${idOf(village.rightToLeft)}`;
  const checked = (change: string) =>
    reader.ask<string>(`(async () => {
      const bytes = await load('${address()}');
      const text = new TextDecoder().decode(bytes);
      return check(${change});
    })()`);

  test('verifies under the name it was asked for by', async () => {
    expect(await checked('bytes')).toBe(village.rightToLeft);
  });

  test.each([
    [
      'another word',
      `new TextEncoder().encode(text.replace('two scripts', 'few scripts'))`,
      'proof_invalid',
    ],
    [
      'another author',
      `new TextEncoder().encode(text.replace(/"actor":"[^"]+"/, '"actor":"${new Agent('mallory').did}"'))`,
      'proof_actor_mismatch',
    ],
    ['a space at the end', `new TextEncoder().encode(text + ' ')`, 'not_canonical'],
    ['a byte less', 'bytes.subarray(1)', 'invalid_json'],
    [
      'another type',
      `new TextEncoder().encode(text.replace('"Create"', '"Erase"'))`,
      'unknown_type',
    ],
  ])('is refused with %s', async (_, change, reason) => {
    expect(await checked(change)).toBe(reason);
  });

  test('is all that the page has asked for', () => {
    expect(reader.incidents).toEqual([]);
    const asked = reader.requests.filter((url) => url.startsWith(village.origin));
    expect(new Set(asked)).toEqual(new Set([address()]));
  });
});

describe('signatures on which libraries disagree', () => {
  const perTag = Map.groupBy(adversarial.cases, ({ tags }) => tags.join());
  const chosen = [
    ...rfc8032.cases,
    ...speccheck.cases,
    ...[...perTag.values()].map(([first]) => first!),
  ];

  test('get one verdict from the browser, libsodium and node:crypto', async () => {
    const platforms = [await createLibsodium(), createNodeCrypto()];
    const inBrowser = await reader.ask<[boolean, boolean][]>(
      `${JSON.stringify(chosen)}.map((it) => judge(it))`,
    );
    expect(chosen.length).toBeGreaterThan(20);
    for (const [index, { comment, publicKey, message, signature, expected }] of chosen.entries()) {
      const [key, text, signed] = [publicKey, message, signature].map((hex) => fromHex(hex)!);
      const verdicts = platforms.map((it) => [
        it.acceptsKey(key!),
        it.verify(key!, text!, signed!),
      ]);
      const all = [inBrowser[index], ...verdicts];
      expect(all, comment).toEqual(all.map(() => verdicts[0]));
      expect(inBrowser[index]?.[1], comment).toBe(expected);
    }
  });
});
