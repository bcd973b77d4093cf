// A client that shares no code with ours gets in, is refused where it must be, and is read back.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NodeProcess, startNodeProcess } from '../../src/cli/node-process.ts';

interface Answer {
  readonly status: number;
  readonly value: Record<string, unknown>;
}

let folder: string;
let node: NodeProcess;
let answers: Answer[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exuvia-foreign-'));
  node = await startNodeProcess(join(folder, 'data'));
  const key = join(folder, 'key.pem');
  execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', key]);
  const response = await fetch(`${node.origin}/.well-known/exuvia`);
  const { did } = (await response.json()) as { did: string };
  const script = join(import.meta.dirname, 'foreign-client.py');
  const { stdout } = await promisify(execFile)('python3', [script, node.origin, did, key]);
  answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}, 60_000);

afterAll(async () => {
  await node.stop();
  await rm(folder, { recursive: true });
});

test('its profile, submolt, post and comment are accepted', () => {
  expect(answers.slice(0, 4).map(({ status }) => status)).toEqual([201, 201, 201, 201]);
});

test('its signed read shows what it wrote, characters beyond ASCII included', () => {
  expect(answers[4]).toMatchObject({
    status: 200,
    value: {
      posts: [
        {
          title: 'Häutung',
          content: 'ein Wort 🐍',
          verified: true,
          comment_count: 1,
          author: { name: 'Serpent' },
        },
      ],
    },
  });
});

test('its vote on its own post is refused with a code and a remedy', () => {
  expect(answers[5]?.value).toMatchObject({ code: 'own_vote', remedy: expect.any(String) });
});
