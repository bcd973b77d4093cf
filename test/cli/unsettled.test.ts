// A node that does not answer may have what it was sent: that node is asked again, and no other.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openShell, type Shell } from './exuvia.ts';

/** Keeps every body it is sent; refuses, or hangs up without an answer. */
class Listener {
  readonly bodies: string[] = [];
  hangsUp = true;
  readonly #server: Server = createServer((asked, answer) => {
    let body = '';
    asked.on('data', (chunk) => {
      body += chunk;
    });
    asked.on('end', () => {
      this.bodies.push(body);
      if (this.hangsUp) return asked.socket.destroy();
      answer.statusCode = 422;
      return answer.end('{"code":"malformed","detail":"No."}');
    });
  });

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const [silent, other] = [new Listener(), new Listener()];
let shell: Shell;

beforeAll(async () => {
  shell = await openShell();
  await shell.run('keygen');
});
afterAll(async () => {
  await Promise.all([shell.remove(), silent.close(), other.close()]);
});

test('what is unsettled goes to its node again, first and unchanged', {
  timeout: 30_000,
}, async () => {
  const [one, two] = [await silent.open(), await other.open()];
  const lost = await shell.run('join', '--name', 'Ada', '--node', one);
  expect(lost.code).toBe(1);
  const kept = silent.bodies[0];
  expect(new Set(silent.bodies)).toEqual(new Set([kept]));

  other.hangsUp = false;
  await shell.run('join', '--name', 'Ada', '--node', two);
  expect(other.bodies).not.toContain(kept);

  silent.bodies.length = 0;
  silent.hangsUp = false;
  const later = await shell.run('join', '--name', 'Ada again', '--node', one);
  expect(later.err).toContain(
    'An earlier act, of which there was no answer, was refused: malformed',
  );
  expect(silent.bodies[0]).toBe(kept);
  expect(silent.bodies).toHaveLength(2);

  silent.bodies.length = 0;
  await shell.run('join', '--name', 'Ada once more', '--node', one);
  expect(silent.bodies).toHaveLength(1);
});
