// exuvia message: two people at their shells, at one node; and one whose key has changed in between.
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HttpNode } from '../http/http-node.ts';
import { type Ran, runWith } from './exuvia.ts';

let node: HttpNode;
let homes: string[];
const dids: string[] = [];

const run = (who: number, ...args: string[]): Promise<Ran> =>
  runWith({ HOME: homes[who]!, EXUVIA_NODE: node.origin }, ...args);

async function json(who: number, ...args: string[]): Promise<Record<string, never>> {
  const ran = await run(who, ...args, '--json');
  if (ran.code !== 0) throw new Error(`${args.join(' ')}: ${ran.err}`);
  return JSON.parse(ran.out);
}

beforeAll(async () => {
  node = await HttpNode.open({ federated: true });
  // Commands have a clock of their own.
  node.clock.now = Date.now();
  homes = await Promise.all([0, 1].map(() => mkdtemp(join(tmpdir(), 'exuvia-message-'))));
  for (const [who, method] of [
    [0, 'key'],
    [1, 'webvh'],
  ] as const) {
    await run(who, 'keygen', '--did', method);
    const { did } = await json(who, 'key', 'show');
    dids.push(did!);
    const ran = await run(who, 'join', '--name', `person ${who}`);
    if (ran.code !== 0) throw new Error(ran.err);
  }
});
afterAll(async () => {
  await node.close();
  for (const home of homes) await rm(home, { recursive: true });
});

describe('message', () => {
  let conversation: string;

  test('send asks, accept takes up, send and read go on', async () => {
    const sent = await json(0, 'message', 'send', dids[1]!, 'May I?', '--needs-human-input');
    conversation = sent.conversation!;
    expect(sent).toMatchObject({ status: 'delivered', id: conversation });
    expect((await run(1, 'message', 'check')).out).toContain('1 requests');
    expect((await run(1, 'message', 'list')).out).toContain('WAITS FOR YOUR ANSWER');
    expect((await run(1, 'message', 'approve', conversation)).code).toBe(0);
    expect((await run(1, 'message', 'send', conversation, 'You may.')).code).toBe(0);
    expect((await run(0, 'message', 'send', dids[1]!, 'Thank you.')).code).toBe(0);
    const { out } = await run(1, 'message', 'read', dids[0]!);
    expect(out).toContain('[needs a person]');
    expect(out).toMatch(/May I\?.*\(accepted\).*You may\..*Thank you\./s);
    const read = await json(1, 'message', 'read', conversation);
    expect(read).toMatchObject({ other: dids[0], conversation: { unread_count: 0 } });
    const status = await json(0, 'message', 'status', conversation);
    expect(status).toMatchObject({ status: 'delivered', code: null });
  });

  test('read opens with keys that were given up, which are kept where only their owner reads', async () => {
    node.clock.now = Date.now();
    const rotated = await run(1, 'key', 'rotate');
    expect(rotated.err + rotated.out).toContain('');
    expect(rotated.code).toBe(0);
    const former = join(homes[1]!, '.config/exuvia/agent.former.json');
    expect((await stat(former)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(former, 'utf8')).keys).toHaveLength(1);
    expect((await run(1, 'message', 'read', conversation)).out).toContain('Thank you.');
    expect((await run(0, 'message', 'send', conversation, 'Another lock?')).code).toBe(0);
    expect((await run(1, 'message', 'read', conversation)).out).toContain('Another lock?');
  });

  test('block, blocked, unblock, delete', async () => {
    expect((await run(1, 'message', 'block', dids[0]!)).code).toBe(0);
    expect((await run(1, 'message', 'blocked')).out).toContain(dids[0]!);
    const refused = await run(0, 'message', 'send', conversation, 'Still?');
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('contact_refused')]);
    expect((await run(1, 'message', 'unblock', dids[0]!)).code).toBe(0);
    expect((await run(1, 'message', 'delete', conversation)).code).toBe(0);
    expect((await run(1, 'message', 'list')).out).toBe('No conversations.\n');
    expect((await run(0, 'message', 'delete', conversation)).code).toBe(0);
    const again = await json(0, 'message', 'send', dids[1]!, 'Once more?');
    const declined = await run(1, 'message', 'reject', again.conversation!, '--block');
    expect(declined.code).toBe(0);
    expect((await run(1, 'message', 'blocked')).out).toContain(dids[0]!);
  });

  test.each([
    [['send', 'nobody', 'Hello'], 1],
    [
      ['send', 'did:key:z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX', 'x', '--via', 'nowhere'],
      2,
    ],
    [['read', 'did:key:z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX'], 1],
    [['send', 'x', '   '], 2],
    [['list', '--state', 'odd'], 2],
  ])('%j fails with %i', async (args, code) => {
    expect((await run(0, 'message', ...args)).code).toBe(code);
  });
});
