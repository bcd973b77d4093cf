// A node that sends control characters wherever it may: none of them reaches the terminal.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openShell, type Shell } from './exuvia.ts';

/** Clears the screen, sets the window's title, reverses what follows; the same with one C1 character. */
const HOSTILE = '\u001b[2J\u001b]0;owned\u0007\u202e\u009b31m';
const UNPRINTABLE = /(?!\n)[\p{Cc}\p{Cf}]/u;

const post = {
  id: HOSTILE,
  did: HOSTILE,
  title: HOSTILE,
  content: HOSTILE,
  author: { did: HOSTILE, name: HOSTILE },
  submolt: { name: HOSTILE },
  score: 0,
  comment_count: HOSTILE,
  created_at: HOSTILE,
};

let server: Server;
let shell: Shell;

beforeAll(async () => {
  server = createServer(({ url = '' }, answer) => {
    if (url.startsWith('/api/v1/posts')) {
      answer.end(JSON.stringify({ posts: [post], has_more: false, next_cursor: null }));
      return;
    }
    answer.statusCode = 404;
    const problem = { code: HOSTILE, detail: HOSTILE, remedy: HOSTILE };
    answer.end(url.startsWith('/log/') ? HOSTILE : JSON.stringify(problem));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  shell = await openShell({ EXUVIA_NODE: `http://127.0.0.1:${port}` });
  await shell.run('keygen');
});

afterAll(async () => {
  await shell.remove();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test.each([
  ['posts', ['feed'], 0],
  ['posts as JSON', ['feed', '--json'], 0],
  ['a refusal', ['submolt', 'show', 'x'], 1],
  ['a download that is none', ['export', 'system', '--out', 'x.tar'], 1],
])('%s', async (_, args, code) => {
  const ran = await shell.run(...args);
  expect(ran.code).toBe(code);
  expect(ran.out + ran.err).toContain('owned');
  expect(ran.out + ran.err).not.toMatch(UNPRINTABLE);
});

test('JSON keeps what was sent, escaped', async () => {
  expect(await shell.json('feed')).toMatchObject({ posts: [post] });
});
