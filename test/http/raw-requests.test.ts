// Requests written byte by byte: targets, Host, field syntax and framing, each with its answer and what becomes of the connection.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dumpDatabase } from './database-dump.ts';
import { HttpNode } from './http-node.ts';
import { message, outcomeOf, RawConnection } from './raw-connection.ts';

let node: HttpNode;
let before: Awaited<ReturnType<typeof dumpDatabase>>;

beforeAll(async () => {
  node = await HttpNode.open();
});
afterAll(() => node.close());
beforeEach(async () => {
  before = await dumpDatabase(node.context.db);
});
afterEach(async () => {
  expect(await dumpDatabase(node.context.db)).toEqual(before);
  expect(node.failures).toEqual([]);
});

/** The node has a free port, so its address is written `NODE` in the tables. */
const here = (text: string) => text.replaceAll('NODE', node.context.node.authority);
const send = (text: string) => outcomeOf(node.server.address.port, here(text));
const HOST = 'Host: NODE';
const PATH = '/api/v1/activities';

type Row = [title: string, text: string, status: number, code: string, connection: string];
const CLOSED = 'closed';
const OPEN = 'open';

describe('a request line', () => {
  const get = (target: string) => message(`GET ${target} HTTP/1.1`, [HOST]);
  test.each<Row>([
    ['a foreign absolute URI', get('http://evil.example/healthz'), 421, 'misdirected', CLOSED],
    ['the other scheme', get('https://NODE/healthz'), 421, 'misdirected', CLOSED],
    ['userinfo', get('http://u@NODE/healthz'), 421, 'misdirected', CLOSED],
    ['an absolute URI without a path', get('http://NODE'), 421, 'misdirected', CLOSED],
    ['a longer host', get('http://NODE.evil.example/'), 421, 'misdirected', CLOSED],
    ['an authority', get('NODE'), 400, 'malformed_http', CLOSED],
    ['an asterisk', message('OPTIONS * HTTP/1.1', [HOST]), 400, 'bad_target', CLOSED],
    ['a tunnel', message('CONNECT NODE HTTP/1.1', [HOST]), 400, 'bad_target', CLOSED],
    ['no slash at its start', get('healthz'), 400, 'malformed_http', CLOSED],
    ['a query alone', get('?a=b'), 400, 'malformed_http', CLOSED],
    ['a fragment', get('/healthz#a'), 400, 'bad_target', CLOSED],
    ['an empty fragment', get('/healthz#'), 400, 'bad_target', CLOSED],
    ['dot segments', get('/a/../api/v1/posts'), 400, 'non_canonical_target', CLOSED],
    ['a single dot', get('/./api/v1/posts'), 400, 'non_canonical_target', CLOSED],
    ['encoded dots', get('/a/%2e%2E/api/v1/posts'), 400, 'non_canonical_target', CLOSED],
    ['half-encoded dots', get('/a/.%2e/api/v1/posts'), 400, 'non_canonical_target', CLOSED],
    ['a backslash', get('/api\\v1/posts'), 400, 'non_canonical_target', CLOSED],
    ['a quote', get('/api/v1/"posts"'), 400, 'non_canonical_target', CLOSED],
    [
      'dots in an absolute URI',
      get('http://NODE/a/../healthz'),
      400,
      'non_canonical_target',
      CLOSED,
    ],
    ['raw UTF-8', get('/\xc3\xa4'), 400, 'malformed_http', CLOSED],
    ['NUL', get('/a\0b'), 400, 'malformed_http', CLOSED],
    ['a control byte', get('/a\x01b'), 400, 'malformed_http', CLOSED],
    ['DEL', get('/a\x7fb'), 400, 'malformed_http', CLOSED],
    ['a tab', get('/a\tb'), 400, 'malformed_http', CLOSED],
    ['a blank', get('/a b'), 400, 'malformed_http', CLOSED],
    ['17 KB', get(`/?${'x'.repeat(17_000)}`), 431, 'header_too_large', CLOSED],
    [
      'a lower-case method',
      message('get /healthz HTTP/1.1', [HOST]),
      400,
      'malformed_http',
      CLOSED,
    ],
    ['an unknown method', message('BREW /healthz HTTP/1.1', [HOST]), 400, 'malformed_http', CLOSED],
    [
      'a method not meant here',
      message('PROPFIND /healthz HTTP/1.1', [HOST]),
      405,
      'method_not_allowed',
      OPEN,
    ],
    ['HTTP/0.9', 'GET /healthz\r\n\r\n', 400, 'malformed_http', CLOSED],
    ['HTTP/2.0', message('GET /healthz HTTP/2.0', [HOST]), 400, 'malformed_http', CLOSED],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'malformed_http', CLOSED],
    // These are canonical: they are routed as they stand, and what is closed stays closed.
    ['an encoded letter', get('/%61pi/v1/posts'), 403, 'signature_missing', OPEN],
    ['a broken escape', get('/api/v1/%zz'), 403, 'signature_missing', OPEN],
    ['an encoded slash', get('/api%2fv1/posts'), 404, 'not_found', OPEN],
    ['an encoded slash further on', get('/api/v1%2Fposts'), 404, 'not_found', OPEN],
    ['a double escape', get('/%2561pi/v1/posts'), 404, 'not_found', OPEN],
    ['a double slash', get('//api/v1/posts'), 404, 'not_found', OPEN],
    ['a double slash and a host', get('//evil.example/healthz'), 404, 'not_found', OPEN],
    ['a closed path with a double slash', get('/api/v1//posts'), 403, 'signature_missing', OPEN],
  ])('with %s', async (_, text, status, code, connection) => {
    expect(await send(text)).toEqual({ status, code, connection });
  });

  test.each([
    ['its own absolute URI', 'GET http://NODE/healthz HTTP/1.1'],
    ['its own absolute URI in capitals', 'GET HTTP://NODE/healthz HTTP/1.1'],
  ])('with %s is for this node', async (_, first) => {
    expect(await send(message(first, [HOST]))).toMatchObject({ status: 200, connection: OPEN });
  });

  test.each(['GET /healthz HTTP/1.0', 'GET /readyz HTTP/1.0'])(
    '%s without Host is a probe',
    async (first) => {
      expect(await send(message(first, []))).toMatchObject({ status: 200, connection: CLOSED });
    },
  );
});

describe('the Host field', () => {
  const get = (...fields: string[]) => message('GET /api/v1/posts HTTP/1.1', fields);
  test.each<Row>([
    ['is missing', get(), 400, 'host_missing', CLOSED],
    ['is missing in HTTP/1.0', message('GET / HTTP/1.0', []), 400, 'host_missing', CLOSED],
    [
      'is missing beside an absolute URI',
      message('GET http://NODE/ HTTP/1.1', []),
      400,
      'host_missing',
      CLOSED,
    ],
    ['is there twice', get(HOST, HOST), 400, 'field_repeated', CLOSED],
    [
      'is there twice, the other one first',
      get('Host: evil.example', HOST),
      400,
      'field_repeated',
      CLOSED,
    ],
    [
      'is there twice in other spelling',
      get(HOST, 'hOST: evil.example'),
      400,
      'field_repeated',
      CLOSED,
    ],
    ['is a list', get('Host: NODE, evil.example'), 421, 'misdirected', CLOSED],
    ['names another host', get('Host: evil.example'), 421, 'misdirected', CLOSED],
    ['is empty', get('Host:'), 421, 'misdirected', CLOSED],
    ['has userinfo', get('Host: u@NODE'), 421, 'misdirected', CLOSED],
    ['has a path', get('Host: NODE/x'), 421, 'misdirected', CLOSED],
    ['has no port', get('Host: 127.0.0.1'), 421, 'misdirected', CLOSED],
    ['ends in a dot', get('Host: NODE.'), 421, 'misdirected', CLOSED],
    [
      'is right and X-Forwarded-Host lies',
      get(HOST, 'X-Forwarded-Host: evil.example'),
      403,
      'signature_missing',
      OPEN,
    ],
  ])('%s', async (_, text, status, code, connection) => {
    expect(await send(text)).toEqual({ status, code, connection });
  });
});

describe('the field section', () => {
  const get = (...fields: string[]) => message('GET /healthz HTTP/1.1', [HOST, ...fields]);
  const ok = [200, undefined] as unknown as [number, string];
  test.each<Row>([
    ['folds a line', get('X-A: b\r\n c'), 400, 'malformed_http', CLOSED],
    [
      'begins with a folded line',
      message('GET /healthz HTTP/1.1', [' X-A: b', HOST]),
      400,
      'malformed_http',
      CLOSED,
    ],
    [
      'ends lines with LF alone',
      `GET /healthz HTTP/1.1\n${HOST}\n\n`,
      400,
      'malformed_http',
      CLOSED,
    ],
    ['ends one line with LF alone', get('X-A: b\nX-B: c'), 400, 'malformed_http', CLOSED],
    ['ends with LF alone', `GET /healthz HTTP/1.1\r\n${HOST}\r\n\n`, 400, 'malformed_http', CLOSED],
    ['has CR alone in a value', get('X-A: b\rX-B: c'), 400, 'malformed_http', CLOSED],
    ['has NUL in a value', get('X-A: b\0c'), 400, 'malformed_http', CLOSED],
    ['has a blank before a colon', get('X-A : b'), 400, 'malformed_http', CLOSED],
    ['has a tab before a colon', get('X-A\t: b'), 400, 'malformed_http', CLOSED],
    ['has a field without a name', get(': b'), 400, 'malformed_http', CLOSED],
    ['has a field without a colon', get('X-A'), 400, 'malformed_http', CLOSED],
    [
      'has a field called like a derived component',
      get('@method: PUT'),
      400,
      'malformed_http',
      CLOSED,
    ],
    ['has a field name in UTF-8', get('X-\xc3\xa4: b'), 400, 'malformed_http', CLOSED],
    ['has 17 KB in a value', get(`X-A: ${'x'.repeat(17_000)}`), 431, 'header_too_large', CLOSED],
    ['has 17 KB in a name', get(`${'x'.repeat(17_000)}: b`), 431, 'header_too_large', CLOSED],
    ['has 101 fields', get(...Array(100).fill('a:')), 431, 'header_too_large', CLOSED],
    ['has 10,000 fields', get(...Array(9_999).fill('a:')), 431, 'header_too_large', CLOSED],
    ['has 100 fields', get(...Array(99).fill('a:')), ...ok, OPEN],
    ['begins after empty lines', `\r\n\r\n${get()}`, ...ok, OPEN],
    [
      'spells names oddly',
      message('GET /healthz HTTP/1.1', ['hOsT:NODE  ', 'X-a:\t b \t']),
      ...ok,
      OPEN,
    ],
    ['asks for an upgrade', get('Connection: Upgrade', 'Upgrade: websocket'), ...ok, OPEN],
    ['asks for HTTP/2', get('Connection: Upgrade', 'Upgrade: h2c'), ...ok, OPEN],
  ])('%s', async (_, text, status, code, connection) => {
    expect(await send(text)).toEqual({ status, code, connection });
  });
});

describe('the framing of a write', () => {
  const framed = (...fields: string[]) =>
    message(
      `POST ${PATH} HTTP/1.1`,
      [HOST, 'Content-Type: application/json', ...fields],
      '0\r\n\r\n',
    );
  const chunked = 'Transfer-Encoding: chunked';
  const bad = [400, 'malformed_http', CLOSED] as const;
  const unsigned = [403, 'signature_missing', CLOSED] as const;
  test.each<Row>([
    ['is by length and chunks', framed('Content-Length: 5', chunked), ...bad],
    ['is by chunks and length', framed(chunked, 'Content-Length: 5'), ...bad],
    ['is by chunks and no length', framed(chunked, 'Content-Length: 0'), ...bad],
    ['is by two lengths', framed('Content-Length: 5', 'Content-Length: 6'), ...bad],
    ['is by the same length twice', framed('Content-Length: 5', 'content-length: 5'), ...bad],
    ['is by a list of lengths', framed('Content-Length: 5, 5'), ...bad],
    ['is by a length with a sign', framed('Content-Length: +5'), ...bad],
    ['is by a negative length', framed('Content-Length: -1'), ...bad],
    ['is by a hexadecimal length', framed('Content-Length: 0x5'), ...bad],
    ['is by a fraction', framed('Content-Length: 5.0'), ...bad],
    ['is by a length in two words', framed('Content-Length: 5 0'), ...bad],
    ['is by an empty length', framed('Content-Length:'), ...bad],
    ['is by a length over 2^64', framed('Content-Length: 18446744073709551617'), ...bad],
    ['is by chunks twice', framed(chunked, chunked), ...bad],
    ['is by chunks inside chunks', framed('Transfer-Encoding: chunked, chunked'), ...bad],
    ['is by chunks not at the end', framed('Transfer-Encoding: chunked, identity'), ...bad],
    ['is by no chunks', framed('Transfer-Encoding: identity'), ...bad],
    ['is by what looks like chunks', framed('Transfer-Encoding: xchunked'), ...bad],
    [
      'is by what a lenient parser takes for chunks',
      framed('Transfer-Encoding: \x0bchunked'),
      ...bad,
    ],
    ['is by chunks in a name with a blank', framed('Transfer-Encoding : chunked'), ...bad],
    ['is by compressed chunks', framed('Transfer-Encoding: gzip, chunked'), ...bad],
    ['is by chunks in HTTP/1.0', framed(chunked).replace('HTTP/1.1', 'HTTP/1.0'), ...bad],
    [
      'is by chunks in HTTP/1.0 to be kept alive',
      framed(chunked, 'Connection: keep-alive').replace('HTTP/1.1', 'HTTP/1.0'),
      ...bad,
    ],
    ['is by a length over the cap', framed('Content-Length: 262145'), 413, 'too_large', CLOSED],
    [
      'is by a length nobody has',
      framed('Content-Length: 9999999999999'),
      413,
      'too_large',
      CLOSED,
    ],
    [
      'repeats Content-Type',
      framed('Content-Type: text/plain', 'Content-Length: 5'),
      400,
      'field_repeated',
      CLOSED,
    ],
    ['is by chunks in capitals', framed('TRANSFER-ENCODING: CHUNKED'), ...unsigned],
    ['is by a length with zeros in front', framed('Content-Length: 005'), ...unsigned],
    [
      'comes with an expectation nobody knows',
      framed('Expect: coffee', 'Content-Length: 5'),
      ...unsigned,
    ],
  ])('%s', async (_, text, status, code, connection) => {
    expect(await send(text)).toEqual({ status, code, connection });
  });

  test.each(['Content-Length: 5', chunked])('a read with %s carries no body', async (field) => {
    const text = message('GET /api/v1/posts HTTP/1.1', [HOST, field], '0\r\n\r\n');
    expect(await send(text)).toEqual({ status: 400, code: 'unexpected_body', connection: CLOSED });
  });

  test('what is smuggled behind a refusal is not answered', async () => {
    const inner = here(message('GET /healthz HTTP/1.1', [HOST]));
    const outer = here(framed('Content-Length: 5', chunked)) + inner;
    const connection = new RawConnection(node.server.address.port).write(outer);
    expect((await connection.answer())?.code).toBe('malformed_http');
    await connection.closed;
    expect(connection.unread).toBe('');
  });
});
