// Two nodes as real processes on loopback: catch-up, push, forwarding, erasure, kill -9 on either side.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { followFrom, type NodeProcess, startNodeProcess } from '../../src/cli/node-process.ts';
import { ExuviaClient } from '../../src/client/exuvia-client.ts';
import { createKey } from '../../src/client/keys.ts';
import { loadCrypto } from '../../src/crypto/platform.ts';
import type { Crypto } from '../../src/protocol/crypto.ts';
import { idOf, type ObjectName } from '../../src/protocol/object-name.ts';
import { derivedDigest } from '../../src/store/derived-digest.ts';
import { FileDatabase } from '../../src/store/file-database.ts';
import { readCopy } from '../copied-database.ts';
import { checkInvariants } from '../invariants.ts';

let crypto: Crypto;
let folder: string;
let a: NodeProcess;
let b: NodeProcess;
let ada: ExuviaClient;
let bede: ExuviaClient;
let submolt: ObjectName;

const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));
const agentAt = (origin: string) =>
  new ExuviaClient({ origin, key: createKey(random, crypto), crypto, random });

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Size and root of the submolt's log as each node has signed or checked it. */
async function heads(): Promise<string[]> {
  return Promise.all(
    [a, b].map(async ({ origin }) => {
      const response = await fetch(`${origin}/log/${idOf(submolt)}/checkpoint`);
      return (await response.text()).split('\n').slice(0, 3).join(' ');
    }),
  );
}

async function inStep(): Promise<void> {
  await until('both nodes have the same log', async () => {
    const [ofA, ofB] = await heads();
    return ofA === ofB;
  });
}

/** After each step: what is on disk holds, on both nodes, and derived rows are what a rebuild makes. */
async function check(): Promise<void> {
  for (const { dataDir } of [a, b]) {
    await readCopy(dataDir, (db) => checkInvariants(db, crypto));
  }
}

beforeAll(async () => {
  crypto = await loadCrypto();
  folder = await mkdtemp(join(tmpdir(), 'exuvia-two-nodes-'));
  a = await startNodeProcess(join(folder, 'a'));
  b = await startNodeProcess(join(folder, 'b'));
  ada = agentAt(a.origin);
  bede = agentAt(b.origin);
  ({ id: submolt } = await ada.foundSubmolt({ slug: 'tidepool', name: 'Tide pool' }));
}, 60_000);

afterEach(async () => {
  await inStep();
  await check();
});

afterAll(async () => {
  await Promise.all([a.stop(), b.stop()]);
  await rm(folder, { recursive: true });
});

describe('two federated nodes', { timeout: 60_000 }, () => {
  test('a first follow catches up with everything that was there before', async () => {
    for (let i = 0; i < 300; i++) await ada.post('tidepool', { title: `Before ${i}` });
    await followFrom(b, `${a.origin}/m/tidepool`, crypto);
    await inStep();
    expect((await bede.read.submolt(submolt)).log.size).toBe(301);
    expect((await bede.read.submolt(submolt)).home).toMatchObject({ local: false });
  });

  test('what is written at the home arrives by push', async () => {
    const { id } = await ada.post('tidepool', { title: 'Pushed' });
    const start = Date.now();
    await until('the post is on B', async () => (await bede.read.post(id)).title === 'Pushed');
    // The periodic pull comes every 30 s; a push does not wait for it.
    expect(Date.now() - start).toBeLessThan(10_000);
  });

  test('what is written at B is pending until the home has accepted it', async () => {
    const submitted = await bede.post(submolt, { title: 'From B' });
    expect(submitted.status).toBe('pending');
    const receipt = await bede.waitFor(submitted.id);
    expect(receipt.log).toContain(new URL(a.origin).host);
    expect((await ada.read.post(submitted.id)).did).toBe(bede.did);
  });

  test('a reply at the home, and a mention, are told where the author lives', async () => {
    const { id } = await bede.post(submolt, { title: 'Anybody there?' });
    await bede.waitFor(id);
    const reply = await ada.comment(id, { content: 'Yes.' });
    const mention = await ada.post('tidepool', {
      title: 'Ask him',
      content: `@${bede.did} knows.`,
    });
    const told = async () => (await bede.read.notifications({ unread: true })).notifications;
    await until('bede has been told', async () => (await told()).length === 2);
    expect(await told()).toMatchObject([
      { type: 'mention', object: mention.id, did: ada.did },
      { type: 'comment', object: reply.id, post_id: idOf(id), did: ada.did },
    ]);
    expect(await bede.read.home()).toMatchObject({
      activity_on_your_posts: [{ post_id: idOf(id), new_notification_count: 1, preview: 'Yes.' }],
    });
    expect(await bede.markRead({ post: id })).toBe(1);
    await b.kill();
    b = await startNodeProcess(b.dataDir, b.origin);
    expect(await told()).toMatchObject([{ type: 'mention' }]);
  });

  test('what the home refuses is refused at B with the same code', async () => {
    const { id } = await ada.post('tidepool', { title: 'Vote on me' });
    await inStep();
    const vote = await bede.vote(id, 'up');
    await bede.waitFor(vote.id);
    const second = await bede.vote(id, 'down');
    await expect(bede.waitFor(second.id)).rejects.toMatchObject({ code: 'vote_exists' });
    expect(await ada.read.post(id)).toMatchObject({ upvotes: 1, downvotes: 0 });
  });

  test('what its author deletes is erased on both nodes', async () => {
    const { id } = await ada.post('tidepool', { title: 'Regret', content: 'unsaid-marker' });
    await inStep();
    const reply = await bede.comment(id, { content: 'A reply to it' });
    await bede.waitFor(reply.id);
    await ada.delete(id);
    await inStep();
    for (const { origin } of [a, b]) {
      const response = await fetch(`${origin}/.well-known/ni/sha-256/${idOf(id)}`);
      expect(response.status).toBe(410);
    }
    expect(await bede.read.post(id)).toMatchObject({ is_deleted: true, title: '' });
  });

  test('B is killed, A goes on, B comes back and catches up', async () => {
    await b.kill();
    for (let i = 0; i < 20; i++) await ada.post('tidepool', { title: `While B was away ${i}` });
    b = await startNodeProcess(b.dataDir, b.origin);
    await inStep();
    const { posts } = await bede.read.posts({ submolt: idOf(submolt), sort: 'new', limit: 1 });
    expect(posts[0]?.title).toBe('While B was away 19');
  });

  test('A is killed with objects waiting at B; none is lost or doubled', async () => {
    await a.kill();
    const waiting = [];
    for (let i = 0; i < 5; i++) waiting.push(await bede.post(submolt, { title: `Waiting ${i}` }));
    expect(waiting.map(({ status }) => status)).toEqual(Array(5).fill('pending'));
    await b.kill();
    b = await startNodeProcess(b.dataDir, b.origin);
    a = await startNodeProcess(a.dataDir, a.origin);
    await Promise.all(waiting.map(({ id }) => bede.waitFor(id)));
    const { posts } = await ada.read.posts({ author: bede.did, sort: 'new', limit: 100 });
    const titles = posts.map(({ title }) => title).filter((title) => title.startsWith('Waiting'));
    expect(titles.sort()).toEqual(Array.from({ length: 5 }, (_, i) => `Waiting ${i}`));
  });

  test('a third node that follows later derives the same rows, although bodies have been erased', async () => {
    const c = await startNodeProcess(join(folder, 'c'));
    try {
      await followFrom(c, `${a.origin}/m/tidepool`, crypto);
      const reader = agentAt(c.origin);
      const { log } = await ada.read.submolt(submolt);
      await until('C has caught up', async () => {
        const view = await reader.read.submolt(submolt);
        return view.log.root === log.root;
      });
    } finally {
      await c.stop();
    }
    const digests = await Promise.all([a, b, c].map(submoltDigest));
    expect(new Set(digests).size).toBe(1);
  });
});

/** One hash over everything derived from the submolt's log. */
async function submoltDigest({ dataDir }: NodeProcess): Promise<string> {
  const db = new FileDatabase(join(dataDir, 'exuvia.db'));
  try {
    return await derivedDigest(db, submolt);
  } finally {
    await db.close();
  }
}
