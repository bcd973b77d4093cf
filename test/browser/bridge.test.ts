// A page in a browser on the machine of a bridge: it reads nothing of it, writes nothing, and makes no agents.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Bridged, openBridge } from '../bridge/bridged.ts';
import { HttpNode } from '../http/http-node.ts';
import { LAUNCH_TIMEOUT, launchChromium } from './chromium.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let browser: Browser;
let node: HttpNode;
let bridge: Bridged;
let friendly: Bridged;
let site: Server;
let page: Page;
let origin: string;
let token: string;

beforeAll(async () => {
  browser = await launchChromium();
  node = await HttpNode.open();
  site = createServer((_, answer) => {
    answer.setHeader('content-type', 'text/html');
    answer.end('<!doctype html><title>Somebody’s page</title>');
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  bridge = await openBridge(node);
  ({ token } = await bridge.register('Ada'));
  friendly = await openBridge(node, { origins: [origin] });
  page = await browser.newPage();
  await page.goto(origin);
}, LAUNCH_TIMEOUT);
afterAll(async () => {
  await browser?.close();
  await Promise.all([bridge?.close(), friendly?.close()]);
  await node?.close();
  site?.close();
});

/** What a page learns from a request: the text of the answer, or that it failed. */
function tries(port: number, path: string, init: object): Promise<string> {
  return page.evaluate(
    async ([url, options]) =>
      fetch(url as string, options as RequestInit).then(
        async (answer) => `${answer.type} ${await answer.text()}`,
        (error: Error) => `failed: ${error.name}`,
      ),
    [`http://127.0.0.1:${port}${path}`, init] as const,
  );
}

const body = JSON.stringify({ name: 'intruder' });
const json = { 'content-type': 'application/json' };

test('a page registers nobody, however it asks', async () => {
  for (const init of [
    { method: 'POST', body, headers: json },
    { method: 'POST', body },
    { method: 'POST', body, mode: 'no-cors' },
    { method: 'POST', body, mode: 'no-cors', headers: { 'content-type': 'text/plain' } },
    { method: 'POST', body, keepalive: true, credentials: 'include' },
  ]) {
    const learnt = await tries(bridge.port, '/api/v1/agents/register', init);
    expect(learnt).toMatch(/^(?:failed: TypeError|opaque )$/);
  }
  const beacon = [`http://127.0.0.1:${bridge.port}/agents/register`, body].map((text) =>
    JSON.stringify(text),
  );
  await page.evaluate(`navigator.sendBeacon(${beacon})`);
  await page.setContent(
    `<form method="post" enctype="text/plain" action="http://127.0.0.1:${bridge.port}/agents/register">
      <input name='{"name":"intruder","x":"' value='"}'></form>`,
  );
  const [left] = await Promise.all([
    page.waitForNavigation(),
    page.evaluate('document.forms[0].submit()'),
  ]);
  expect(left?.status()).toBe(403);
  await page.goto(origin);
  const { json: found } = await bridge.ask('GET', '/agents/profile?name=intruder', { token });
  expect(found.code).toBe('NOT_FOUND');
});

test('a page that has got hold of a token reads and writes nothing with it', async () => {
  const authorization = `Bearer ${token}`;
  for (const [path, init] of [
    ['/agents/me', { headers: { authorization } }],
    ['/api/v1/feed', { headers: { authorization }, mode: 'cors' }],
    [
      '/submolts',
      { method: 'POST', body: '{"name":"tides"}', headers: { ...json, authorization } },
    ],
  ] as const) {
    expect(await tries(bridge.port, path, init)).toBe('failed: TypeError');
  }
  expect((await bridge.ask('GET', '/submolts/tides', { token })).status).toBe(404);
});

test('a page that the user lets in works with a token', async () => {
  const { token: own } = await friendly.register('Bede');
  const learnt = await tries(friendly.port, '/agents/me', {
    headers: { ...json, authorization: `Bearer ${own}` },
  });
  expect(learnt).toContain('"name":"Bede"');
});
