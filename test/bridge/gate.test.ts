// Who gets nothing from a bridge: pages, other names of this machine, tokens that are none.
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HttpNode } from '../http/http-node.ts';
import { type Bridged, openBridge, type Sent } from './bridged.ts';

const FRIEND = 'http://localhost:3000';
let node: HttpNode;
let bridge: Bridged;
let token: string;

beforeAll(async () => {
  node = await HttpNode.open();
  bridge = await openBridge(node, { origins: [FRIEND], most: 2 });
  ({ token } = await bridge.register('Ada'));
});
afterAll(async () => {
  await bridge.close();
  await node.close();
});

const registration = { body: { name: 'intruder' } };
const codeOf = async (method: string, path: string, sent: Sent) =>
  (await bridge.ask(method, path, sent)).json.code;

describe('a page', () => {
  test.each([
    ['of another origin', { origin: 'https://evil.example' }],
    ['without an origin', { origin: 'null' }],
    ['of the name of this machine', { origin: 'http://localhost:8080' }],
    ['that fetches without CORS', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
    ['of the same site', { 'sec-fetch-site': 'same-site' }],
    ['that has taken its own name to this machine', { 'sec-fetch-site': 'same-origin' }],
  ])('%s reads, writes and registers nothing', async (_, headers) => {
    for (const [method, path, sent] of [
      ['GET', '/api/v1/agents/me', { token }],
      ['POST', '/api/v1/agents/register', registration],
      ['POST', '/agents/register', registration],
      ['OPTIONS', '/api/v1/agents/register', {}],
    ] as const) {
      const answer = await bridge.ask(method, path, { ...sent, headers });
      expect({ status: answer.status, code: answer.json.code }).toEqual({
        status: 403,
        code: 'FOREIGN_PAGE',
      });
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    }
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', ''])(
    'cannot send a body as %j, which needs no leave',
    async (type) => {
      const body = JSON.stringify({ name: 'intruder' });
      const sent = { body, headers: { 'content-type': type } };
      expect(await codeOf('POST', '/api/v1/agents/register', sent)).toBe('BAD_REQUEST');
    },
  );

  test('that the user lets in needs a token all the same', async () => {
    const headers = { origin: FRIEND, 'sec-fetch-site': 'same-site' };
    const leave = await bridge.ask('OPTIONS', '/posts', { headers });
    expect(leave.status).toBe(204);
    expect(leave.headers['access-control-allow-origin']).toBe(FRIEND);
    const read = await bridge.ask('GET', '/agents/me', { token, headers });
    expect(read.status).toBe(200);
    expect(read.headers['access-control-allow-origin']).toBe(FRIEND);
    expect(await codeOf('GET', '/agents/me', { headers })).toBe('UNAUTHORIZED');
  });
});

describe('a name of this machine', () => {
  test.each(['evil.example', '127.0.0.1', 'localhost:1', 'evil.example:80', '0.0.0.0'])(
    'that is %j is none of the bridge',
    async (host) => {
      const answer = await bridge.ask('GET', '/api/v1/agents/me', { token, headers: { host } });
      expect({ status: answer.status, code: answer.json.code }).toEqual({
        status: 421,
        code: 'FOREIGN_HOST',
      });
    },
  );

  test.each(['localhost', 'LOCALHOST', '[::1]', '127.0.0.1'])('may be %s', async (name) => {
    const headers = { host: `${name}:${bridge.port}` };
    expect((await bridge.ask('GET', '/agents/me', { token, headers })).status).toBe(200);
  });

  /** Sends the bytes as they are; gives the status. */
  const raw = (text: string) =>
    new Promise<number>((resolve, reject) => {
      const socket = connect(bridge.port, '127.0.0.1', () => socket.write(text));
      let said = '';
      socket.on('data', (chunk) => {
        said += chunk;
      });
      socket.once('close', () => resolve(Number(said.split(' ')[1])));
      socket.once('error', reject);
    });

  test('is said once, and the target is a path', async () => {
    const own = `127.0.0.1:${bridge.port}`;
    const auth = `Authorization: Bearer ${token}\r\nConnection: close\r\n\r\n`;
    const two = `GET /agents/me HTTP/1.1\r\nHost: ${own}\r\nHost: evil.example\r\n${auth}`;
    expect([400, 421]).toContain(await raw(two));
    const absolute = `GET http://evil.example/agents/me HTTP/1.1\r\nHost: ${own}\r\n${auth}`;
    expect(await raw(absolute)).toBe(400);
    expect(await raw(`GET //agents/me HTTP/1.1\r\nHost: ${own}\r\n${auth}`)).toBe(400);
    expect([400, 421]).toContain(await raw(`GET /agents/me HTTP/1.0\r\n${auth}`));
    expect(await raw(`GET /agents/me HTTP/1.1\r\nHost: ${own}\r\n${auth}`)).toBe(200);
  });
});

describe('a token', () => {
  test.each([
    ['none', undefined],
    ['another', `moltbook_${'0'.repeat(64)}`],
    ['a part of it', 'moltbook_'],
    ['one of Moltbook', 'moltbook_abcdefghijklmnopqrstuvwxyz0123456789'],
  ])('that is %s opens nothing', async (_, wrong) => {
    for (const path of ['/agents/me', '/api/v1/feed', '/api/v1/nothing']) {
      const sent = wrong === undefined ? {} : { token: wrong };
      expect(await codeOf('GET', path, sent)).toBe('UNAUTHORIZED');
    }
  });

  test('is not given twice by two fields', async () => {
    const own = `Host: 127.0.0.1:${bridge.port}\r\nConnection: close\r\n`;
    const fields = [`Bearer ${token}`, 'Bearer x'].map((value) => `Authorization: ${value}\r\n`);
    const socket = connect(bridge.port, '127.0.0.1', () =>
      socket.write(`GET /agents/me HTTP/1.1\r\n${own}${fields.join('')}\r\n`),
    );
    const said = Buffer.concat((await socket.toArray()) as Buffer[]).toString();
    expect(said).toMatch(/^HTTP\/1\.1 40[01] /);
  });
});

describe('registration', () => {
  test('of a name that is used already gives nobody its token', async () => {
    await bridge.ask('GET', '/agents/me', { token });
    const again = { body: { name: 'Ada', description: 'An agent of a test.' } };
    for (const sent of [again, { body: { name: 'ADA', description: 'An agent of a test.' } }]) {
      const answer = await bridge.ask('POST', '/agents/register', sent);
      expect(answer.status).toBe(409);
      expect(JSON.stringify(answer.json)).not.toContain(token);
    }
  });

  test('has an end', async () => {
    await bridge.register('Bede');
    const third = await bridge.ask('POST', '/agents/register', { body: { name: 'Cyn' } });
    expect({ status: third.status, code: third.json.code }).toEqual({
      status: 403,
      code: 'FORBIDDEN',
    });
  });

  test.each(['../../x', 'a', 'x'.repeat(33), 'a/b', 'a b', '', 7, null])(
    'of %j is refused',
    async (name) => {
      const answer = await bridge.ask('POST', '/agents/register', { body: { name } });
      expect(answer.status).toBe(400);
    },
  );
});

test('a body without end is cut off', async () => {
  const body = JSON.stringify({ submolt: 'x', title: 'x', content: 'x'.repeat(400_000) });
  const answer = await bridge.ask('POST', '/posts', { token, body });
  expect(answer.status).toBe(413);
  expect((await bridge.ask('GET', '/agents/me', { token })).status).toBe(200);
});
