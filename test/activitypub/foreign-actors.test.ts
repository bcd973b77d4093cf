// Actors of other servers that are not what they should be: what is asked of them, and what is made of their answers.
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/protocol/json.ts';
import { group } from '../drafts.ts';
import { HttpNode } from '../http/http-node.ts';
import { Agent } from '../sandbox.ts';
import { ForeignSite } from './foreign-site.ts';

const ada = new Agent('ada of foreign actors');
let node: HttpNode;
let site: ForeignSite;
let url: string;
let n = 0;

beforeAll(async () => {
  node = await HttpNode.open({ activitypub: true, name: 'foreign actors' });
  site = await ForeignSite.open();
  await node.accept(ada, group('tides', node.context.node.did));
  url = `${node.origin}/c/tides`;
});
afterAll(async () => {
  await node.close();
  await site.close();
});
beforeEach(() => {
  site.intercept = () => false;
  site.asked.length = 0;
});

/** Nobody else has this name: no document of it is in memory. */
const someone = () => `u${n++}`;

describe('actors that are not what they should be', () => {
  const cases: [string, (name: string) => JsonObject][] = [
    ['another id', (name) => site.document(name, { id: site.actor('other') })],
    ['an inbox elsewhere', (name) => site.document(name, { inbox: 'http://127.0.0.1:9/inbox' })],
    ['no inbox', (name) => site.document(name, { inbox: null })],
    ['no actor', (name) => site.document(name, { type: 'Note' })],
    [
      'a key of somebody else',
      (name) => {
        const key = site.document(name).publicKey as JsonObject;
        return site.document(name, { publicKey: { ...key, owner: site.actor('other') } });
      },
    ],
    [
      'a key that is none',
      (name) => {
        const key = site.document(name).publicKey as JsonObject;
        return site.document(name, { publicKey: { ...key, publicKeyPem: 'nonsense' } });
      },
    ],
    [
      'a short key',
      (name) => {
        const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
        const publicKeyPem = String(publicKey.export({ type: 'spki', format: 'pem' }));
        const key = site.document(name).publicKey as JsonObject;
        return site.document(name, { publicKey: { ...key, publicKeyPem } });
      },
    ],
  ];
  test.each(cases)('%s', async (_, document) => {
    const name = someone();
    site.intercept = (request, response) => {
      if (request.method !== 'GET') return false;
      site.show(response, document(name));
      return true;
    };
    expect((await site.post(node, site.follow(url, name))).status).toBe(401);
  });

  const answers: [string, number, Record<string, string>, string][] = [
    ['a page', 200, { 'content-type': 'text/html' }, '{}'],
    ['plain JSON, as uploads are', 200, { 'content-type': 'application/json' }, '{}'],
    ['a redirect', 302, { location: 'http://127.0.0.1:9/' }, ''],
    ['too much', 200, { 'content-type': 'application/activity+json' }, `"${'x'.repeat(200_000)}"`],
    ['a compressed answer', 200, { 'content-encoding': 'gzip' }, 'x'],
    ['403', 403, {}, ''],
    ['404', 404, {}, ''],
  ];
  test.each(answers)('%s', async (_, status, headers, body) => {
    site.intercept = (request, response) => {
      if (request.method === 'GET') response.writeHead(status, headers).end(body);
      return request.method === 'GET';
    };
    const answer = await site.post(node, site.follow(url, someone()));
    expect(answer.status).toBe(401);
  });

  test('a host that is down is to come again later', async () => {
    site.intercept = (request, response) => {
      if (request.method === 'GET') response.writeHead(503).end();
      return request.method === 'GET';
    };
    const answer = await site.post(node, site.follow(url, someone()));
    expect(answer.json).toMatchObject({ status: 503, code: 'actor_unreachable' });
  });

  test.each([
    'http://169.254.169.254/latest',
    'http://192.168.1.1/u',
    'https://localhost.example/u',
    'file:///etc/passwd',
    'http://127.0.0.1:1/u#x',
    'http://user:pass@127.0.0.1/u',
    'https://[::ffff:127.0.0.1]/u',
    'javascript:alert(1)',
  ])('%s is asked nothing', async (actor) => {
    const follow = { ...site.follow(url), actor, id: `${actor}/follow` };
    const { status } = await site.post(node, follow, { keyId: `${actor}#main-key` });
    expect([400, 401, 503]).toContain(status);
    expect(site.asked).toEqual([]);
  });

  test('a key that was replaced is asked for anew', async () => {
    const name = someone();
    const fresh = generateKeyPairSync('rsa', { modulusLength: 2048 });
    expect((await site.post(node, site.follow(url, name))).status).toBe(202);
    site.intercept = (request, response) => {
      if (request.method !== 'GET') return false;
      const key = site.document(name).publicKey as JsonObject;
      const publicKeyPem = String(fresh.publicKey.export({ type: 'spki', format: 'pem' }));
      site.show(response, site.document(name, { publicKey: { ...key, publicKeyPem } }));
      return true;
    };
    const twist = { key: fresh.privateKey, now: node.clock.now + 1_000 };
    node.clock.now += 61_000;
    expect((await site.post(node, site.follow(url, name, 2), twist)).status).toBe(202);
  });

  test('asking is signed by the group, for hosts that answer nobody else', async () => {
    let signature = '';
    site.intercept = (request) => {
      if (request.method === 'GET') signature = String(request.headers.signature);
      return false;
    };
    await site.post(node, site.follow(url, someone()));
    expect(signature).toContain(`keyId="${url}#rsa-`);
  });
});
