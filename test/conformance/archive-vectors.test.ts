// Verifies the archives of spec/vectors/archive, as they are and with each damage that cases.json describes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createNodeCrypto } from '../../src/crypto/node.ts';
import { parseBodyLine } from '../../src/log/archive-format.ts';
import { verifyArchive } from '../../src/log/archive-verify.ts';
import { parsePolicy } from '../../src/log/policy.ts';
import { readTar, type TarMember, writeTar } from '../../src/log/tar.ts';
import { decodeUtf8, utf8 } from '../../src/protocol/bytes.ts';

interface Edit {
  readonly member: string;
  /** Text of the member that is replaced once; the whole member goes when there is none. */
  readonly find?: string;
  readonly put?: string;
  /** The member comes right before this other one instead. */
  readonly before?: string;
}

interface Case {
  readonly comment: string;
  readonly archive: string;
  readonly now: number;
  readonly edits?: readonly Edit[];
  readonly policy?: string;
  readonly since?: string;
  /** `node.json` of an older archive. */
  readonly knownStatement?: string;
  readonly notBefore?: number;
  readonly strictAuthors?: boolean;
  readonly expected: Record<string, unknown>;
}

const folder = join(import.meta.dirname, '../../spec/vectors/archive');
const { cases } = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as {
  cases: Case[];
};
const crypto = createNodeCrypto();

async function* once<T>(...values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

async function membersOf(archive: string): Promise<TarMember[]> {
  const bytes = new Uint8Array(readFileSync(join(folder, archive)));
  const limits = { maxSize: () => 1_000_000, maxMembers: 100, folders: new Set<string>() };
  const members: TarMember[] = [];
  for await (const member of readTar(once(bytes), limits)) members.push(member);
  return members;
}

function edited(members: TarMember[], { member, find, put, before }: Edit): TarMember[] {
  const at = members.findIndex(({ name }) => name === member);
  const { name, bytes } = members[at]!;
  const others = members.filter((_, i) => i !== at);
  if (before !== undefined) {
    const place = others.findIndex((other) => other.name === before);
    return others.toSpliced(place, 0, { name, bytes });
  }
  if (find === undefined) return others;
  const text = decodeUtf8(bytes);
  expect(text).toContain(find);
  return members.with(at, { name, bytes: utf8(text.replace(find, () => put ?? '')) });
}

describe('cases.json', () => {
  test.each(cases)('$comment', async ({ archive, now, policy, since, expected, ...more }) => {
    const before = await membersOf(archive);
    const members = (more.edits ?? []).reduce(edited, before);
    const parsed = policy === undefined ? null : parsePolicy(utf8(policy), crypto);
    if (parsed?.ok === false) throw new Error(parsed.detail);
    const report = await verifyArchive(writeTar(once(...members), 0), {
      crypto,
      now,
      ...(parsed ? { policy: parsed.policy } : {}),
      ...(since === undefined ? {} : { since }),
      ...(more.knownStatement === undefined ? {} : { knownStatement: utf8(more.knownStatement) }),
      ...(more.notBefore === undefined ? {} : { notBefore: more.notBefore }),
      strictAuthors: more.strictAuthors ?? false,
    });
    expect(report).toMatchObject(expected);
  });
});

describe('lines.json', () => {
  const lines = JSON.parse(readFileSync(join(folder, 'lines.json'), 'utf8')).cases as {
    comment: string;
    line: string;
    expected?: object;
  }[];
  test.each(lines)('$comment', ({ line, expected }) => {
    const read = parseBodyLine(utf8(line));
    if (expected === undefined) expect(read).toBeNull();
    else expect(read).toMatchObject(expected);
  });
});
