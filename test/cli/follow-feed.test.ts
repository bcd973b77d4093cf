// feed --follow: events as lines for people and for programs, until it is stopped or nobody reads any more.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../src/cli/program.ts';
import type { ActivityDraft } from '../../src/protocol/activity.ts';
import { idOf, type ObjectName } from '../../src/protocol/object-name.ts';
import { comment, group, post } from '../drafts.ts';
import { HttpNode } from '../http/http-node.ts';
import { Agent } from '../sandbox.ts';

const ada = new Agent('ada');
const home = mkdtempSync(join(tmpdir(), 'exuvia-follow-'));
let node: HttpNode;
let submolt: ObjectName;

beforeAll(async () => {
  node = await HttpNode.open({ pace: { read: 1, votes: 5, heartbeat: 50 } });
  submolt = await node.accept(ada, group('general', node.context.node.did));
  expect((await follow(['keygen'], async () => undefined)).code).toBe(0);
});
afterAll(async () => {
  await node.close();
  rmSync(home, { recursive: true });
});

/** Runs the command until `meanwhile` is done and everything that it waits for has been printed. */
async function follow(
  args: string[],
  meanwhile: (until: (text: string) => Promise<void>) => Promise<unknown>,
  stop: 'stopped' | 'unheard' = 'stopped',
): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const end = Promise.withResolvers<void>();
  const never = new Promise<void>(() => undefined);
  const running = run(args, {
    env: { HOME: home, EXUVIA_NODE: node.origin },
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    interactive: false,
    readInput: async () => '',
    now: () => node.clock.now,
    random: (length) => globalThis.crypto.getRandomValues(new Uint8Array(length)),
    stopped: () => (stop === 'stopped' ? end.promise : never),
    unheard: () => (stop === 'unheard' ? end.promise : never),
  });
  const until = async (text: string) => {
    while (!(said.out + said.err).includes(text)) await new Promise((done) => setImmediate(done));
  };
  await meanwhile(until);
  end.resolve();
  return { code: await running, ...said };
}

test('prints what comes, for people', async () => {
  const { code, out } = await follow(['feed', '--follow'], async (until) => {
    await until('Waiting for what comes');
    const thread = await node.accept(ada, post(submolt, 'Spring \u202etide'));
    await node.accept(ada, comment(submolt, thread, 'first line\nsecond line'));
    const liked = { type: 'Like', audience: submolt, object: thread } as ActivityDraft;
    await node.accept(new Agent('bob'), liked);
    await until('votes ');
    await node.accept(ada, { type: 'Delete', audience: submolt, object: thread } as ActivityDraft);
    await until('gone ');
  });
  expect(code).toBe(0);
  expect(out).toContain('post     Spring \uFFFDtide\n         m/general · ');
  expect(out).toContain('comment  first line\n         on ');
  expect(out).toMatch(/votes {4}[\w-]{43} {2}1 \(1 up, 0 down\)\n/);
  expect(out).toMatch(/gone {5}post [\w-]{43} \(deleted\)\n/);
});

test('prints one event in each line, and goes on from any of them', async () => {
  const acts: ObjectName[] = [];
  const args = ['feed', '--follow', '--json', '--submolt', 'general', '--events', 'post'];
  const first = await follow(args, async (until) => {
    await until('Waiting');
    for (const title of ['One', 'Two']) acts.push(await node.accept(ada, post(submolt, title)));
    await until(idOf(acts[1]!));
  });
  const lines = first.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ data, event }) => [event, data.act])).toEqual(
    acts.map((act) => ['post', act]),
  );
  const again = await follow(
    [...args, '--after', lines[0].id],
    (until) => until(idOf(acts[1]!)),
    'unheard',
  );
  expect(
    again.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).data.act),
  ).toEqual([acts[1]]);
  expect(again.code).toBe(0);
});

test('says what is wrong with what it is asked', async () => {
  const wrong = await follow(['feed', '--follow', '--events', 'posts'], async () => undefined);
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('posts is none of')]);
  const old = await follow(['feed', '--follow', '--after', 'x'], (until) =>
    until('event_id_malformed'),
  );
  expect([old.code, old.err]).toEqual([1, expect.stringContaining('event_id_malformed')]);
});
