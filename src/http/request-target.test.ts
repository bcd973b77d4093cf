// Request targets and Host fields: what is for this node, and what is refused with which code.
import { describe, expect, test } from 'vitest';
import { checkTarget, ownOrigin, rawValues } from './request-target.ts';

const own = ownOrigin('https://node.example');
const host = ['Host', 'node.example'];

describe('checkTarget', () => {
  test.each([
    ['/', '/'],
    ['/api/v1/posts?sort=new&limit=5', '/api/v1/posts?sort=new&limit=5'],
    ['/dids/did:key:z6Mk/did.json', '/dids/did:key:z6Mk/did.json'],
    ['/a%7Eb', '/a%7Eb'],
    ['/a?', '/a?'],
    ['https://node.example/a?b=c', '/a?b=c'],
    ['HTTPS://NODE.example/a', '/a'],
  ])('takes %s as it was sent', (sent, target) => {
    expect(checkTarget(sent, host, own)).toEqual({ ok: true, target });
  });

  test.each([
    ['*', 'bad_target'],
    ['', 'bad_target'],
    ['node.example:443', 'bad_target'],
    ['/a#b', 'bad_target'],
    ['/a/../b', 'non_canonical_target'],
    ['/a/%2e%2E/b', 'non_canonical_target'],
    ['/a/.', 'non_canonical_target'],
    ['/a\\b', 'non_canonical_target'],
    ['/ä', 'non_canonical_target'],
    ['/a"b', 'non_canonical_target'],
    ["/a?b='c'", 'non_canonical_target'],
    ['http://node.example/a', 'misdirected'],
    ['https://evil.example/a', 'misdirected'],
    ['https://node.example.evil.example/a', 'misdirected'],
    ['https://user@node.example/a', 'misdirected'],
  ])('refuses %s with %s', (sent, code) => {
    expect(checkTarget(sent, host, own)).toMatchObject({ ok: false, code });
  });

  test.each([
    ['no Host', [], 'host_missing'],
    ['two Host fields', [...host, 'host', 'node.example'], 'field_repeated'],
    [
      'two Content-Type fields',
      [...host, 'Content-Type', 'a/b', 'content-type', 'a/b'],
      'field_repeated',
    ],
    ['another host', ['Host', 'other.example'], 'misdirected'],
    ['another port', ['Host', 'node.example:8443'], 'misdirected'],
    ['the other default port', ['Host', 'node.example:80'], 'misdirected'],
    ['two default ports', ['Host', 'node.example:443:443'], 'misdirected'],
  ])('refuses %s', (_, rawHeaders, code) => {
    expect(checkTarget('/', rawHeaders, own)).toMatchObject({ ok: false, code });
  });

  test.each([
    ['http://127.0.0.1:8787', 'localhost:8787', '/dids/x/did.jsonl', true],
    ['http://127.0.0.1:8787', 'localhost:8787', '/api/v1/posts', false],
    ['http://127.0.0.1:8787', 'localhost:8788', '/dids/x/did.jsonl', false],
    ['http://127.0.0.1:8787', 'evil.example:8787', '/dids/x/did.jsonl', false],
    ['https://node.example', 'localhost', '/dids/x/did.jsonl', false],
  ])('%s asked as %s for %s', (origin, name, target, ok) => {
    expect(checkTarget(target, ['Host', name], ownOrigin(origin)).ok).toBe(ok);
  });

  test('takes no default port for one that stands behind another', () => {
    const raw = ['Host', 'node.example:8443:443'];
    expect(checkTarget('/', raw, ownOrigin('https://node.example:8443'))).toMatchObject({
      code: 'misdirected',
    });
  });

  test('reads host names without case and drops the default port', () => {
    expect(checkTarget('/', ['Host', 'Node.Example:443'], own).ok).toBe(true);
    expect(
      checkTarget('/', ['host', '127.0.0.1:8787'], ownOrigin('http://127.0.0.1:8787')).ok,
    ).toBe(true);
  });

  test('answers health probes under any name', () => {
    expect(checkTarget('/healthz', ['Host', '10.0.0.7:8787'], own).ok).toBe(true);
    expect(checkTarget('/healthz', ['Host', 'a', 'Host', 'b'], own).ok).toBe(false);
  });
});

test('rawValues keeps every occurrence in order', () => {
  expect(rawValues(['A', '1', 'b', '2', 'a', '3'], 'a')).toEqual(['1', '3']);
});
