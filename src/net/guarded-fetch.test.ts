// The guarded client against real loopback servers and a resolver that changes its mind.
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createGuardedFetch,
  type GuardedFetch,
  type GuardedFetchOptions,
} from './guarded-fetch.ts';
import { checkedAddresses, createGuardedLookup } from './guarded-lookup.ts';

const closers: Array<() => Promise<unknown>> = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(listener: RequestListener): Promise<{ url: string; port: number }> {
  const server: Server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port };
}

/** A server that need not speak HTTP. */
async function listen(talk: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    talk(socket);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => server.close(done));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function client(options: Partial<GuardedFetchOptions> = {}): GuardedFetch {
  const made = createGuardedFetch({ loopback: true, ...options });
  closers.push(() => made.close());
  return made;
}

describe('guarded fetch', () => {
  it('sends method, headers and body and reads the answer', async () => {
    const { url } = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        response.setHeader('x-method', request.method ?? '');
        response.setHeader('x-asked', request.headers['accept-encoding'] ?? '');
        response.setHeader('x-mine', request.headers['x-mine'] ?? '');
        response.statusCode = 418;
        response.end(Buffer.concat(chunks));
      });
    });
    const body = new TextEncoder().encode('hello');
    const answer = await client().request(`${url}/a`, {
      method: 'POST',
      headers: { 'x-mine': 'yes' },
      body,
    });
    expect(answer.status).toBe(418);
    expect(answer.header('x-method')).toBe('POST');
    expect(answer.header('x-asked')).toBe('identity');
    expect(answer.header('x-mine')).toBe('yes');
    expect(answer.header('x-none')).toBeNull();
    expect(answer.body).toEqual(body);
  });

  it('reaches localhost by name without asking a resolver', async () => {
    const { port } = await serve((_, response) => response.end('ok'));
    const resolve = () => Promise.reject(new Error('must not be asked'));
    const answer = await client({ resolve }).request(`http://localhost:${port}/`);
    expect(new TextDecoder().decode(answer.body)).toBe('ok');
  });

  it('refuses a loopback server when the node is not on loopback', async () => {
    let asked = 0;
    const { url } = await serve((_, response) => {
      asked++;
      response.end();
    });
    const refusal = client({ loopback: false }).request(url);
    await expect(refusal).rejects.toMatchObject({ code: 'url_refused', retryable: false });
    expect(asked).toBe(0);
  });

  it.each([300, 301, 302, 303, 305, 306, 307, 308, 399])(
    'refuses a %i redirect and does not follow it',
    async (status) => {
      const paths: (string | undefined)[] = [];
      const { url } = await serve((request, response) => {
        paths.push(request.url);
        response.writeHead(status, { location: '/elsewhere' }).end();
      });
      await expect(client().request(`${url}/here`)).rejects.toMatchObject({
        code: 'redirect_refused',
      });
      expect(paths).toEqual(['/here']);
    },
  );

  it('refuses a body that is declared too large', async () => {
    const { url } = await serve((_, response) => response.end(Buffer.alloc(1001)));
    await expect(client().request(url, { maxBytes: 1000 })).rejects.toMatchObject({
      code: 'too_large',
    });
    expect((await client().request(url, { maxBytes: 1001 })).body.length).toBe(1001);
  });

  it('stops reading an endless body at the cap', async () => {
    let sent = 0;
    const { url } = await serve((_, response) => {
      const pump = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536))) sent += 65_536;
        if (!response.destroyed) response.once('drain', pump);
      };
      pump();
    });
    await expect(client().request(url)).rejects.toMatchObject({ code: 'too_large' });
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  it.each<[string, string[]]>([
    ['gzip', ['gzip']],
    ['x-gzip', ['x-gzip']],
    ['br', ['br']],
    ['zstd', ['zstd']],
    ['deflate', ['deflate']],
    ['gzip in two steps', ['identity, gzip']],
    ['gzip in two fields', ['identity', 'gzip']],
    ['nothing that has a name', ['']],
  ])('refuses an answer that is compressed with %s', async (_, encodings) => {
    // A megabyte of zeros in a kilobyte: the cap would count the kilobyte.
    const bomb = gzipSync(Buffer.alloc(1_000_000));
    const { url } = await serve((_, response) =>
      response.setHeader('content-encoding', encodings).end(bomb),
    );
    await expect(client().request(url)).rejects.toMatchObject({ code: 'encoding_refused' });
  });

  it('hands on what is compressed and does not say so, as it came', async () => {
    const bomb = gzipSync(Buffer.alloc(1_000_000));
    const { url } = await serve((_, response) => response.end(bomb));
    expect((await client().request(url)).body).toEqual(new Uint8Array(bomb));
  });

  it('counts the bytes of a body that grows past the cap in chunks, or has no end but the connection', async () => {
    const chunked = await serve((_, response) => {
      response.write(Buffer.alloc(600));
      response.end(Buffer.alloc(401));
    });
    const endless = await serve((_, response) => {
      response.removeHeader('transfer-encoding');
      response.setHeader('connection', 'close');
      response.useChunkedEncodingByDefault = false;
      response.end(Buffer.alloc(1001));
    });
    for (const { url } of [chunked, endless]) {
      await expect(client().request(url, { maxBytes: 1000 })).rejects.toMatchObject({
        code: 'too_large',
      });
      expect((await client().request(url, { maxBytes: 1001 })).body).toHaveLength(1001);
    }
  });

  it.each<[string, (socket: Socket) => void]>([
    [
      'a head of 20 KB',
      (socket) => socket.end(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`),
    ],
    ['what is not HTTP', (socket) => socket.end('HELLO\r\n\r\n')],
    ['nothing', (socket) => socket.end()],
    [
      'two lengths',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'),
    ],
    [
      'less than its length',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab'),
    ],
    [
      'no last chunk',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n'),
    ],
    [
      'another protocol',
      (socket) => socket.end('HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    ],
  ])('takes no answer from a server that sends %s', async (_, answer) => {
    const url = await listen((socket) => socket.once('data', () => answer(socket)));
    await expect(client().request(url)).rejects.toMatchObject({
      code: 'connection_failed',
      retryable: true,
    });
  });

  it.each<[string, string, string]>([
    ['head', 'HTTP/1.1 200 OK\r\n', 'x: y\r\n'],
    ['interim answers', '', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
    ['body', 'HTTP/1.1 200 OK\r\n\r\n', '.'],
    ['extension of a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;', 'a'],
  ])('gives up on a server whose %s drips', async (_, head, drop) => {
    const url = await listen((socket) => {
      socket.once('data', () => socket.write(head));
      const drip = setInterval(() => socket.write(drop), 10);
      socket.once('close', () => clearInterval(drip));
    });
    await expect(client().request(url, { timeMs: 200 })).rejects.toMatchObject({
      code: 'timed_out',
      retryable: true,
    });
  });

  it('gives up on a server that never answers, and on one that drips', async () => {
    const silent = await serve(() => undefined);
    const dripping = await serve((_, response) => {
      const drip = setInterval(() => response.write('.'), 10);
      response.on('close', () => clearInterval(drip));
    });
    for (const { url } of [silent, dripping]) {
      const started = performance.now();
      await expect(client().request(url, { timeMs: 150 })).rejects.toMatchObject({
        code: 'timed_out',
        retryable: true,
      });
      expect(performance.now() - started).toBeLessThan(5_000);
    }
  });

  it('gives up when the name never resolves', async () => {
    const resolve = () => new Promise<string[]>(() => undefined);
    const answer = client({ resolve }).request('https://slow.example.com/', { timeMs: 100 });
    await expect(answer).rejects.toMatchObject({ code: 'timed_out' });
  });

  it('stops when the caller does', async () => {
    const { url } = await serve(() => undefined);
    const stop = new AbortController();
    const answer = client().request(url, { signal: stop.signal });
    stop.abort();
    await expect(answer).rejects.toMatchObject({ code: 'closed' });
    await expect(client().request(url, { signal: stop.signal })).rejects.toMatchObject({
      code: 'closed',
    });
  });

  it('tells a refused connection from a refused address', async () => {
    const { url, port } = await serve(() => undefined);
    await closers.pop()?.();
    await expect(client().request(url)).rejects.toMatchObject({ code: 'connection_failed' });
    const inside = client({ resolve: async () => ['10.0.0.1'] });
    await expect(inside.request(`https://host${port}.example.com/`)).rejects.toMatchObject({
      code: 'address_refused',
      retryable: false,
    });
  });

  it('reports a name without addresses as unresolvable', async () => {
    const none = client({ resolve: async () => [] });
    const failing = client({ resolve: () => Promise.reject(new Error('ENOTFOUND')) });
    for (const made of [none, failing]) {
      await expect(made.request('https://host.example.com/')).rejects.toMatchObject({
        code: 'name_unresolvable',
        retryable: true,
      });
    }
  });
});

describe('name resolution', () => {
  it.each([
    ['one private address among public ones', ['93.184.216.34', '192.168.0.1']],
    ['a loopback address', ['127.0.0.1']],
    ['a mapped address', ['::ffff:10.0.0.1']],
    ['something that is no address', ['localhost']],
  ])('refuses a name with %s, on loopback too', async (_, addresses) => {
    for (const loopback of [false, true]) {
      await expect(
        checkedAddresses('host.example.com', async () => addresses, loopback),
      ).rejects.toMatchObject({ code: 'address_refused' });
    }
  });

  it('hands a socket the addresses it has checked, and checks every later answer again', async () => {
    const answers = [['93.184.216.34', '2606:4700::1111'], ['127.0.0.1']];
    const lookup = createGuardedLookup(async () => answers.shift() ?? [], false);
    const ask = () =>
      new Promise<unknown>((done, fail) =>
        lookup('rebind.example.com', { all: true }, (error, found) =>
          error ? fail(error) : done(found),
        ),
      );
    expect(await ask()).toEqual([
      { address: '93.184.216.34', family: 4 },
      { address: '2606:4700::1111', family: 6 },
    ]);
    await expect(ask()).rejects.toMatchObject({ code: 'address_refused' });
  });

  it('asks once per connection, so there is no second answer to be deceived by', async () => {
    const asked: string[] = [];
    const answers = [['127.0.0.1'], ['93.184.216.34']];
    const made = client({
      resolve: async (host) => {
        asked.push(host);
        return answers.shift() ?? [];
      },
    });
    const refused = made.request('https://rebind.example.com/');
    await expect(refused).rejects.toMatchObject({ code: 'address_refused' });
    expect(asked).toEqual(['rebind.example.com']);
  });
});
