// What an attacker between client and node, or behind a careless proxy, can do to a signed request: every attempt names its answer.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { utf8 } from '../../src/protocol/bytes.ts';
import { contentDigest } from '../../src/protocol/content-digest.ts';
import { Agent, crypto } from '../sandbox.ts';
import { dumpDatabase } from './database-dump.ts';
import { HttpNode, POSTED } from './http-node.ts';
import { message, outcomeOf, RawConnection } from './raw-connection.ts';

const READ = '/api/v1/posts?sort=new';
const WRITE = '/api/v1/activities';
const ada = new Agent('ada');
let node: HttpNode;
let before: Awaited<ReturnType<typeof dumpDatabase>>;

beforeAll(async () => {
  node = await HttpNode.open();
  before = await dumpDatabase(node.context.db);
});
afterAll(async () => {
  // Reads and refusals: whatever was sent, nothing was written.
  expect(await dumpDatabase(node.context.db)).toEqual(before);
  expect(node.failures).toEqual([]);
  await node.close();
});

const host = () => `Host: ${node.context.node.authority}`;
const port = () => node.context.node.authority.split(':')[1];
const send = (text: string) => outcomeOf(node.server.address.port, text);
const signed = (method: string, path: string, body?: Uint8Array): string[] => {
  const sent = { ...POSTED, method, ...(body === undefined ? {} : { body }) };
  const fields = Object.entries(node.sign(ada, path, sent));
  return [host(), ...fields.map(([name, value]) => `${name}: ${value}`)];
};
const ok = { status: 200, connection: 'open' };

describe('the method', () => {
  test('of a signed read is the one that was signed', async () => {
    const fields = signed('GET', READ);
    expect(await send(message(`GET ${READ} HTTP/1.1`, fields))).toEqual(ok);
    const stolen = signed('GET', READ);
    expect(await send(message(`DELETE ${READ} HTTP/1.1`, stolen))).toMatchObject({ status: 403 });
    const asHead = new RawConnection(node.server.address.port).write(
      message(`HEAD ${READ} HTTP/1.1`, [...stolen, 'Connection: close']),
    );
    expect(await asHead.closed.then(() => asHead.unread)).toMatch(/^HTTP\/1\.1 403 /);
  });

  test.each(['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])(
    '%s changes nothing',
    async (name) => {
      const fields = [...signed('GET', READ), `${name}: DELETE`];
      expect(await send(message(`GET ${READ} HTTP/1.1`, fields))).toEqual(ok);
    },
  );
});

describe('the target', () => {
  test.each([
    'X-Original-URL: /healthz',
    'X-Rewrite-URL: /healthz',
    'X-Forwarded-Host: evil.example',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Prefix: /evil',
    'Forwarded: host=evil.example;proto=https',
  ])('is not taken from %s', async (field) => {
    const fields = [...signed('GET', READ), field];
    expect(await send(message(`GET ${READ} HTTP/1.1`, fields))).toEqual(ok);
  });

  test.each([
    ['escapes in another case', '/api/v1/posts?sort=%6Eew', '/api/v1/posts?sort=%6eew'],
    ['an escape where there was none', READ, '/api/v1/%70osts?sort=new'],
    ['an escape undone', '/api/v1/%70osts?sort=new', READ],
    ['an empty query', '/api/v1/posts', '/api/v1/posts?'],
    ['a parameter more', READ, `${READ}&limit=1`],
    [
      'parameters in another order',
      '/api/v1/posts?limit=1&sort=new',
      '/api/v1/posts?sort=new&limit=1',
    ],
    ['a plus for a blank', '/api/v1/posts?sort=a%20b', '/api/v1/posts?sort=a+b'],
    ['a slash at the end', '/api/v1/posts', '/api/v1/posts/'],
    ['a slash twice', '/api/v1/posts', '/api/v1//posts'],
  ])('with %s is another one', async (_, was, is) => {
    const answer = await send(message(`GET ${is} HTTP/1.1`, signed('GET', was)));
    expect(answer).toMatchObject({ status: 403, code: 'bad_signature' });
  });
});

describe('the authority', () => {
  test.each([
    'localhost:PORT',
    '127.1:PORT',
    '2130706433:PORT',
    '0x7f000001:PORT',
    '0177.0.0.1:PORT',
    '127.0.0.1.:PORT',
    '127.0.0.1:0PORT',
    '127.0.0.1',
    '[::1]:PORT',
    '[::ffff:127.0.0.1]:PORT',
    '[0:0:0:0:0:ffff:7f00:1]:PORT',
    '[::1%25lo]:PORT',
    '127.0.0.1:PORT:80',
    '127.0.0.1:PORT#',
    '127.0.0.1%3APORT',
  ])('%s is not that of the node', async (other) => {
    const fields = signed('GET', READ).slice(1);
    const text = message(`GET ${READ} HTTP/1.1`, [
      `Host: ${other.replace('PORT', `${port()}`)}`,
      ...fields,
    ]);
    expect(await send(text)).toMatchObject({ status: 421, code: 'misdirected' });
  });
});

describe('the body', () => {
  const empty = contentDigest(utf8(''), crypto);
  const json = 'Content-Type: application/json';
  const attempts: [string, number, string, () => string][] = [
    [
      'put behind a signature that covers none',
      403,
      'digest_not_covered',
      () =>
        message(
          `POST ${WRITE} HTTP/1.1`,
          [...signed('POST', WRITE), json, 'Content-Length: 2'],
          '{}',
        ),
    ],
    [
      'put there with a digest of its own',
      403,
      'digest_not_covered',
      () => {
        const digest = `Content-Digest: ${contentDigest(utf8('{}'), crypto)}`;
        const fields = [...signed('POST', WRITE), json, digest, 'Content-Length: 2'];
        return message(`POST ${WRITE} HTTP/1.1`, fields, '{}');
      },
    ],
    [
      'put in chunks behind a signature that covers none',
      403,
      'digest_not_covered',
      () => {
        const fields = [...signed('POST', WRITE), json, 'Transfer-Encoding: chunked'];
        return message(`POST ${WRITE} HTTP/1.1`, fields, '2\r\n{}\r\n0\r\n\r\n');
      },
    ],
    [
      'put behind the digest of nothing',
      400,
      'content_digest_mismatch',
      () => {
        const fields = signed('POST', WRITE, utf8(''));
        expect(fields.join('\n')).toContain(empty);
        return message(`POST ${WRITE} HTTP/1.1`, [...fields, 'Content-Length: 2'], '{}');
      },
    ],
    [
      'with a second digest in a field of its own',
      400,
      'digest_malformed',
      () => {
        const fields = signed('POST', WRITE, utf8('{}'));
        const digest = `content-digest: ${contentDigest(utf8('[]'), crypto)}`;
        return message(`POST ${WRITE} HTTP/1.1`, [digest, ...fields, 'Content-Length: 2'], '[]');
      },
    ],
    [
      'compressed on its way',
      415,
      'content_encoding_refused',
      () => {
        const fields = [...signed('POST', WRITE, utf8('{}')), 'Content-Encoding: gzip'];
        return message(`POST ${WRITE} HTTP/1.1`, [...fields, 'Content-Length: 2'], '{}');
      },
    ],
  ];
  test.each(attempts)('%s', async (_, status, code, make) => {
    expect(await send(make())).toMatchObject({ status, code });
  });

  test('of no bytes is none, however its length is written', async () => {
    const none = ['', 'Content-Length: 0', 'Content-Length: 00'];
    for (const length of none) {
      const fields = [...signed('POST', WRITE), ...(length === '' ? [] : [length])];
      const answer = await send(message(`POST ${WRITE} HTTP/1.1`, fields));
      // Past the signature: nothing is there to be submitted.
      expect(answer, length).toMatchObject({ status: 400, code: 'invalid_json' });
    }
  });

  test('ends where it is said to end: what follows is a request of its own, without the signature', async () => {
    const inner = message(`GET ${READ} HTTP/1.1`, [host()]);
    const fields = [...signed('POST', WRITE, utf8('{}')), 'Content-Length: 2'];
    const connection = new RawConnection(node.server.address.port);
    connection.write(message(`POST ${WRITE} HTTP/1.1`, fields, `{}${inner}`));
    expect((await connection.answer())?.code).toBe('unknown_context');
    expect((await connection.answer())?.code).toBe('signature_missing');
    connection.end();
  });
});
