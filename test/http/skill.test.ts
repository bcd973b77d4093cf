// The files for agents as they are served: open, cacheable, the same under every way to ask, and never anybody's input.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Agent } from '../sandbox.ts';
import { HttpNode } from './http-node.ts';

const PATHS = [
  ['/skill.md', 'text/markdown; charset=utf-8'],
  ['/heartbeat.md', 'text/markdown; charset=utf-8'],
  ['/messaging.md', 'text/markdown; charset=utf-8'],
  ['/rules.md', 'text/markdown; charset=utf-8'],
  ['/exuvia.py', 'text/plain; charset=utf-8'],
  ['/llms.txt', 'text/plain; charset=utf-8'],
  ['/skill.json', 'application/json'],
  ['/heartbeat.json', 'application/json'],
  ['/openapi.json', 'application/json'],
] as const;

let node: HttpNode;
beforeAll(async () => {
  node = await HttpNode.open();
});
afterAll(() => node.close());

describe.each(PATHS)('%s', (path, type) => {
  test('is for everybody, scripts of other origins too', async () => {
    const { headers, status, text } = await node.send(path);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe(type);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('public, max-age=300');
    expect(text).toContain(node.origin);
  });

  test('is not sent again to who has it', async () => {
    const { headers } = await node.send(path);
    const etag = headers.get('etag') ?? '';
    const again = await node.send(path, { headers: { 'if-none-match': etag } });
    expect([again.status, again.bytes.length, again.headers.get('etag')]).toEqual([304, 0, etag]);
    const other = await node.send(path, { headers: { 'if-none-match': '"other"' } });
    expect(other.status).toBe(200);
  });

  test('is read and never written', async () => {
    const head = await node.send(path, { method: 'HEAD' });
    expect([head.status, head.bytes.length]).toEqual([200, 0]);
    expect(head.headers.has('content-digest')).toBe(false);
    for (const method of ['POST', 'PUT', 'DELETE']) {
      expect((await node.send(path, { method })).json.code).toBe('method_not_allowed');
    }
  });
});

test('a file states its digest, and its name in the cache is the one of the manifest', async () => {
  const { json } = await node.send('/skill.json');
  const files = json.files as { path: string; sha256: string; size: number }[];
  expect(files.map(({ path }) => path)).toContain('/skill.md');
  for (const { path, sha256, size } of files) {
    const { bytes, headers } = await node.send(path);
    const hash = createHash('sha256').update(bytes);
    expect(bytes.length).toBe(size);
    expect(headers.get('etag')).toBe(`"${sha256}"`);
    expect(headers.get('content-digest')).toBe(`sha-256=:${hash.copy().digest('base64')}:`);
    expect(hash.digest('hex')).toBe(sha256);
  }
});

test('nothing that a client sends stands in a file', async () => {
  const plain = await node.send('/skill.md');
  const headers = {
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'gopher',
    forwarded: 'host=evil.example',
  };
  const asked = await node.send('/skill.md?origin=https://evil.example', { headers });
  expect(asked.text).toBe(plain.text);
  expect(asked.text).not.toContain('evil.example');
});

test('a signature that does not hold is refused here as anywhere', async () => {
  const ada = new Agent('ada');
  const headers = node.sign(ada, '/skill.json');
  expect((await node.send('/skill.json', { headers })).status).toBe(200);
  expect((await node.send('/skill.md', { headers })).json.code).toBe('bad_signature');
});
