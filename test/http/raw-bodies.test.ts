// Signed writes byte by byte: lengths, chunks, trailers, expectations, and several requests on one connection.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ObjectName } from '../../src/protocol/object-name.ts';
import { Agent } from '../sandbox.ts';
import { post } from '../town.ts';
import { dumpDatabase } from './database-dump.ts';
import { HttpNode, POSTED } from './http-node.ts';
import { message, outcomeOf, RawConnection } from './raw-connection.ts';

const PATH = '/api/v1/activities';
const ada = new Agent('ada');
let node: HttpNode;
let submolt: ObjectName;
let titles = 0;

beforeAll(async () => {
  node = await HttpNode.open();
  const object = { type: 'Group', preferredUsername: 'tides', name: 'tides' } as const;
  submolt = await node.accept(ada, { type: 'Create', target: node.context.node.did, object });
});
afterAll(async () => {
  expect(node.failures).toEqual([]);
  await node.close();
});

type Framing = (content: string) => {
  readonly fields: readonly string[];
  readonly content: string;
};

const byLength: Framing = (content) => ({
  fields: [`Content-Length: ${content.length}`],
  content,
});
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
const inChunks =
  (frame: (content: string) => string): Framing =>
  (content) => ({ fields: ['Transfer-Encoding: chunked'], content: frame(content) });

/** A write of a new post, signed by its author, framed as told. */
async function write(framing: Framing = byLength, ...more: string[]): Promise<string> {
  const { bytes } = await ada.sign(post(submolt, `post ${titles++}`), node.clock.now);
  const signed = node.sign(ada, PATH, { ...POSTED, body: bytes });
  const { fields, content } = framing(Buffer.from(bytes).toString('latin1'));
  const own = Object.entries(signed).map(([name, value]) => `${name}: ${value}`);
  const host = `Host: ${node.context.node.authority}`;
  return message(`POST ${PATH} HTTP/1.1`, [host, ...own, ...fields, ...more], content);
}

const get = (path: string, ...fields: string[]) =>
  message(`GET ${path} HTTP/1.1`, [`Host: ${node.context.node.authority}`, ...fields]);
const unsignedWrite = () =>
  message(
    `POST ${PATH} HTTP/1.1`,
    [`Host: ${node.context.node.authority}`, 'Content-Type: application/json', 'Content-Length: 2'],
    '{}',
  );
const unsignedChunks = () =>
  unsignedWrite()
    .replace('Content-Length: 2', 'Transfer-Encoding: chunked')
    .replace('{}', `${chunk('{}')}0\r\n\r\n`);
const oddlyFramed = () => unsignedWrite().replace('Content-Length: 2', 'Content-Length: 02');
const connect = () => new RawConnection(node.server.address.port);
const send = (text: string) => outcomeOf(node.server.address.port, text);

async function countEntries(): Promise<number> {
  const sql = 'SELECT count(*) FROM entries';
  const [[row] = []] = await node.context.db.batch('read', [{ sql, args: [] }]);
  return Number(row?.[0]);
}

describe('a signed write is accepted', () => {
  test.each<[string, () => Promise<string>]>([
    ['by its length', () => write()],
    ['in one chunk', () => write(inChunks((text) => `${chunk(text)}0\r\n\r\n`))],
    ['byte by byte', () => write(inChunks((text) => `${[...text].map(chunk).join('')}0\r\n\r\n`))],
    [
      'with extensions of chunks',
      () => write(inChunks((text) => `${chunk(text).replace('\r', ';a="b"\r')}0;c\r\n\r\n`)),
    ],
    [
      'whatever its trailers say',
      () => {
        const trailers = 'Content-Digest: sha-256=:AAAA:\r\nSignature: x\r\nHost: evil.example\r\n';
        return write(inChunks((text) => `${chunk(text)}0\r\n${trailers}\r\n`));
      },
    ],
    [
      'with field names in any case',
      async () => (await write()).replace(/^[\w-]+:/gm, (name) => name.toUpperCase()),
    ],
    [
      'and no other protocol is spoken',
      () => write(byLength, 'Connection: upgrade', 'Upgrade: h2c'),
    ],
    ['for an absolute URI', async () => (await write()).replace(PATH, node.origin + PATH)],
    ['with an expectation nobody knows', () => write(byLength, 'Expect: coffee')],
  ])('%s', async (_, make) => {
    const before = await countEntries();
    expect(await send(await make())).toEqual({ status: 201, connection: 'open' });
    expect(await countEntries()).toBe(before + 1);
  });
});

describe('a signed write leaves no trace', () => {
  const ended = '0\r\n\r\n';
  type Row = [string, number, string, () => Promise<string>];
  test.each<Row>([
    [
      'when its chunks hold other bytes',
      400,
      'content_digest_mismatch',
      () => write(inChunks((text) => chunk(text.replace('post', 'lost')) + ended)),
    ],
    [
      'when a chunk more than was signed comes',
      400,
      'content_digest_mismatch',
      () => write(inChunks((text) => chunk(text) + chunk(' ') + ended)),
    ],
    [
      'when its chunks end early',
      400,
      'content_digest_mismatch',
      () => write(inChunks((text) => chunk(text.slice(0, -1)) + ended)),
    ],
    [
      'when there are no chunks',
      400,
      'content_digest_mismatch',
      () => write(inChunks(() => ended)),
    ],
    [
      'when its length is too small',
      400,
      'content_digest_mismatch',
      () => write((content) => ({ fields: [`Content-Length: ${content.length - 3}`], content })),
    ],
    [
      'when its length is nothing',
      400,
      'content_digest_mismatch',
      () => write(() => ({ fields: ['Content-Length: 0'], content: '' })),
    ],
    [
      'when its digest is in a trailer',
      403,
      'missing_component',
      async () => {
        const text = await write(inChunks((content) => `${chunk(content)}0\r\nDIGEST\r\n\r\n`));
        const digest = /^content-digest: .*$/m.exec(text)?.[0] ?? '';
        return text.replace(`${digest}\r\n`, '').replace('DIGEST', digest);
      },
    ],
    [
      'when a size is no number',
      400,
      'malformed_http',
      () => write(inChunks((text) => `zz\r\n${text}`)),
    ],
    ['when a size is empty', 400, 'malformed_http', () => write(inChunks((text) => `\r\n${text}`))],
    [
      'when a size is negative',
      400,
      'malformed_http',
      () => write(inChunks((text) => `-1\r\n${text}`)),
    ],
    [
      'when a size is over 2^64',
      400,
      'malformed_http',
      () => write(inChunks((text) => `1${'0'.repeat(16)}\r\n${text}`)),
    ],
    [
      'when a chunk is longer than its size',
      400,
      'malformed_http',
      () => write(inChunks((text) => chunk(text).replace('\r\n', '\r\nx') + ended)),
    ],
    [
      'when a size ends with LF alone',
      400,
      'malformed_http',
      () => write(inChunks((text) => chunk(text).replace('\r\n', '\n') + ended)),
    ],
    [
      'when the extension of a chunk has no end',
      400,
      'malformed_http',
      () => write(inChunks((text) => `${text.length.toString(16)};${'a'.repeat(20_000)}`)),
    ],
    [
      'when its trailers have no end',
      431,
      'header_too_large',
      () => write(inChunks((text) => `${chunk(text)}0\r\nX-A: ${'a'.repeat(20_000)}`)),
    ],
    [
      'when it is over the cap and does not say so',
      413,
      'too_large',
      () => write(inChunks((text) => chunk(text) + chunk('x'.repeat(262_144)))),
    ],
  ])('%s', async (_, status, code, make) => {
    const before = await dumpDatabase(node.context.db);
    expect(await send(await make())).toMatchObject({ status, code });
    expect(await dumpDatabase(node.context.db)).toEqual(before);
  });

  test('when the sender goes away inside the body', async () => {
    const before = await dumpDatabase(node.context.db);
    const connection = connect().write((await write()).slice(0, -10));
    connection.socket.end();
    expect((await connection.answer())?.code).toBe('malformed_http');
    await connection.closed;
    expect(await dumpDatabase(node.context.db)).toEqual(before);
  });
});

describe('100 Continue', () => {
  const parts = async () => {
    const [head = '', body = ''] = (await write(byLength, 'Expect: 100-Continue')).split(
      '\r\n\r\n',
    );
    return { head: `${head}\r\n\r\n`, body };
  };

  test('is said when the signature holds, and not before', async () => {
    const { head, body } = await parts();
    const connection = connect().write(head);
    expect((await connection.answer())?.status).toBe(100);
    expect((await connection.write(body).answer())?.status).toBe(201);
    connection.end();
  });

  test('is not said to a signature that does not hold', async () => {
    const { head } = await parts();
    const connection = connect().write(head.replace('nonce="', 'nonce="x'));
    expect(await connection.answer()).toMatchObject({ status: 403, code: 'bad_signature' });
    await connection.closed;
    expect(connection.unread).toBe('');
  });

  test('is not said in HTTP/1.0', async () => {
    const { head, body } = await parts();
    const connection = connect().write(head.replace('HTTP/1.1', 'HTTP/1.0') + body);
    expect((await connection.answer())?.status).toBe(201);
    connection.end();
  });
});

describe('several requests on one connection', () => {
  async function codes(text: string): Promise<(number | string)[]> {
    const connection = connect().write(text);
    const seen = [];
    for (let answer = await connection.answer(); answer; answer = await connection.answer()) {
      seen.push(answer.code ?? answer.status);
    }
    expect(connection.unread).toBe('');
    return seen;
  }

  test('are answered in their order, each judged by its own signature', async () => {
    const before = await countEntries();
    const forged = (await write()).replace('nonce="', 'nonce="x');
    const last = get('/healthz', 'Connection: close');
    const texts = [await write(), get('/api/v1/posts'), get('/healthz'), await write(), last];
    expect(await codes(texts.join(''))).toEqual([201, 'signature_missing', 200, 201, 200]);
    // The body of the forged one is not read, and has come already: the next request begins behind it.
    const around = [await write(), forged, await write(), last];
    expect(await codes(around.join(''))).toEqual([201, 'bad_signature', 201, 200]);
    expect(await countEntries()).toBe(before + 4);
  });

  test.each<[string, () => string, string]>([
    ['a refused body in chunks', unsignedChunks, 'signature_missing'],
    ['a refused body that is framed oddly', oddlyFramed, 'signature_missing'],
    ['a request for another host', () => message('GET / HTTP/1.1', ['Host: a']), 'misdirected'],
    ['a tunnel', () => message('CONNECT a:443 HTTP/1.1', []), 'bad_target'],
    ['what cannot be read', () => 'HELLO\r\n\r\n', 'malformed_http'],
  ])('nothing is done that comes behind %s', async (_, first, code) => {
    const before = await dumpDatabase(node.context.db);
    expect(await codes(first() + (await write()))).toEqual([code]);
    expect(await dumpDatabase(node.context.db)).toEqual(before);
  });

  test.each<[string, () => string, string]>([
    ['what cannot be read', () => 'HELLO\r\n\r\n', 'malformed_http'],
    ['a field section without end', () => `GET /${'x'.repeat(20_000)}`, 'header_too_large'],
    [
      'a broken body',
      () => unsignedWrite().replace('Content-Length: 2', 'Content-Length: 2, 2'),
      'malformed_http',
    ],
    ['a tunnel', () => message('CONNECT a:443 HTTP/1.1', []), 'bad_target'],
  ])('a write is answered as it deserves when %s comes behind it', async (_, second, code) => {
    const before = await countEntries();
    const texts = [await write(), await write(), second(), await write()];
    expect(await codes(texts.join(''))).toEqual([201, 201, code]);
    expect(await countEntries()).toBe(before + 2);
  });

  test('a refusal reaches a sender whose body breaks afterwards', async () => {
    const head = unsignedWrite().replace('Content-Length: 2', 'Transfer-Encoding: chunked');
    const connection = connect().write(head.slice(0, -2));
    expect((await connection.answer())?.code).toBe('signature_missing');
    connection.write(`zz\r\n${await write()}`);
    expect(await connection.answer()).toBeNull();
  });

  test('a write that ends its connection is answered, and nothing behind it', async () => {
    const before = await countEntries();
    const texts = [await write(byLength, 'Connection: close'), await write()];
    expect(await codes(texts.join(''))).toEqual([201]);
    expect(await countEntries()).toBe(before + 1);
  });

  test('whoever sends very many ahead is cut off', async () => {
    expect(
      (await codes(get('/healthz').repeat(32) + get('/', 'Connection: close'))).length,
    ).toBeLessThan(3);
    const last = get('/healthz', 'Connection: close');
    expect(await codes(get('/healthz').repeat(31) + last)).toHaveLength(32);
  });
});
