// Sends the acts and requests of spec/vectors/api to a node and compares its answers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/protocol/json.ts';
import { HttpNode } from '../http/http-node.ts';
import { Agent } from '../sandbox.ts';

interface Act {
  readonly by: string;
  /** Milliseconds of the node's clock. */
  readonly at: number;
  readonly draft: JsonObject;
  readonly status: number;
  readonly answer: unknown;
}

interface Question {
  readonly comment: string;
  readonly as: string | null;
  readonly path: string;
  readonly status: number;
  readonly answer: unknown;
}

const file = join(import.meta.dirname, '../../spec/vectors/api/answers.json');
const vectors = JSON.parse(readFileSync(file, 'utf8')) as {
  authority: string;
  acts: Act[];
  cases: Question[];
};

let node: HttpNode;

/** What a refusal says to people; its wording is not part of the protocol. */
const WORDS = ['title', 'detail', 'remedy', 'error', 'hint'];

/** The answer as if the node listened at the authority of the file; signed notes, which hold it, are left out. */
function settled(text: string): unknown {
  const named = text.replaceAll(node.context.node.authority, vectors.authority);
  const answer = JSON.parse(named, (key, value) => {
    const note = key === 'checkpoint' || (key === 'proof' && typeof value === 'string');
    // The id of a witness key is a hash over the authority.
    return note || key === 'witness' ? '…' : value;
  });
  if (!('code' in answer)) return answer;
  return Object.fromEntries(Object.entries(answer).filter(([name]) => !WORDS.includes(name)));
}

const answers: unknown[] = [];

beforeAll(async () => {
  node = await HttpNode.open({ federated: true });
  for (const { at, by, draft } of vectors.acts) {
    node.clock.now = at;
    const agent = new Agent(by);
    const { bytes } = await agent.sign(draft, at);
    const { status, text } = await node.submit(agent, bytes);
    answers.push({ status, answer: settled(text) });
  }
});
afterAll(() => node.close());

describe('answers.json', () => {
  test('acts are answered as they should be', () => {
    expect(answers).toEqual(vectors.acts.map(({ answer, status }) => ({ status, answer })));
  });

  test.each(vectors.cases)('$path: $comment', async ({ as, path, status, answer }) => {
    const sent = as === null ? await node.send(path) : await node.ask(new Agent(as), path);
    expect({ status: sent.status, answer: settled(sent.text) }).toEqual({ status, answer });
  });
});
