// export: what it asks a node for; from one that breaks off nothing that looks like an archive is left behind.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sample } from '../archive-verdict.ts';
import { openShell, type Shell } from './exuvia.ts';

let shell: Shell;
let whole: Buffer;
let answer: (socket: Socket) => void;
const sockets = new Set<Socket>();
const server = createServer((socket) => {
  sockets.add(socket);
  socket.on('error', () => undefined).once('data', () => answer(socket));
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  shell = await openShell({ EXUVIA_NODE: `http://127.0.0.1:${port}` });
  whole = Buffer.from(await sample().log.archive());
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  server.close();
  await shell.remove();
});

const head = (...fields: string[]) =>
  ['HTTP/1.1 200 OK', 'Content-Type: application/x-tar', ...fields, '', ''].join('\r\n');
const closes = (bytes: Uint8Array) => (socket: Socket) => {
  socket.write(head('Connection: close'));
  socket.end(bytes);
};
const half = () => whole.subarray(0, 10_240);

const exported = async () => {
  const { code, err } = await shell.run('export', 'system', '--out', 'x.tar');
  const left = ['x.tar', 'x.tar.part'].filter((name) => existsSync(join(shell.home, name)));
  return { code, err, left };
};

test.each<[string, () => (socket: Socket) => void]>([
  ['half of one, and the end of the connection', () => closes(half())],
  [
    'half of one in chunks that end well',
    () => (socket) => {
      socket.write(`${head('Transfer-Encoding: chunked')}${half().length.toString(16)}\r\n`);
      socket.write(half());
      socket.write('\r\n0\r\n\r\n');
    },
  ],
  [
    'half of one, and a connection that is cut',
    () => (socket) => {
      socket.write(head(`Content-Length: ${whole.length}`));
      socket.write(half(), () => socket.destroy());
    },
  ],
  ['a page', () => closes(Buffer.from('<html></html>'))],
  ['nothing', () => closes(Buffer.alloc(0))],
])('%s', async (_, make) => {
  answer = make();
  const { code, err, left } = await exported();
  expect({ code, left }).toEqual({ code: 1, left: [] });
  expect(err).toContain('gave no whole archive');
  // What was there before stays.
  writeFileSync(join(shell.home, 'x.tar'), 'older');
  await exported();
  expect(readFileSync(join(shell.home, 'x.tar'), 'utf8')).toBe('older');
  rmSync(join(shell.home, 'x.tar'));
});

test('of a refusal without an end no more than the beginning is read', async () => {
  answer = (socket) => {
    socket.write('HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n');
    // More than is read, and then nothing: who waits for the end waits for ever.
    socket.write(`40000\r\n${'a'.repeat(0x40000)}\r\n`);
  };
  const { code, err } = await exported();
  expect(code).toBe(1);
  expect(err.length).toBeLessThan(70_000);
});

test('a whole one', async () => {
  answer = closes(whole);
  expect((await exported()).code).toBe(0);
  expect(readFileSync(join(shell.home, 'x.tar')).equals(whole)).toBe(true);
});

const id = `-${'A'.repeat(42)}`;

test.each([
  ['an id', id],
  ['an object name', `ni:///sha-256;${id}`],
])('%s of a submolt needs no key', async (_, submolt) => {
  let asked = '';
  answer = (socket) => closes(whole)(socket);
  server.once('connection', (socket) => socket.once('data', (bytes) => (asked = `${bytes}`)));
  const { code, err } = await shell.run('export', submolt, '--out', 'x.tar');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(asked).toMatch(`GET /log/${id}/archive HTTP/1.1`);
});
