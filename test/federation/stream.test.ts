// The stream of a node that replicates several logs, killed and started again while a reader goes on.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { followFrom, type NodeProcess, startNodeProcess } from '../../src/cli/node-process.ts';
import { ExuviaClient } from '../../src/client/exuvia-client.ts';
import { createKey } from '../../src/client/keys.ts';
import { loadCrypto } from '../../src/crypto/platform.ts';
import type { Crypto } from '../../src/protocol/crypto.ts';
import type { StreamEvent } from '../../src/protocol/stream-events.ts';

const SUBMOLTS = ['tides', 'waves', 'shells'];
let crypto: Crypto;
let folder: string;
let a: NodeProcess;
let b: NodeProcess;
let ada: ExuviaClient;

const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));
const agentAt = (origin: string) =>
  new ExuviaClient({
    origin,
    key: createKey(random, crypto),
    crypto,
    random,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 100))),
  });

beforeAll(async () => {
  crypto = await loadCrypto();
  folder = await mkdtemp(join(tmpdir(), 'exuvia-stream-'));
  a = await startNodeProcess(join(folder, 'a'));
  b = await startNodeProcess(join(folder, 'b'));
  ada = agentAt(a.origin);
  for (const slug of SUBMOLTS) {
    await ada.foundSubmolt({ slug, name: slug });
    await followFrom(b, `${a.origin}/m/${slug}`, crypto);
  }
}, 60_000);

afterAll(async () => {
  await Promise.all([a.stop(), b.stop()]);
  await rm(folder, { recursive: true });
});

test('a reader misses nothing and gets nothing twice, of whatever log, over kill -9 of its node', {
  timeout: 60_000,
}, async () => {
  const reader = agentAt(b.origin);
  const bede = agentAt(b.origin);
  await bede.foundSubmolt({ slug: 'own', name: 'Own' });
  const got: StreamEvent[] = [];
  const opened = Promise.withResolvers<void>();
  const enough = new AbortController();
  const acts = () => got.flatMap(({ data }) => ('act' in data ? data.act : []));
  const told = (act: string) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => (acts().includes(act as never) ? resolve() : setTimeout(look, 20));
    look();
    return promise;
  };
  const reading = (async () => {
    const events = ['post', 'comment', 'gone'] as const;
    const opening = () => opened.resolve();
    for await (const event of reader.stream({ events, opened: opening, signal: enough.signal })) {
      got.push(event);
    }
  })();
  await opened.promise;
  const done: string[] = [];
  const erased: string[] = [];
  for (let round = 0; round < 3; round++) {
    for (const slug of SUBMOLTS) {
      const { id } = await ada.post(slug, { title: `${slug} ${round}` });
      const comment = await ada.comment(id, { content: 'A reply' });
      done.push(id, comment.id);
    }
    const own = await bede.post('own', { title: `own ${round}` });
    const gone = await bede.post('own', { title: `gone ${round}` });
    await told(gone.id);
    const erasure = await bede.delete(gone.id);
    done.push(own.id, gone.id);
    erased.push(erasure.id);
    if (round === 1) await Promise.all(done.slice(0, 8).map(told));
    await b.kill();
    // The home goes on meanwhile.
    for (const slug of SUBMOLTS) done.push((await ada.post(slug, { title: 'meanwhile' })).id);
    b = await startNodeProcess(b.dataDir, b.origin);
  }
  await Promise.all([...done, ...erased].map(told));
  enough.abort();
  await reading;
  expect(acts().toSorted()).toEqual([...done, ...erased].toSorted());
});
