// Known DID logs are kept for a moment, and never longer than until a statement comes.
import { expect, test } from 'vitest';
import { RotatingAgent } from '../../test/rotating-agent.ts';
import type { Did } from '../protocol/did.ts';
import { createKnownDidLogs } from './known-did-logs.ts';

function world() {
  const ada = new RotatingAgent('ada', 'agents.example', 0);
  const texts = new Map<Did, string>([[ada.log.subject, ada.text]]);
  const clock = { now: 0 };
  const gates: Promise<void>[] = [];
  let reads = 0;
  const known = createKnownDidLogs({
    now: () => clock.now,
    async find(subject) {
      reads += 1;
      const text = texts.get(subject) ?? null;
      await gates.shift();
      return text;
    },
  });
  const { subject } = ada.log;
  const versionOf = async () => (await known.get(subject))?.versions.length;
  const rotate = () => texts.set(subject, ada.rotate(0).text);
  return { clock, gates, known, rotate, subject, versionOf, reads: () => reads };
}

test('a log is read once in two seconds', async () => {
  const { clock, reads, rotate, versionOf } = world();
  expect([await versionOf(), await versionOf()]).toEqual([1, 1]);
  expect(reads()).toBe(1);
  rotate();
  clock.now += 1_999;
  expect(await versionOf()).toBe(1);
  clock.now += 1;
  expect(await versionOf()).toBe(2);
});

test('a statement ends what was read before, and what is being read while it comes', async () => {
  const { gates, known, rotate, versionOf } = world();
  const { promise, resolve } = Promise.withResolvers<void>();
  gates.push(promise);
  const begun = versionOf();
  rotate();
  known.forget();
  resolve();
  // Whoever asked before the statement may have the log of before; nobody after it has.
  expect(await begun).toBe(1);
  expect(await versionOf()).toBe(2);
});

test('nobody is remembered as unknown, and who insists is read anew', async () => {
  const { known, rotate, subject } = world();
  const stranger = new RotatingAgent('bob', 'agents.example', 0).log.subject;
  expect(await known.get(stranger)).toBeNull();
  await known.get(subject);
  rotate();
  expect((await known.get(subject, { fresh: true }))?.versions.length).toBe(2);
  expect((await known.get(subject))?.versions.length).toBe(2);
});
