// Reading a span of leaves: proven against the root, bounded in memory, refused when it changes.
import { describe, expect, it } from 'vitest';
import { createNodeCrypto } from '../crypto/node.ts';
import { encodeEntry, makeEntry } from '../log/entry.ts';
import { Frontier, leafHash } from '../log/merkle.ts';
import { PAGE_ENTRIES, readSpan } from './read-span.ts';
import type { RemoteLog } from './remote-log.ts';

const crypto = createNodeCrypto();

function leaves(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) =>
    encodeEntry(makeEntry(crypto.sha256(Uint8Array.of(i, i >> 8, i >> 16)), 'Create', 1_000 + i)),
  );
}

function frontierOf(lines: readonly Uint8Array[]): Frontier {
  const frontier = new Frontier(crypto);
  for (const line of lines) frontier.append(leafHash(line, crypto));
  return frontier;
}

/** A log that gives at most `most` entries at a time and may change what it gives. */
function remoteOf(lines: Uint8Array[], most = PAGE_ENTRIES) {
  const asked: number[] = [];
  const remote: RemoteLog = {
    checkpoint: () => Promise.reject(new Error('not asked here')),
    bodies: () => Promise.reject(new Error('not asked here')),
    async entries(start, limit) {
      asked.push(start);
      return { ok: true, value: lines.slice(start, start + Math.min(limit, most)) };
    },
  };
  return { remote, asked };
}

const checkpointOf = (lines: readonly Uint8Array[]) => ({
  origin: 'node.example/log/system',
  size: lines.length,
  root: frontierOf(lines).root(),
});

describe('readSpan', () => {
  it.each([
    [0, 1, 256],
    [0, 300, 256],
    [255, 257, 256],
    [700, 1500, 100],
  ])('reads from %i to %i, at most %i at a time', async (from, to, most) => {
    const lines = leaves(to + 5);
    const { remote } = remoteOf(lines, most);
    const goal = checkpointOf(lines.slice(0, to));
    const span = await readSpan(remote, frontierOf(lines.slice(0, from)), goal, crypto);
    expect(span.ok).toBe(true);
    if (!span.ok) return;
    const read: Uint8Array[] = [];
    for (let page = 0; page < span.pages.length; page++) {
      const got = await span.lines(page);
      if (got.ok) read.push(...got.value);
    }
    expect(read).toEqual(lines.slice(from, to));
    expect(Math.max(...span.pages.map(({ count }) => count))).toBeLessThanOrEqual(most);
  });

  it('refuses leaves that lead to another root: one changed, dropped, swapped or added before the end', async () => {
    const lines = leaves(20);
    const goal = checkpointOf(lines);
    const extra = encodeEntry(makeEntry(new Uint8Array(32), 'Like', 5));
    const changes: Uint8Array[][] = [
      lines.with(7, extra),
      [...lines.toSpliced(7, 1), extra],
      lines.with(7, lines[8] as Uint8Array).with(8, lines[7] as Uint8Array),
      lines.toSpliced(7, 0, extra),
    ];
    for (const changed of changes) {
      const result = await readSpan(remoteOf(changed).remote, frontierOf([]), goal, crypto);
      expect(result).toMatchObject({ ok: false, mismatch: true });
    }
    const replica = frontierOf(lines.slice(0, 5).with(0, extra));
    expect(await readSpan(remoteOf(lines).remote, replica, goal, crypto)).toMatchObject({
      mismatch: true,
    });
  });

  it('keeps the first megabytes and asks again for the rest, which must not have changed', async () => {
    const lines = leaves(60_000);
    const { remote, asked } = remoteOf(lines, PAGE_ENTRIES);
    const span = await readSpan(remote, new Frontier(crypto), checkpointOf(lines), crypto);
    if (!span.ok) throw new Error('expected a span');
    const once = asked.length;
    expect((await span.lines(0)).ok).toBe(true);
    expect(asked.length).toBe(once);
    const last = span.pages.length - 1;
    expect(await span.lines(last)).toMatchObject({ ok: true });
    expect(asked.length).toBe(once + 1);
    lines[59_999] = lines[0] as Uint8Array;
    expect(await span.lines(last)).toMatchObject({ ok: false, again: true });
  });

  it('passes trouble with the home on', async () => {
    const trouble = { ok: false as const, again: true, detail: 'down' };
    const failing: RemoteLog = {
      ...remoteOf([]).remote,
      entries: async () => ({
        ...trouble,
        status: null,
        problem: {},
        retryAfterMs: null,
        tooLarge: false,
      }),
    };
    const goal = checkpointOf(leaves(3));
    expect(await readSpan(failing, new Frontier(crypto), goal, crypto)).toMatchObject(trouble);
  });
});
